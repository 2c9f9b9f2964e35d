"""A run's history: what was measured of it, in columns, at updates that do not depend on who watches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

Array = np.ndarray
Row = Mapping[str, float]  # by the names of its columns, "update" among them

EVEN = 100  # rows at even distances over a run
EARLY = 10  # at first each row comes a tenth later than the one before: then most is learned


@cache
def schedule(updates: int) -> Sequence[int]:
    """The updates of a run of so many that are kept, in order: each of the first, then fewer and fewer, some evenly."""
    early, at = {0}, 1
    while at <= updates:
        early.add(at)
        at += max(1, at // EARLY)
    return tuple(sorted(early | {*range(0, updates + 1, max(1, updates // EVEN))}))


def columns(rows: Sequence[Row]) -> Mapping[str, Array]:
    """Every column, (rows,) float64: as it was measured, to the last digit."""
    return {name: np.array([row[name] for row in rows], np.float64) for name in rows[-1]}


def csv(columns: Mapping[str, Array]) -> str:
    """The columns as a file that says every number exactly: the same for the same run, wherever it is written."""
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    lines = [list(columns), *([repr(value).removesuffix(".0") for value in row] for row in rows)]
    return "".join(",".join(line) + "\n" for line in lines)
