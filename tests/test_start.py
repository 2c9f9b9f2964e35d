"""How a start goes, by every command of the README, and what is said when it cannot."""

import os
import subprocess
import sys

import pytest

from tests.live.views import View
from tests.server import LAUNCHES, ROOT, SHELL, Server, free_port

STRIPPED = "fbviz shows its docstrings as words, and PYTHONOPTIMIZE=2 or python -OO strips them: start it without.\n"


@pytest.mark.parametrize("launch", LAUNCHES)
def test_a_server_without_docstrings_says_so_and_does_not_start(launch):
    status, said = Server(launch, PYTHONOPTIMIZE="2").refused()
    assert status == 1
    assert said.endswith(STRIPPED)
    assert "Traceback" not in said


@pytest.mark.parametrize("command", [[SHELL, "train", "updates=1"], [SHELL, "--help"], ["-c", "import fbviz"]])
def test_nothing_else_starts_without_docstrings_either(command):
    environment = os.environ | {"PYTHONOPTIMIZE": "2"}
    told = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout, told.stderr) == (1, "", STRIPPED)


@pytest.mark.parametrize("base", ["/demo", "a/b/"])
@pytest.mark.parametrize("launch", LAUNCHES)
def test_a_base_path_may_come_from_the_environment(launch, base):
    with Server(launch, at=f"{base.strip('/')}/", STREAMLIT_SERVER_BASE_URL_PATH=base) as server, View(server) as view:
        view.load()
        assert view.frame().facts["state"] == "ready"
        assert server.health("fbviz/health") == (200, "ok")


@pytest.mark.parametrize("launch", ["python", "fbviz run"])
def test_the_port_of_the_environment_is_listened_at(launch):
    with Server(launch, PORT=str(free_port())) as server:
        assert server.health() == (200, "ok")


@pytest.mark.parametrize("launch", ["python", "fbviz run"])
def test_a_port_that_was_asked_for_wins_over_that_of_the_environment(launch, tmp_path):
    with Server(launch, port=free_port(), PORT=str(free_port())) as server:
        assert server.health() == (200, "ok")
    port = free_port()
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit/config.toml").write_text(f"[server]\nport = {port}\n")
    server = Server(launch, PORT=str(free_port()), HOME=str(tmp_path))
    server.url = f"http://127.0.0.1:{port}/"
    with server:
        assert server.health() == (200, "ok")


@pytest.mark.parametrize("launch", ["python", "fbviz run"])
@pytest.mark.parametrize("port", ["web", "0", "70000", "80 80", "٣"])
def test_a_port_that_is_none_is_told_in_a_sentence(launch, port):
    status, said = Server(launch, PORT=port).refused()
    assert status == 2
    assert said == f"fbviz: PORT is {port!r}; it can be a whole number from 1 to 65535.\n"


def test_health_says_why_no_run_can_start_and_a_page_opens_all_the_same(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('no libtorch here')\n")
    with Server(PYTHONPATH=str(tmp_path)) as server:
        with View(server) as view:
            view.load()
            view.until(lambda facts: facts.get("ended"))
        for path in ("fbviz/health", "_stcore/health"):
            status, said = server.health(path)
            assert status == 503
            assert "no libtorch here" in said
            assert "\n" not in said
        assert server.health(Referer=server.url) == (200, "ok")
