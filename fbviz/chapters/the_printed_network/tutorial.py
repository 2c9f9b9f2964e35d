"""What the programs of the tutorial share: its points, what its loop prints, and how a run ends."""

from __future__ import annotations

import torch
from torch import Tensor

from fbviz.examples import draw
from fbviz.experiment import Experiment


def points() -> tuple[Tensor, Tensor, Tensor]:
    """x (4, 2), labels (4, 1) as 0 and 1, and the test point (1, 2)."""
    (x, y), (tested, _) = draw(Experiment().changed(task="article").data)
    return torch.tensor(x).float(), torch.tensor(y > 0).float(), torch.tensor(tested).float()


def prints(epoch: int) -> bool:
    """Does the tutorial's loop print at this epoch, counted from 0? Where it does it prints epoch + 1."""
    return epoch % 100 == 0
