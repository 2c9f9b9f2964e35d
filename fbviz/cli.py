"""The shell's way in: `fbviz train LINK-OR-JSON [--csv FILE]`."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from fbviz.experiment import Experiment
from fbviz.history import Row
from fbviz.snapshot import Snapshot

LINES = 20  # of progress


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is 0, or 2 for what was asked wrongly, with a sentence on stderr."""
    parser = argparse.ArgumentParser("fbviz", description="Train a feedback network.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("train", help="train an experiment and print its progress")
    command.add_argument("experiment", help="a link, its query, JSON, a JSON file, or - for standard input")
    command.add_argument("--csv", type=Path, help="write the history to this file")
    asked = parser.parse_args(arguments)
    try:
        experiment = read(asked.experiment)
        rows = progress(experiment)
        if asked.csv:
            save(rows, asked.csv)
    except (ValueError, OSError) as why:
        print(f"fbviz: {why}", file=sys.stderr)
        return 2
    return 0


def read(text: str) -> Experiment:
    """The experiment of a link, a query, JSON or a JSON file. ValueError for what is none."""
    if text == "-":
        text = sys.stdin.read()
    elif text.endswith(".json"):
        text = Path(text).read_text(encoding="utf-8")
    if text.lstrip().startswith("{"):
        return Experiment.from_json(text).fitted()
    query = urlsplit(text).query if "?" in text else text
    if query and "=" not in query:
        raise ValueError(f"{query[:80]!r} is no experiment; it can be a link, a query like task=xor&gain=2, or JSON.")
    settings = dict(parse_qsl(query, keep_blank_values=True))
    settings.pop("lang", None)  # of a link from the page
    experiment, notices = Experiment.from_query(settings)
    for notice in notices:
        print(notice, file=sys.stderr)
    return experiment


def progress(experiment: Experiment) -> Sequence[Row]:
    """Train, printing a line now and then; returns the rows of the history."""
    from fbviz.training import every, train  # torch takes a second that --help need not wait for

    for snapshot in train(experiment, show=every(max(1, experiment.training.updates // LINES))):
        print(line(snapshot))
    print(snapshot.ended)
    return snapshot.history


def line(snapshot: Snapshot) -> str:
    """A snapshot in one line."""
    name, score = next(iter(snapshot.metrics.items()))
    losses = f"train {snapshot.train_loss:.4g}  test {snapshot.test_loss:.4g}"
    return f"update {snapshot.update:>6}  epoch {snapshot.epoch:>7.1f}  {losses}  {name} {score:.3f}"


def save(rows: Sequence[Row], path: Path) -> None:
    """Write the history as CSV, a column a name."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
