"""How good the answers are, in the numbers of the field. u: (..., k) outputs, y: (..., k) values or classes as ±1."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from fbviz.choices import REGRESSION
from fbviz.datasets import Task


def score(task: Task, u: Tensor, y: Tensor) -> tuple[str, float]:
    """What a run on this task is judged by: the share of right answers, or R² for values. NaN where it is undefined."""
    if task.kind == REGRESSION:
        return "r2", r2(u, y)
    return "accuracy", (classes(u) == classes(y)).float().mean().item()


def r2(u: Tensor, y: Tensor) -> float:
    """1 − Σ(u − y)² / Σ(y − ȳ)². NaN for values that are all the same, or one, or none, and for answers past counting.

    Scikit-learn says the same of a single value, and 0 or 1 of equal ones, which is no measure of anything.
    """
    if (y == y.flatten()[:1]).all():  # ȳ of equal values is rounded, so their spread is not quite 0
        return math.nan
    share = (1 - ((u - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()).item()
    return share if math.isfinite(share) else math.nan


def classes(u: Tensor) -> Tensor:
    """The class of each answer, (...): with one output its sign says 0 or 1, with several the largest wins."""
    return (u[..., 0] > 0).long() if u.shape[-1] == 1 else u.argmax(-1)


def confusion(said: Tensor, true: Tensor, k: int) -> Tensor:
    """(k, k): how often the true class (row) was said to be the class of the column."""
    return torch.bincount(true.flatten() * k + said.flatten(), minlength=k * k).reshape(k, k)


def report(table: Tensor) -> Mapping[str, Tensor]:
    """Precision, recall and F1, (k,) each, one a class, from a confusion matrix; 0 where nothing was there to count."""
    hits = table.diagonal().double()
    precision = hits / table.sum(0).clamp(min=1)
    recall = hits / table.sum(1).clamp(min=1)
    return {"precision": precision, "recall": recall, "f1": 2 * hits / (table.sum(0) + table.sum(1)).clamp(min=1)}


def macro(table: Tensor) -> dict[str, float]:
    """Precision, recall and F1, the plain mean over all k classes, however large each is (macro average)."""
    return {name: values.mean().item() for name, values in report(table).items()}


def accuracy(table: Tensor) -> float:
    """The share of right answers in a confusion matrix; NaN for an empty one."""
    return (table.diagonal().sum().double() / table.sum()).item()
