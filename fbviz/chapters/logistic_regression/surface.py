"""Logistic regression on the tutorial's four points, as it trains: its loss over two weights, and its answers.

The first weights are those PyTorch draws for a linear layer at the seed, so every number is the script's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from fbviz.chapters.logistic_regression.values import HIGH, LOW, SIDE, SurfaceDials
from fbviz.commands import Value
from fbviz.experiment import Experiment, Training
from fbviz.frames import Frame
from fbviz.learning import probes
from fbviz.learning.run import Run
from fbviz.learning.training import Course
from fbviz.snapshot import Ended, Status, Told, facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import watched

Array = np.ndarray

APART = 0.004  # two points of the path that are nearer than this look like one
FIXED: Mapping[str, Any] = {"task": "article", "hidden": (), "feedback": "none", "steps": 1, "device": "cpu"}


@dataclass(frozen=True, slots=True)
class Seen(Told):
    """What has been seen of a run."""

    right: float  # the share of the four points on the right side
    test: float  # P(y = 1) at the test point
    first: int | None  # the update after which all four were right for the first time


class Descent(Course):
    """A run of logistic regression, and what has been seen of it."""

    def __init__(self, experiment: Experiment) -> None:
        self.run = Run(experiment)
        super().__init__(self.run)
        self.linear: nn.Linear = self.run.network.layers[0]  # type: ignore[assignment]
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(experiment.training.seed)
            self.linear.load_state_dict(nn.Linear(2, 1).state_dict())
        self.path = [self.weights()]
        self.first: int | None = None  # the update after which all four were right for the first time
        self.since: int | None = None  # and since which they have been
        self.look()

    def weights(self) -> Array:
        """w₁ and w₂, (2,)."""
        return self.linear.weight.detach()[0].numpy().copy()

    @torch.no_grad()
    def right(self) -> float:
        """The share of the four points on the right side."""
        x, y = self.run.train_examples
        return float(((self.linear(x) > 0) == (y > 0)).float().mean())

    def look(self) -> None:
        """Take note of where the run stands."""
        if self.right() < 1:
            self.since = None
        elif self.since is None:
            self.since = self.run.updates
            self.first = self.run.updates if self.first is None else self.first
        w = self.weights()
        if np.abs(w - self.path[-1]).max() > APART:
            self.path.append(w)

    def update(self, run: Run, most: int) -> Ended | None:
        """One update, and a look at it."""
        ended = super().update(run, 1)
        self.look()
        return ended

    def frame(self, status: Status) -> Frame:
        """Everything that is shown of this moment."""
        seen = probes.snapshot(self.run, status.ended)
        (w1, w2), b = self.weights().tolist(), self.linear.bias.item()
        tested = self.answers(self.run.test_examples[0])
        path = np.array([*self.path, [w1, w2]], np.float32)
        numbers = [seen.train_loss, w1, w2, b, crossing(w1, w2, b), tested["p"].item()]
        counted = [np.nan if at is None else at for at in (self.first, self.since)]
        own = {
            "surface.loss": log_losses(self.run, b),
            "surface.path_w1": path[:, 0].copy(),
            "surface.path_w2": path[:, 1].copy(),
            "surface.now_w1": path[-1:, 0].copy(),
            "surface.now_w2": path[-1:, 1].copy(),
            "surface.numbers": np.array([*numbers, self.right(), *counted]),
            "boundary": seen.boundary,
        }
        for name, x in (("points", self.run.train_examples[0]), ("test", self.run.test_examples[0])):
            own |= {f"sigmoid.{name}_{key}": value for key, value in self.answers(x).items()}
        return Frame(facts(seen.status, Seen(self.right(), tested["p"].item(), self.first)), own)

    @torch.no_grad()
    def answers(self, x: Tensor) -> dict[str, Array]:
        """z and σ(z) of the points x (N, 2), each (N,)."""
        z = self.linear(x)[:, 0]
        return {"z": z.numpy(), "p": torch.sigmoid(z).numpy()}


@torch.no_grad()
def log_losses(run: Run, b: float) -> Array:
    """log₁₀ of the loss for every pair of weights, (SIDE, SIDE) float32: w₂ by row, w₁ by column, the bias held."""
    axis = torch.linspace(LOW, HIGH, SIDE)
    x, y = run.train_examples
    u = axis[None, :, None] * x[:, 0] + axis[:, None, None] * x[:, 1] + b  # (w₂, w₁, points)
    losses = run.objective.loss_of(u[..., None], y, torch).mean(-1)
    return torch.log10(losses).float().numpy()


def crossing(w1: float, w2: float, b: float) -> float:
    """x₁ where the line w₁x₁ + w₂x₂ + b = 0 meets x₂ = x₁ + 1, on which all the points lie; all are right in (2, 3)."""
    return -(w2 + b) / (w1 + w2) if w1 + w2 else float("nan")


def wished(values: Mapping[str, Value], training: Training) -> SurfaceDials:
    """What the sliders say of updates and seed; without them, what the experiment says."""
    return SurfaceDials.of(values, updates=training.updates, seed=training.seed)


@program
def surface(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train logistic regression on the four points; a new seed begins again, and so do fewer updates; more go on."""
    experiment = experiment.changed(**FIXED).fitted()
    while True:
        wish = wished(runner.values, experiment.training)
        descent = Descent(experiment.changed(**asdict(wish)))
        for frame in watched(descent, runner, descent.frame):
            yield frame
            before, wish = wish, wished(runner.values, experiment.training)
            if wish.seed != before.seed or (wish != before and wish.updates <= descent.updates):
                break
            descent.run.experiment = experiment.changed(**asdict(wish))
        else:
            return
