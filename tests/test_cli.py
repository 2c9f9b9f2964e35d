import csv
import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from fbviz.cli import main
from fbviz.experiment import Experiment


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_link_is_trained_and_its_history_written(tmp_path, capsys):
    link = "http://localhost:8501/playground?task=xor&updates=40&lang=zh"
    assert main(["train", link, "--csv", str(tmp_path / "h.csv")]) == 0

    said, table = capsys.readouterr().out, rows(tmp_path / "h.csv")
    assert "finished" in said
    assert [int(row["update"]) for row in table] == list(range(41))
    assert 0 < float(table[-1]["test_loss"]) < 1


def test_a_query_and_the_same_experiment_as_json_give_the_same_numbers(tmp_path):
    experiment = Experiment().changed(task="moons", updates=20, hidden=(4,))
    path = tmp_path / "e.json"
    path.write_text(experiment.to_json())
    tables = []
    for asked in ("task=moons&updates=20&hidden=4", str(path), experiment.to_json()):
        main(["train", asked, "--csv", str(tmp_path / "h.csv")])
        tables.append(rows(tmp_path / "h.csv"))

    assert tables[0] == tables[1] == tables[2]


def test_standard_input_is_read(monkeypatch, capsys):
    for written in (b"updates=3", Experiment().changed(updates=3).to_json().encode("utf-16")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(written)))

        assert main(["train", "-"]) == 0
        assert "update      3" in capsys.readouterr().out


@pytest.mark.parametrize(
    "asked",
    [
        "nonsense",
        "{",
        json.dumps({"data": {"points": -1}}),
        "nowhere.json",
        "\x1b[2J" * 1000,
        "x" * 5000 + ".json",
        "-",
    ],
)
def test_what_is_no_experiment_is_said_in_one_short_line(asked, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe\x00")))
    assert main(["train", asked]) == 2

    told = capsys.readouterr().err
    assert told.startswith("fbviz: ")
    assert told.endswith("\n")
    assert told[:-1].isprintable()
    assert len(told) < 420


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("updates=5&gain=99", "gain is “99”"),
        ('{"training": {"updates": 5}, "data": {"gain": 2}}', "In another part"),
        ("&".join(["updates=5", *(f"n{i}=1" for i in range(500))]), "n0, n1, n2 and 497 more."),
    ],
)
def test_what_is_not_taken_as_it_came_is_said(asked, said, capsys):
    assert main(["train", asked]) == 0
    assert said in capsys.readouterr().err


def test_a_score_that_is_undefined_is_called_so(capsys):
    assert main(["train", "task=bumps&loss=mean_squared&points=10&test_share=0.1&updates=2"]) == 0

    said = capsys.readouterr().out
    assert "r2 undefined" in said
    assert "inf" not in said


@pytest.mark.parametrize("place", ["nowhere/h.csv", ".", "file/h.csv"])
def test_a_history_that_cannot_be_written_is_said_before_the_training(place, tmp_path, capsys):
    (tmp_path / "file").touch()

    assert main(["train", "updates=5", "--csv", str(tmp_path / place)]) == 2
    assert capsys.readouterr().out == ""


# Ctrl-C, on a real process.


@pytest.fixture
def running(tmp_path):
    command = [Path(sys.executable).with_name("fbviz"), "train", "updates=20000", "--csv", tmp_path / "h.csv"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        yield process
        process.kill()


def test_ctrl_c_ends_a_training_with_its_history_so_far(running, tmp_path):
    first = running.stdout.readline()
    running.send_signal(signal.SIGINT)
    said, wrong = running.communicate(timeout=60)

    *_, last, why = (first + said).splitlines()
    assert why == "stopped: It was stopped."
    assert (running.returncode, wrong) == (130, "")
    assert f"update {rows(tmp_path / 'h.csv')[-1]['update']:>6} " in last


def test_ctrl_c_before_the_first_update_leaves_the_untrained_network(running, tmp_path):
    while not any("torch" in place.path for place in psutil.Process(running.pid).memory_maps()):
        time.sleep(0.005)  # it listens to Ctrl-C, and torch takes a second
    running.send_signal(signal.SIGINT)
    _, wrong = running.communicate(timeout=60)

    assert (running.returncode, wrong) == (130, "")
    assert len(rows(tmp_path / "h.csv")) == 1


def test_a_second_ctrl_c_ends_it_at_once():
    code = """
import os, signal, time
from fbviz.cli import interruption
with interruption() as stop:
    os.kill(os.getpid(), signal.SIGINT)
    assert stop.wait(5)
    print("still here", flush=True)
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "still here\n", "")


def test_a_gpu_that_is_not_here_is_said(capsys):
    assert main(["train", "updates=3&device=cuda:7"]) == 0
    assert "There is no cuda:7 here; this run uses cpu." in capsys.readouterr().err
