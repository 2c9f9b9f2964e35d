"""A run: the moving parts of one training, an update, and a checkpoint to go on from."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fbviz.examples import draw
from fbviz.experiment import Experiment
from fbviz.history import Row, schedule
from fbviz.learning.devices import device
from fbviz.learning.networks import build
from fbviz.learning.update import Examples, Objective, updating

DEALT = 4000  # examples that are dealt at once


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that a run needs to go on as if it had never stopped."""

    update: int
    network: dict[str, Tensor]
    optimizer: dict[str, object]  # as torch keeps it
    dice: Tensor
    epoch_dice: Tensor  # the dice as they were before these were dealt
    used: int  # batches already seen of those that were dealt
    best: tuple[float, int]
    history: tuple[Row, ...]


class Run:
    """The moving parts: the examples, the network, what updates it and the dice that pick batches."""

    def __init__(self, experiment: Experiment, start: Checkpoint | None = None) -> None:
        self.experiment = experiment
        self.device = device(experiment)
        self.network = build(experiment).to(self.device)
        self.train_examples, self.test_examples = examples(experiment, self.device)
        self.dice = torch.Generator().manual_seed(experiment.training.seed)
        self.objective = Objective(experiment, self.network, self.dice)
        self.step = updating(experiment, self.network, self.objective, self.train_examples)
        self.updates = 0
        self.best = (math.inf, 0)  # the lowest test loss, and the update it was seen at
        self.order = torch.zeros(0, dtype=torch.int64)  # in which the examples were dealt
        self.used = 0  # batches of them
        self.history: list[Row] = []
        if start:
            self.resume(start)

    @property
    def kept(self) -> Sequence[int]:
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
        self.step.resume(start.optimizer)
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
        began = self.epoch_dice if len(self.order) else self.dice.get_state()
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

    @property
    def size(self) -> int:
        """Of a batch: as many examples as asked for, at most all there are."""
        return min(self.experiment.training.batch, len(self.train_examples[0]))

    def shuffle(self) -> None:
        """Deal the training examples into batches, each example once an epoch.

        Where no batch is smaller than the others, some epochs at once, so that many updates can be made in one go.
        """
        self.epoch_dice = self.dice.get_state()
        count = len(self.train_examples[0])
        epochs = 1 if count % self.size else max(1, DEALT // count)
        if self.size == count:
            order = torch.arange(count).repeat(epochs)
        else:
            order = torch.cat([torch.randperm(count, generator=self.dice) for _ in range(epochs)])
        self.order, self.used = order.to(self.device), 0

    def deal(self, most: int) -> Tensor:
        """The examples of the next batches: so many at most, and none that are not dealt yet."""
        if self.used * self.size >= len(self.order):
            self.shuffle()
        return self.order[self.used * self.size : (self.used + most) * self.size]

    def batch(self) -> Examples:
        """The next examples to learn from."""
        x, y = self.train_examples
        picked = self.deal(1)
        self.used += 1
        return x[picked], y[picked]

    def update(self, most: int = 1) -> float:
        """Optimizer steps, so many at most, until one is not finite; returns the objective of the last, as Update does.

        It stops where no more are dealt, so ask how many were made.
        """
        made, reached = self.step(self.deal(most), self.size)
        self.updates, self.used = self.updates + made, self.used + made
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
