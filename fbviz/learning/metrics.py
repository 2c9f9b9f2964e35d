"""How good the answers are, class by class, in the numbers of the field."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


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
