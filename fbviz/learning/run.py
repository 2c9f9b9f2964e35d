"""A run: the moving parts of one training, an update, and a checkpoint to go on from."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from fbviz.choices import LOSS_STEPS, LOSSES, OPTIMIZERS
from fbviz.examples import draw
from fbviz.experiment import Experiment
from fbviz.history import Row, schedule
from fbviz.learning import penalties
from fbviz.learning.devices import device
from fbviz.learning.gradients import UNROLLS
from fbviz.learning.network import FeedbackNetwork

Examples = tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that a run needs to go on as if it had never stopped."""

    update: int
    network: dict[str, Any]
    optimizer: dict[str, Any]
    dice: Tensor
    epoch_dice: Tensor  # the dice as they were when the epoch began
    used: int  # batches of the epoch already seen
    best: tuple[float, int]
    history: tuple[Row, ...]


class Run:
    """The moving parts: the examples, the network, the optimizer and the dice that pick batches."""

    def __init__(self, experiment: Experiment, start: Checkpoint | None = None) -> None:
        self.experiment = experiment
        self.device = device(experiment.training.device)
        self.network = FeedbackNetwork(experiment).to(self.device)
        self.train_examples, self.test_examples = examples(experiment, self.device)
        self.dice = torch.Generator().manual_seed(experiment.training.seed)
        make = OPTIMIZERS[experiment.training.optimizer].f
        self.optimizer = make(self.network.parameters(), experiment.training.learning_rate, torch.optim)
        self.loss_of, self.listen = LOSSES[experiment.loss.loss].f, LOSS_STEPS[experiment.loss.loss_steps].f
        self.unroll = UNROLLS[experiment.training.gradient]
        self.parameters = list(self.network.parameters())
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

    def resume(self, start: Checkpoint) -> None:
        """Stand where `start` was taken; the learning rate is this experiment's own."""
        start = copy.deepcopy(start)
        self.network.load_state_dict(start.network)
        self.optimizer.load_state_dict(start.optimizer)
        for group in self.optimizer.param_groups:
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
                self.optimizer.state_dict(),
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

    def losses(self, outputs: Tensor, y: Tensor) -> Tensor:
        """The loss at each step and example, (T, N). outputs: (T, N, k); y: (N, k), or (N, T, k) for sequences."""
        if y.ndim == 3:
            return self.loss_of(outputs, y.transpose(0, 1), torch)  # type: ignore[no-any-return]
        return self.listen(self.loss_of(outputs, y, torch))  # type: ignore[no-any-return]

    def objective(self, x: Tensor, y: Tensor) -> Tensor:
        """What an update makes smaller: the mean loss of x and y, with the penalties."""
        outputs = self.unroll(self.network, self.network.over_time(x))
        return self.losses(outputs, y).mean() + penalties.of(self.network, self.experiment.loss, x, self.dice)

    def update(self) -> float:
        """One optimizer step; returns the objective of its batch before the step. Raises NoFixedPointError.

        NaN, and no step, where the objective or a gradient that is to be clipped is not finite: so it can be seen what
        broke.
        """
        for W in self.parameters:
            W.grad = None
        objective = self.objective(*self.batch())
        objective.backward()  # type: ignore[no-untyped-call]
        self.updates += 1
        reached = objective.item()
        if not (math.isfinite(reached) and self.clip()):
            return math.nan
        self.optimizer.step()
        if self.experiment.feedback.spectral_norm:
            penalties.hold(self.network)
        return reached

    def clip(self) -> bool:
        """Cut the gradient to the length of `training.clip`. False, and no cut, where it is not finite."""
        if not self.experiment.training.clip:
            return True
        gradients = [W.grad for W in self.parameters if W.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        if not norm.isfinite() and not all(g.isfinite().all() for g in gradients):
            return False
        torch.nn.utils.clip_grads_with_norm_(self.parameters, self.experiment.training.clip, norm)
        return True

    def test_loss(self) -> float:
        """The mean loss over the test examples, without penalties."""
        x, y = self.test_examples
        with torch.no_grad():
            return self.losses(self.network(self.network.over_time(x)).outputs, y).mean().item()


def examples(experiment: Experiment, where: torch.device) -> tuple[Examples, Examples]:
    """The examples to train on and those to test on, as float32 on a device."""
    train, test = ((torch.tensor(x), torch.tensor(y)) for x, y in draw(experiment.data))
    (x, y), (a, b) = train, test
    return (x.float().to(where), y.float().to(where)), (a.float().to(where), b.float().to(where))
