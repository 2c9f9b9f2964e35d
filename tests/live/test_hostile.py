"""What one browser sends costs no other anything: real servers, real sockets, and logs without a traceback."""

import contextlib
import gc
import json
import os
import random
import signal
import socket
import time
import urllib.error
import urllib.request

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from fbviz.commands import Play, Set, Step, owed, packed, told, unpacked
from fbviz.live.requests import FAR, NAMES, RefusedError, read
from tests.live.conftest import load, say, until
from tests.live.views import Silent, View, state
from tests.server import Server

FUZZ = int(os.environ.get("FBVIZ_FUZZ", "2000"))  # messages
DEEP = {"do": "load", "program": "training", "query": {}, "values": {"deep": None}}


def nested(depth):
    return "[" * depth + "]" * depth


# What may be said at all.


@pytest.mark.parametrize("depth", [3, 100, 300, 1000, 5000])
def test_a_message_nested_deep_is_refused_in_a_sentence_wherever_the_brackets_stand(depth):
    for message in (nested(depth), json.dumps(DEEP).replace("null", nested(depth)), f'{{"do":{nested(depth)}}}'):
        with pytest.raises(RefusedError, match="no such command") as why:
            read(message)
        assert len(str(why.value)) < 200


@pytest.mark.parametrize("value", ["1" + "0" * 30, "-1" + "0" * 300, "1e300"])
def test_a_number_beyond_64_bits_is_brought_to_its_bounds(value):
    (said,) = read(f'{{"do":"set","name":"x","value":[{value}]}}').value
    assert abs(said) == FAR


@pytest.mark.parametrize(("asked", "speed"), [(1e-9, 0.01), (0, 0), (-1, 0), (1e300, 1e6), (25, 25)])
def test_a_speed_is_brought_to_its_bounds(asked, speed):
    assert read(json.dumps({"do": "speed", "value": asked})).value == speed


def test_a_view_keeps_only_so_many_values(seat):
    load(seat)
    for number in range(NAMES):
        say(seat, "set", name=f"x{number}", value=1)
    with pytest.raises(RefusedError):
        say(seat, "set", name="more", value=1)
    say(seat, "set", name="x0", value=2)
    assert seat.load.values["x0"] == 2


def test_clicks_that_nobody_reads_do_not_pile_up(seat):
    load(seat)
    for number in range(3000):
        say(seat, "click", name="at", value=[number, 0])
    last = until(seat, lambda facts: facts["set"].get("at", [[0]])[-1] == [2999, 0])
    assert len(last.facts["set"]["at"]) <= 1000


KEYS = st.sampled_from(["do", "name", "value", "program", "query", "values"]) | st.text()
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner)))
def test_any_json_is_a_command_that_can_be_passed_on_or_refused(said):
    with contextlib.suppress(RefusedError):
        command = read(json.dumps(said))
        json.dumps(told(command), allow_nan=False)
        assert unpacked(packed(command)) == command


def mutated(rng):
    """A message as a browser sends it, with some of its bytes put somewhere else."""
    text = rng.choice([
        json.dumps({"do": "load", "program": "training", "query": {"steps": "3"}, "values": {"x": 1}, "play": True}),
        json.dumps({"do": "set", "name": "gain", "value": 1.5}),
        json.dumps({"do": "click", "name": "at", "value": [0.5, 1]}),
        json.dumps({"do": "speed", "value": 10}),
        json.dumps({"do": "play"}),
    ])  # fmt: skip
    for _ in range(rng.randrange(4)):
        at, to = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        part = rng.choice([text[at:to] * 3, "9" * 400, "[" * 300, "null", "1e999", '"', "\\u0000", "\ud800", "-", ""])
        text = text[:at] + part + text[to:]
    return text


def test_mutated_messages_are_commands_or_refused():
    rng = random.Random(0)
    for _ in range(FUZZ):
        with contextlib.suppress(RefusedError):
            json.dumps(told(read(mutated(rng))), allow_nan=False)


def test_a_newer_command_makes_older_ones_needless_for_a_run_that_has_no_process_yet():
    waiting = []
    moves = [Set("gain", step / 10) for step in range(261)]
    for command in [*moves, Step(), Set("t", 1), Play()]:
        waiting = owed(waiting, command)
    assert waiting == [Set("gain", 26.0), Set("t", 1)]


# A real server under attack.


