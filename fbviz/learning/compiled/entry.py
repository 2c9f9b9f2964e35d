"""The kernel for float32, as it is kept on disk. To import this is to have it: read from the cache, or compiled."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from fbviz.experiment import Experiment
from fbviz.learning.compiled import kernel, single
from fbviz.learning.compiled.cache import filled, folder
from fbviz.learning.compiled.plan import Array, Memory, Plan, memory, plan

numba.config.CACHE_DIR = str(folder())  # type: ignore[attr-defined]
kept: Any = numba.njit(cache=True, nogil=True, **single.HOW)  # it looks there


@kept  # type: ignore[untyped-decorator]
def learn(plan: Plan, memory: Memory, x: Array, y: Array, order: Array, batch: int, made: int) -> tuple[int, float]:
    """See kernel.learn."""
    return kernel.learn(plan, memory, x, y, order, batch, made, single)


@kept  # type: ignore[untyped-decorator]
def look(plan: Plan, memory: Memory, x: Array, y: Array, picked: Array, norms: Array, found: Array) -> None:
    """kernel.pull and kernel.jacobians, of whatever there is room for in the last two."""
    if len(norms):
        kernel.pull(plan, memory, x, y, picked, norms, single)
    if len(found):
        kernel.jacobians(plan, memory, x, picked, found, single)


def nothing(*shape: int) -> Array:
    return np.zeros(shape, np.float32)


NONE = np.zeros(0, np.int64)


def exercise() -> None:
    """Call each function once, with the types that it will be called with."""
    least = plan(Experiment())
    room, x, y = memory(least, 1), nothing(1, 2, 1), nothing(1, 1, 1)
    learn(least, room, x, y, NONE, 1, 0)
    look(least, room, x, y, NONE, nothing(0), nothing(0, 0, 0))
    filled().touch()


exercise()
