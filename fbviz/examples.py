"""The examples of an experiment: drawn from its task, then divided into those to learn from and those to test on."""

from __future__ import annotations

import numpy as np

from fbviz.experiment import Data
from fbviz.tasks import TASKS, Examples


def draw(data: Data) -> tuple[Examples, Examples]:
    """What an experiment trains on and what it is tested on: ((x, y), (x, y)), by its data seed alone."""
    task, rng = TASKS[data.task], np.random.default_rng(data.data_seed)
    if task.fixed:
        x, y = task.f(0, 0.0, rng)
        tested = 1
    else:
        x, y = task.f(data.points, data.length if task.kind.sequence else data.noise, rng)
        order = rng.permutation(len(x))
        x, y = x[order], y[order]
        tested = round(data.points * data.test_share)
    cut = len(x) - tested
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])
