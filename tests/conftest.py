"""What all tests share: servers, a wheel, what takes long to train; and which tests are slow, and what goes together.

The processes of pytest-xdist do not know of each other. What `once` has made, all of them have.
"""

import fcntl
import hashlib
import os
import pickle
import subprocess
import sys

import pytest

from fbviz.learning.compiled.cache import folder
from fbviz.learning.compiled.loading import ENTRY
from tests.learning.runners import watch
from tests.server import Server
from tests.wheel import installed

NARROW = {"RUNS": "2", "REST": "1", "SHARE": "3600", "GRACE": "1", "RELEASE": "2", "SILENCE": "2"}


# Made once.


@pytest.fixture(scope="session")
def together(tmp_path_factory):
    """A folder of all processes of this run of the suite."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if base.name.startswith("popen-") else base


@pytest.fixture(scope="session")
def once(together):
    """once(make, *given): what make(*given) returns, made in whichever process asks first."""

    def get(make, *given):
        asked = [part.__qualname__ if callable(part) else repr(part) for part in (make, *given)]
        path = together / hashlib.sha256(str(asked).encode()).hexdigest()
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # whoever comes later waits
            if not path.exists():
                path.write_bytes(pickle.dumps(make(*given)))
        return pickle.loads(path.read_bytes())

    return get


@pytest.fixture
def watched(once):
    """watched(program, query, values): its last frame, and the networks that have learned in it to think."""
    return lambda program, query="", values=None: once(watch, program, query, values or {})


@pytest.fixture(scope="session")
def wheel(once, together):
    """The folder a fresh wheel was installed into."""
    return once(installed, together / "wheel")


# Servers.


@pytest.fixture(scope="session")
def host():
    with Server() as server:
        yield server


@pytest.fixture
def server(host):
    """A real server, in which no run of an earlier test goes on."""
    before = host.workers()
    yield host
    host.clear(but=before)


@pytest.fixture(scope="session")
def narrow_host():
    with Server(**{f"FBVIZ_{name}": value for name, value in NARROW.items()}) as server:
        yield server


@pytest.fixture
def narrow(narrow_host):
    """One of two places, that soon takes a browser as gone, a pause as a rest and a silence as an end."""
    yield narrow_host
    narrow_host.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session):
    """The kernel is compiled once, for all processes and all servers, whatever home those are given."""
    folder()  # which looks for another place where nothing can be written
    if not hasattr(session.config, "workerinput"):
        subprocess.run([sys.executable, "-c", f"import {ENTRY}"], check=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """Two more than there are cores: a test that looks at a browser mostly waits."""
    return (os.cpu_count() or 2) + 2


# Which are slow, and what goes together.

TRAINED, READERS, BROWSERS, SERVERS, LONG, FAST = range(6)  # in this order they begin: what takes longest, first
TAKE_LONG = (  # a second and more, each or together
    "test_arithmetic.py::test_a_run_counts",
    "test_arithmetic.py::test_the_process",
    "test_article.py::test_a_run_that_is_made_longer",
    "test_article.py::test_after_1000",
    "test_article.py::test_all_four",
    "test_article.py::test_the_boundary",
    "test_chapters_filled.py",
    "test_claims.py::test_every_phrase",
    "test_cli.py::test_ctrl_c",
    "test_compiled.py",
    "test_dials.py::test_wherever",
    "test_durations.py",
    "test_dynamics.py::test_a_basin",
    "test_dynamics.py::test_a_free_loop",
    "test_dynamics.py::test_a_loop_that_breaks",
    "test_dynamics.py::test_any_experiment",
    "test_dynamics.py::test_kinds_have",
    "test_dynamics.py::test_of_runs_side_by_side",
    "test_fixed_points.py::test_anderson_needs",
    "test_fuzz.py",
    "test_hopfield.py::test_a_curve",
    "test_hopfield.py::test_five_hundred",
    "test_hopfield.py::test_the_classical",
    "test_hopfield.py::test_the_modern",
    "test_layers.py::test_the_web_process",
    "test_lessons.py::test_what_a_chapter_claims",
    "test_loop.py::test_a_loop_remembers",
    "test_loop.py::test_the_table_says",
    "test_network.py::test_the_implicit_gradient",
    "test_pages.py",
    "test_run_view.py",
    "test_seams.py",
    "test_training.py::test_a_run_that_stopped",
    "test_training.py::test_any_experiment",
    "test_training.py::test_logistic_regression",
    "test_training.py::test_what_diverges",
    "_figures.py::test_a_",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    ranks = {item: rank(item) for item in items}
    for item in items:
        if ranks[item] < FAST:
            item.add_marker("slow")
        if ranks[item] in (READERS, BROWSERS):
            item.add_marker("browser")
    items.sort(key=ranks.get)


def rank(item):
    """When a test begins; whatever is not FAST, `make quick` leaves out."""
    if {"once", "repaired"} & set(item.fixturenames):
        return TRAINED
    if "browsers" in item.fixturenames:
        return READERS if "book" in item.fixturenames else BROWSERS
    if {"host", "narrow_host"} & set(item.fixturenames) or {"Server", "Engine"} & vars(item.module).keys():
        return SERVERS
    return LONG if any(part in item.nodeid for part in TAKE_LONG) else FAST


SPREAD = (  # files that share nothing but what all share: their tests go wherever there is time
    "tests/browser/test_access.py",
    "tests/browser/test_addresses.py",
    "tests/claims/test_claims.py",
    "tests/browser/test_chapters.py",
    "tests/browser/test_playground.py",
    "tests/browser/test_questions.py",
    "tests/learning/test_dynamics.py",
    "tests/learning/test_loop.py",
    "tests/learning/test_thinking.py",
    "tests/live/test_server.py",
    "tests/test_fuzz.py",
    "tests/test_lessons.py",
    "tests/test_start.py",
)


def unit(nodeid):
    """What goes to one process, by name: a file, or a test of a file that is spread; those of one chapter together."""
    file, _, test = nodeid.partition("::")
    if file not in SPREAD:
        return file
    return (test.partition("[")[2] if "/browser/" in file else "") or nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class Units(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return unit(nodeid)

    config.option.loadscopereorder = False  # the order is ours
    return Units(config, log)
