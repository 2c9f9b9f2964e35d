"""Programs that only count: what a worker does is seen without waiting for a network to learn."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import numpy as np
import orjson

from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.worker.runner import Program, Runner

PROGRAMS: dict[str, Program] = {}


def program(f: Program) -> Program:
    PROGRAMS[f.__name__] = f
    return f


def load() -> dict[str, Program]:
    return PROGRAMS


def frame(update: int, **facts: object) -> Frame:
    return Frame({"update": update, **facts}, {"count": np.array([update], np.int32)})


@program
def counting(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Counts to `to`; `total` depends on every update before, and with it a run can go on elsewhere."""
    to, total, measured, first = int(runner.load.query.get("to", "1000000000")), 1, 0, 0
    if runner.checkpoint:
        first, total = orjson.loads(runner.checkpoint)
        yield frame(first, total=total, measured=measured, ended=None, set=runner.values)
    for update in range(first + bool(first), to + 1):
        total = (total * 31 + update) % 1_000_003
        runner.keep = lambda at=update, sum=total: orjson.dumps([at, sum])
        if runner.wanted(update) or update == to:
            measured += 1
            ended = {"word": "finished", "values": {"updates": to}} if update == to else None
            yield frame(update, total=total, measured=measured, ended=ended, set=runner.values)


@program
def breaking(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Raises what the query says after the first update."""
    yield frame(0)
    errors = {"type": TypeError, "key": KeyError, "memory": MemoryError, "division": ZeroDivisionError}
    raise errors[runner.load.query["how"]]("the reason\nand more")


@program
def greedy(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Takes 20 MB an update and keeps them."""
    kept = []
    for update in range(10_000):
        if runner.wanted(update):
            yield frame(update)
        if update:
            kept.append(np.ones(2_500_000))


@program
def large(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Frames of 4 MB, as many as anybody wants."""
    for update in range(1_000_000_000):
        if runner.wanted(update):
            yield Frame({"update": update}, {"large": np.full(4_000_000, update % 256, np.uint8)})


@program
def short(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Ends without saying so."""
    for update in range(3):
        runner.wanted(update)
        yield frame(update)


@program
def deaf(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Stops its own process after the first update, as if it hung."""
    yield frame(0)
    os.kill(os.getpid(), signal.SIGSTOP)


@program
def busy(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Works for three seconds without listening."""
    yield frame(0)
    end = time.perf_counter() + 3
    while time.perf_counter() < end:
        pass
    yield frame(1, ended={"word": "finished", "values": {"updates": 1}})


@program
def dialled(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Counts to `to`, then answers; `total` depends on the dial and the clicks at every update.

    A value that is changed is answered by another frame, not by an update, as in a training that is watched.
    """
    to, total = int(runner.load.query["to"]), 1
    for update in range(1, to + 1):
        total = (total * 31 + int(runner.values.get("dial", 1)) + 7 * len(runner.values.get("at", []))) % 1_000_003
        before = None if runner.wanted(update) else runner.values
        while before != runner.values:
            before = dict(runner.values)
            yield frame(update, total=total)
    while True:
        said = total + 1000 * int(runner.values.get("after", 0))
        yield frame(to, total=said, idle=True, done={"word": "finished", "values": {"updates": to}})
