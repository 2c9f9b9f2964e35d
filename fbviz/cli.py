"""The shell's way in: `fbviz run`, and `fbviz train LINK-OR-JSON [--csv FILE]`."""

from __future__ import annotations

import argparse
import math
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Never
from urllib.parse import parse_qsl

from fbviz.experiment import Experiment
from fbviz.history import columns, csv
from fbviz.snapshot import Ended, Snapshot
from fbviz.texts import LONGEST, decoded
from fbviz.words import SaidError, Sentence, short

LINES = 20  # of progress
STOPPED = 128 + signal.SIGINT  # the exit status of what Ctrl-C has ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is 0, 2 with a sentence for what was asked wrongly, or 130 after Ctrl-C."""
    parser = argparse.ArgumentParser("fbviz", description="See or train a feedback network.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="start the dashboard; what follows is for `streamlit run`", add_help=False)
    command = commands.add_parser("train", help="train an experiment and print its progress")
    command.add_argument("experiment", help="a link, its query, JSON, a JSON file, or - for standard input")
    command.add_argument("--csv", type=Path, help="write the history to this file")
    asked, more = parser.parse_known_args(arguments)
    if asked.command == "run":
        run(more)
    if more:
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    try:
        experiment, notices = read(asked.experiment)
        for notice in notices:
            print(notice, file=sys.stderr)
        return trained(experiment, asked.csv)
    except (ValueError, OSError) as why:
        print(f"fbviz: {short(str(why), 400)}", file=sys.stderr)
        return 2


def run(arguments: Sequence[str]) -> Never:
    """Start the dashboard and end with it."""
    from fbviz.ui import launch  # Streamlit takes a second, too

    launch.run(launch.HOUSE / "app.py", arguments)


def read(asked: str) -> tuple[Experiment, list[Sentence]]:
    """The experiment of a link, a query, JSON or a JSON file, and what was not taken as it came. Raises SaidError."""
    if asked.endswith(".json"):
        with Path(asked).open("rb") as file:
            return Experiment.from_json(file.read(LONGEST + 1))
    text = decoded(sys.stdin.buffer.read(LONGEST + 1)) if asked == "-" else asked
    if text.lstrip().startswith("{"):
        return Experiment.from_json(text)
    query = text.strip().partition("#")[0]
    query = query.partition("?")[2] if "?" in query else query
    if query and "=" not in query:
        raise SaidError(
            Sentence(
                "“{asked}” is no experiment; it can be a link, a query like task=xor&gain=2, or JSON.",
                {"asked": short(query, 80)},
            )
        )
    settings = dict(parse_qsl(query, keep_blank_values=True))
    settings.pop("lang", None)  # of a link from the page
    return Experiment.from_query(settings)


def trained(experiment: Experiment, file: Path | None) -> int:
    """Train, print the progress, and write the history to `file`: all of it, or what there is when Ctrl-C comes."""
    if file:
        file.open("ab").close()  # what cannot be written is said now, not after an hour
    with interruption() as stop:
        last = progress(experiment, stop)
        if file:
            file.write_bytes(csv(columns(last.history)).encode())
    return 0 if last.ended else STOPPED


@contextmanager
def interruption() -> Iterator[Event]:
    """Set by Ctrl-C. A second one ends the process at once."""
    stop = Event()

    def note(*_: object) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def progress(experiment: Experiment, stop: Event) -> Snapshot:
    """Train to the end or until `stop` is set, printing a line now and then; returns the last snapshot."""
    from fbviz.learning.devices import device  # torch takes a second that --help need not wait for
    from fbviz.training import every, train

    asked = experiment.training.device
    if asked not in ("auto", used := str(device(experiment))):
        print(f"There is no {asked} here; this run uses {used}.", file=sys.stderr)
    due = every(max(1, experiment.training.updates // LINES))
    for snapshot in train(experiment, show=lambda update: stop.is_set() or due(update)):
        print(line(snapshot), flush=True)
        if stop.is_set():
            break
    print(snapshot.ended or Ended("stopped"), flush=True)
    return snapshot


def line(snapshot: Snapshot) -> str:
    """A snapshot in one line."""
    name, score = next(iter(snapshot.metrics.items()))
    losses = f"train {snapshot.train_loss:.4g}  test {snapshot.test_loss:.4g}"
    said = "undefined" if math.isnan(score) else f"{score:.3f}"
    return f"update {snapshot.update:>6}  epoch {snapshot.epoch:>7.1f}  {losses}  {name} {said}"
