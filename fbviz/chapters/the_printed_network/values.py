"""What the tutorial reports, the shapes in which its checks are sent to figures, and what a reader can move.

Its data are the task "article": (1, 2), (2, 3), (3, 4), (4, 5) with labels 0, 0, 1, 1, and (5, 6) to be tested on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fbviz.dials import Dials, dials, menu, slider

EPOCHS = 1000
REPORTED = {  # epoch: loss
    100: 0.0017,
    200: 0.0009,
    300: 0.0005,
    400: 0.0002,
    500: 0.0001,
    600: 0.0001,
    700: 0.0001,
    800: 0.0001,
    900: 0.0001,
}
REPORTED_TEST = 0.8642
ROUNDED = 0.00005  # half of the last digit that is reported

REPAIR = (  # the numbers of a repaired network, in the order they are sent in; the switches first
    *("one_output", "cross_entropy", "real_test", "feedback"),
    *("parameters", "outputs", "edge", "silent", "loss", "right", "first", "second", "runs", "share"),
)


def series(numbers: Sequence[int]) -> str:
    """Numbers at even distances, told in short: 100, 200, … 900."""
    return ", ".join(map(str, numbers)) if len(numbers) < 4 else f"{numbers[0]}, {numbers[1]}, … {numbers[-1]}"


SEEDS = 50  # that can be chosen


@dials("printed")
@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedDials(Dials):
    """The first weights."""

    seed: int = slider(0, SEEDS - 1, default=0, label="seed")


@dials("band")
@dataclass(frozen=True, slots=True, kw_only=True)
class BandDials(Dials):
    """How many first weights."""

    seeds: int = slider(1, SEEDS, default=20, label="seeds")


@dials("repairs")
@dataclass(frozen=True, slots=True, kw_only=True)
class RepairsDials(PrintedDials):
    """What is repaired."""

    one_output: bool = menu({False: "two, as printed", True: "one for one label"}, default=False, label="outputs")
    cross_entropy: bool = menu(
        {False: "squared error, as printed", True: "cross-entropy from logits"}, default=False, label="loss"
    )
    real_test: bool = menu(
        {False: "one number, as printed", True: "101 points on the line"}, default=False, label="test"
    )
    feedback: bool = menu({False: "none, as printed", True: "answer to input, T = 5"}, default=False, label="edge back")
