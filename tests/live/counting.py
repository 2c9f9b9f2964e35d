"""Programs that only count: what a worker does is seen without waiting for a network to learn."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping

import numpy as np
import orjson

from fbviz.frames import Frame
from fbviz.learning.desk import Desk, Program

PROGRAMS: dict[str, Program] = {}


def program(f: Program) -> Program:
    PROGRAMS[f.__name__] = f
    return f


def frame(update: int, **facts: object) -> Frame:
    return Frame({"update": update, **facts}, {"count": np.array([update], np.int32)})


@program
def counting(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Counts to `to`; `total` depends on every update before, and with it a run can go on elsewhere."""
    to, total, measured, first = int(query.get("to", "1000000000")), 1, 0, 0
    if desk.checkpoint:
        first, total = orjson.loads(desk.checkpoint)
        yield frame(first, total=total, measured=measured, ended=None, set=desk.values)
    for update in range(first + bool(first), to + 1):
        total = (total * 31 + update) % 1_000_003
        desk.keep = lambda at=update, sum=total: orjson.dumps([at, sum])
        if desk.wanted(update) or update == to:
            measured += 1
            ended = {"word": "finished", "values": {"updates": to}} if update == to else None
            yield frame(update, total=total, measured=measured, ended=ended, set=desk.values)


@program
def breaking(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Raises what the query says after the first update."""
    yield frame(0)
    raise {"type": TypeError, "key": KeyError, "memory": MemoryError, "division": ZeroDivisionError}[query["how"]](
        "the reason\nand more"
    )


@program
def greedy(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Takes 20 MB an update and keeps them."""
    kept = []
    for update in range(10_000):
        if desk.wanted(update):
            yield frame(update)
        if update:
            kept.append(np.ones(2_500_000))


@program
def large(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Frames of 4 MB, as many as anybody wants."""
    for update in range(1_000_000_000):
        if desk.wanted(update):
            yield Frame({"update": update}, {"large": np.full(4_000_000, update % 256, np.uint8)})


@program
def short(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Ends without saying so."""
    for update in range(3):
        desk.wanted(update)
        yield frame(update)


@program
def deaf(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Stops its own process after the first update, as if it hung."""
    yield frame(0)
    os.kill(os.getpid(), signal.SIGSTOP)


@program
def busy(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Works for three seconds without listening."""
    yield frame(0)
    end = time.perf_counter() + 3
    while time.perf_counter() < end:
        pass
    yield frame(1, ended={"word": "finished", "values": {"updates": 1}})


@program
def dialled(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Counts to `to`, then answers; `total` depends on the dial and the clicks at every update."""
    to, total = int(query["to"]), 1
    for update in range(1, to + 1):
        total = (total * 31 + int(desk.values.get("dial", 1)) + 7 * len(desk.values.get("at", []))) % 1_000_003
        if desk.wanted(update):
            yield frame(update, total=total)
    while True:
        said = total + 1000 * int(desk.values.get("after", 0))
        yield frame(to, total=said, idle=True, done={"word": "finished", "values": {"updates": to}})