def test_a_view_in_the_queue_that_sends_what_cannot_be_passed_on_costs_nobody_their_run(narrow):
    with View(narrow) as first, View(narrow) as second, View(narrow) as hostile:
        first.playing()
        second.playing()
        for value in (nested(300), "9" * 400, "-" + "9" * 30):
            hostile.socket.send(json.dumps(DEEP).replace("null", value))
        hostile.load(play=True, updates="100000", engine="torch")
        hostile.until(state("queued"))
        second.do("reset")
        hostile.until(state("playing"))
        first.goes_on()


def test_mutated_messages_from_many_sockets_leave_the_server_as_it_was(server):
    rng = random.Random(1)
    with View(server) as learner:
        learner.playing()
        for _ in range(10):
            with View(server, close_timeout=0.2) as hostile, contextlib.suppress(ConnectionClosed):
                for _ in range(FUZZ // 20):
                    message = mutated(rng)
                    raw = message.encode("utf-8", "replace")
                    hostile.socket.send(raw if rng.random() < 0.1 else raw.decode())
        learner.goes_on()


def test_a_run_whose_process_hangs_while_it_is_watched_is_told_and_ended(narrow):
    with View(narrow) as view:
        view.playing()
        for worker in narrow.workers():
            worker.send_signal(signal.SIGSTOP)
        start = time.monotonic()
        assert view.until(state("ended")).facts["ended"] == {"word": "silent", "values": {"seconds": 2}}
        assert time.monotonic() - start < 30
        view.do("play")
        view.until(state("playing"))


def test_a_process_that_forks_runs_and_hangs_is_replaced_and_no_run_notices(narrow):
    with View(narrow) as first, View(narrow) as newcomer:
        first.playing()
        orphans = narrow.workers()
        narrow.forkserver.send_signal(signal.SIGSTOP)
        newcomer.playing()
        first.goes_on()
    for orphan in orphans:
        with contextlib.suppress(psutil.NoSuchProcess):
            orphan.kill()  # nobody else will


def busy(server):
    """Does a run use the processor, or is there none yet?"""
    with contextlib.suppress(psutil.NoSuchProcess):
        return not server.workers() or any(worker.cpu_percent(0.5) > 10 for worker in server.workers())
    return True


@pytest.fixture(scope="module")
def impatient():
    limits_of_host = {"FBVIZ_GRACE": "1", "FBVIZ_DEADLINE": "2", "STREAMLIT_SERVER_WEBSOCKET_PING_INTERVAL": "2"}
    with Server(**limits_of_host) as server:
        yield server


@pytest.mark.parametrize("wants", [0, 600])
def test_a_browser_that_neither_reads_nor_answers_is_taken_as_gone_and_its_run_rests(impatient, wants):
    impatient.clear()
    with Silent(impatient) as silent:
        silent.do("load", program="training", query={"updates": "100000", "engine": "torch"}, play=True)
        for _ in range(wants):  # until nothing more goes through
            with contextlib.suppress(OSError):  # it has been hung up on
                silent.do("want")
            time.sleep(0.01)
        deadline = time.monotonic() + 60
        while busy(impatient):
            assert time.monotonic() < deadline


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of the client, which is cut off
def test_when_descriptors_run_out_views_are_refused_in_a_sentence_and_it_recovers():
    with Server(descriptors=256) as server:
        views, refused = [], 0
        for _ in range(200):
            view = View(server, close_timeout=0.5).__enter__()
            views.append(view)
            with contextlib.suppress(ConnectionClosed):
                view.load(updates="100000", engine="torch")
            refused += view.frame().facts.get("refused", {}).get("word") == "full"
        assert 20 < 200 - refused < 180
        for view in views:
            view.socket.close()
        idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(300)]
        time.sleep(2)
        for connection in idle:
            connection.close()
        with View(server) as view:
            view.load()
            assert view.until(state("ready"))
        assert len(server.log()) < 20_000
    views.clear()
    gc.collect()


def test_a_server_without_torch_says_so_to_its_readers_in_its_health_and_once_in_its_log(tmp_path):
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch/__init__.py").write_text("raise ImportError('libcudart.so.13: cannot open shared object file')")
    with Server(PYTHONPATH=str(tmp_path)) as server:
        for _ in range(2):
            with View(server) as view:
                view.load(play=True)
                ended = view.until(state("ended")).facts["ended"]
                assert ended["word"] == "broken"
                assert "libcudart.so.13" in ended["values"]["error"]
        with pytest.raises(urllib.error.HTTPError, match="503"):
            urllib.request.urlopen(f"{server.url}fbviz/health")
        assert server.log().count("libcudart.so.13") == 1
