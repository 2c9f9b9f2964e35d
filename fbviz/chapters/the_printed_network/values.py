"""What the tutorial reports, and the shapes in which its checks are sent to figures.

Its data are the task "article": (1, 2), (2, 3), (3, 4), (4, 5) with labels 0, 0, 1, 1, and (5, 6) to be tested on.
"""

from __future__ import annotations

from collections.abc import Sequence

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
