"""What the programs of the tutorial share: its epochs, its points, and what its loop prints."""

from __future__ import annotations

import torch
from torch import Tensor

from fbviz.chapters.the_printed_network.values import EPOCHS
from fbviz.examples import draw
from fbviz.experiment import Experiment
from fbviz.snapshot import Ended, Status, finished


class Epochs:
    """A training of as many epochs as the tutorial's; an update is an epoch."""

    updates: int  # that are made

    @property
    def ended(self) -> Ended | None:
        return finished(self.updates, EPOCHS)

    @property
    def status(self) -> Status:
        return Status(update=self.updates, epoch=self.updates, share=self.updates / EPOCHS)


def points() -> tuple[Tensor, Tensor, Tensor]:
    """x (4, 2), labels (4, 1) as 0 and 1, and the test point (1, 2)."""
    (x, y), (tested, _) = draw(Experiment().changed(task="article").data)
    return torch.tensor(x).float(), torch.tensor(y > 0).float(), torch.tensor(tested).float()


def prints(epoch: int) -> bool:
    """Does the tutorial's loop print at this epoch, counted from 0? Where it does it prints epoch + 1."""
    return epoch % 100 == 0
