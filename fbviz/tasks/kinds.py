"""Kinds of task: how the answers of all tasks of a kind are shaped, judged and drawn.

Answers u and targets y are torch tensors, but nothing here imports torch: a page asks a kind for its traits.
Classes are ±1 (k = 1) or one-hot in ±1 (k > 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Tensor = Any  # torch's


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What all tasks of a kind have in common."""

    score: str  # what a run is judged by, as `Snapshot.metrics` names it
    judge: Callable[[Tensor, Tensor], float]  # that score, of outputs u (..., k) against y (..., k); NaN if undefined
    shade: Callable[[Tensor], Tensor]  # outputs (..., k) as the levels of a field, uint8 (...)
    classified: bool = True  # are the answers classes, or values?
    sequence: bool = False  # does a new element come at each step, and every answer count?


def accuracy(u: Tensor, y: Tensor) -> float:
    """The share of right answers."""
    share: float = (classes(u) == classes(y)).float().mean().item()
    return share


def classes(u: Tensor) -> Tensor:
    """The class of each answer, (...): with one output its sign says 0 or 1, with several the largest wins."""
    return (u[..., 0] > 0).long() if u.shape[-1] == 1 else u.argmax(-1)


def r2(u: Tensor, y: Tensor) -> float:
    """1 − Σ(u − y)² / Σ(y − ȳ)². NaN for values that are all the same, or one, or none, and for answers past counting.

    Scikit-learn says the same of a single value, and 0 or 1 of equal ones, which is no measure of anything.
    """
    if (y == y.flatten()[:1]).all():  # ȳ of equal values is rounded, so their spread is not quite 0
        return math.nan
    share: float = (1 - ((u - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()).item()
    return share if math.isfinite(share) else math.nan


def certainty(u: Tensor) -> Tensor:
    """Two classes: 255 P(y = 1). k classes: class c has the band of 256 // k levels from c · (256 // k) on, undecided
    (1 / k) at its bottom and certain at its top."""
    k = u.shape[-1]
    if k == 1:
        return levels(u[..., 0].sigmoid())
    band = 256 // k
    sure, which = u.softmax(-1).max(-1)
    return (which * band + (sure * k - 1) / (k - 1) * (band - 1)).nan_to_num().clamp(0, 255).byte()


def height(u: Tensor) -> Tensor:
    """Values: [−1, 1] on [0, 255]."""
    return levels((u[..., 0] + 1) / 2)


def levels(share: Tensor) -> Tensor:
    """[0, 1] on [0, 255]; what is no number is in the middle."""
    return (share.nan_to_num(0.5).clamp(0, 1) * 255).byte()


CLASSES = Kind(score="accuracy", judge=accuracy, shade=certainty)
REGRESSION = Kind(score="r2", judge=r2, shade=height, classified=False)
SEQUENCE = Kind(score="accuracy", judge=accuracy, shade=certainty, sequence=True)
