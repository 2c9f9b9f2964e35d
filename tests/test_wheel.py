"""fbviz without its repository: `pip install` of the wheel, then `fbviz run` in any folder."""

import os
import subprocess
import sys
import tarfile

from tests.live.views import View, state
from tests.server import ROOT, Server
from tests.wheel import files


def test_a_wheel_starts_the_dashboard_in_any_folder_and_writes_nothing_beside_itself(wheel, tmp_path):
    before = files(wheel)
    with Server("fbviz run", shell=wheel / "bin/fbviz", cwd=tmp_path, PYTHONPATH=str(wheel)) as server:
        assert str(wheel) in server.forkserver.environ()["PYTHONPATH"]
        assert server.health("fbviz/health") == (200, "ok")
        with View(server) as view:
            view.load(play=True)
            assert view.until(state("playing")).arrays["boundary"].shape == (50, 50)
    assert files(wheel) == before
    assert list(tmp_path.iterdir()) == []


def test_a_wheel_has_the_settings_of_the_repository(wheel):
    settings = wheel / "fbviz/server/.streamlit/config.toml"
    assert settings.read_bytes() == (ROOT / ".streamlit/config.toml").read_bytes()
    assert (wheel / "fbviz/server/app.py").read_bytes() == (ROOT / "app.py").read_bytes()


def test_the_shell_of_a_wheel_trains_too(wheel, tmp_path):
    command = [sys.executable, wheel / "bin/fbviz", "train", "updates=3"]
    told = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(wheel)}, capture_output=True, text=True, check=True
    )
    assert "finished" in told.stdout


def test_a_source_archive_has_all_that_a_wheel_is_made_of(tmp_path):
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path], cwd=ROOT, check=True)
    (archive,) = tmp_path.iterdir()
    with tarfile.open(archive) as tar:
        held = {name.partition("/")[2] for name in tar.getnames()}
    assert {"app.py", ".streamlit/config.toml", "pyproject.toml", "README.md", "LICENSE"} <= held
    assert {"pages/playground.py", "assets/logo.svg", "fbviz/locale/zh.po", "fbviz/live/view.js"} <= held
