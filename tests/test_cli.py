import csv
import io
import json

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
    monkeypatch.setattr("sys.stdin", io.StringIO("updates=3"))

    assert main(["train", "-"]) == 0
    assert "update      3" in capsys.readouterr().out


@pytest.mark.parametrize("asked", ["nonsense", "{", json.dumps({"data": {"points": -1}}), "nowhere.json"])
def test_what_is_no_experiment_is_said_in_a_sentence(asked, capsys):
    assert main(["train", asked]) == 2

    told = capsys.readouterr().err
    assert told.startswith("fbviz: ")
    assert "Traceback" not in told


def test_a_value_out_of_bounds_is_moved_and_said(capsys):
    assert main(["train", "updates=5&gain=99"]) == 0
    assert "gain" in capsys.readouterr().err
