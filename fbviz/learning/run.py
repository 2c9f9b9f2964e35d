"""A run: the moving parts of one training, an update, and a checkpoint to go on from."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from fbviz.examples import draw
from fbviz.experiment import Experiment
from fbviz.history import Row, schedule
from fbviz.learning.devices import device
from fbviz.learning.networks import build
from fbviz.learning.update import Objective, updating

Examples = tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that a run needs to go on as if it had never stopped."""

    update: int
    network: dict[str, Tensor]
    optimizer: dict[str, object]  # as torch keeps it
    dice: Tensor
    epoch_dice: Tensor  # the dice as they were when the epoch began
    used: int  # batches of the epoch already seen
    best: tuple[float, int]
    history: tuple[Row, ...]


class Run:
    """The moving parts: the examples, the network, what updates it and the dice that pick batches."""

    def __init__(self, experiment: Experiment, start: Checkpoint | None = None) -> None:
        self.experiment = experiment
        self.device = device(experiment.training.device)
        self.network = build(experiment).to(self.device)
        self.train_examples, self.test_examples = examples(experiment, self.device)
        self.dice = torch.Generator().manual_seed(experiment.training.seed)
        self.objective = Objective(experiment, self.network, self.dice)
        self.step = updating(experiment, self.network, self.objective)
        self.updates = 0
        self.best = (math.inf, 0)  # the lowest test loss, and the update it was seen at
        self.batches: list[Examples] = []
        self.used = 0
        self.history: list[Row] = []
        if start:
            self.resume(start)

    @property
    def kept(self) -> frozenset[int]:
        """The updates whose rows are in the history; more of them when the run is made longer."""
        return schedule(self.experiment.training.updates)

    @property
    def epoch(self) -> float:
        """How often it has seen every training example, on average."""
        examples = len(self.train_examples[0])
        return self.updates * min(self.experiment.training.batch, examples) / examples

    @property
    def share(self) -> float:
        """How much of its updates it has made, 0 to 1."""
        return self.updates / self.experiment.training.updates

    def resume(self, start: Checkpoint) -> None:
        """Stand where `start` was taken; the learning rate is this experiment's own."""
        start = copy.deepcopy(start)
        self.network.load_state_dict(start.network)
        self.step.optimizer.load_state_dict(start.optimizer)
        for group in self.step.optimizer.param_groups:
            group["lr"] = self.experiment.training.learning_rate
        self.updates, self.best, self.history = start.update, start.best, list(start.history)
        if start.used:
            self.dice.set_state(start.epoch_dice)
            self.shuffle()
            self.used = start.used
        self.dice.set_state(start.dice)

    def checkpoint(self) -> Checkpoint:
        """This very moment, to be resumed from any number of times."""
        began = self.epoch_dice if self.batches else self.dice.get_state()
        return copy.deepcopy(
            Checkpoint(
                self.updates,
                self.network.state_dict(),
                self.step.optimizer.state_dict(),
                self.dice.get_state(),
                began,
                self.used,
                self.best,
                tuple(self.history),
            )
        )

    def shuffle(self) -> None:
        """Deal the training examples into batches for one epoch, each example once."""
        self.epoch_dice = self.dice.get_state()
        x, y = self.train_examples
        size = self.experiment.training.batch
        if size < len(x):
            order = torch.randperm(len(x), generator=self.dice).to(self.device)
            self.batches = list(zip(torch.split(x[order], size), torch.split(y[order], size), strict=True))
        else:
            self.batches = [(x, y)]
        self.used = 0

    def batch(self) -> Examples:
        """The next examples to learn from."""
        if self.used == len(self.batches):
            self.shuffle()
        self.used += 1
        return self.batches[self.used - 1]

    def update(self) -> float:
        """One optimizer step; returns the objective of its batch before the step, as Update does."""
        reached = self.step(*self.batch())
        self.updates += 1
        return reached

    def test_loss(self) -> float:
        """The mean loss over the test examples, without penalties."""
        x, y = self.test_examples
        with torch.no_grad():
            return self.objective.losses(self.network(self.network.over_time(x)).outputs, y).mean().item()


def examples(experiment: Experiment, where: torch.device) -> tuple[Examples, Examples]:
    """The examples to train on and those to test on, as float32 on a device."""
    train, test = ((torch.tensor(x), torch.tensor(y)) for x, y in draw(experiment.data))
    (x, y), (a, b) = train, test
    return (x.float().to(where), y.float().to(where)), (a.float().to(where), b.float().to(where))
