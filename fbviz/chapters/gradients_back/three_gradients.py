"""Three ways to a gradient, on the learner's own experiment: how true each is, how long it takes, what it keeps."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from fbviz.chapters.gradients_back.saved import matrices, saved
from fbviz.chapters.gradients_back.values import COMPARED, WAYS, WHY, ThreeGradientsDials, longest
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning.gradients import NoFixedPointError, Unroll, bptt, implicit, stillness, truncated
from fbviz.learning.networks import Network
from fbviz.learning.run import Run
from fbviz.learning.training import Course
from fbviz.learning.update import PROBED
from fbviz.snapshot import Status, facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import always, watched

ANEW = 50  # updates after which a run that learns is first compared again, then after twice as many, and so on
REPEATS = 3  # of a timing, of which the shortest counts


class Way(NamedTuple):
    """One gradient: where it points (parameters,), what it took."""

    gradient: Tensor
    milliseconds: float
    kilobytes: float


@program
def three_gradients(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train the learner's loop, then compare BPTT, truncated BPTT(k) of the slider k, and the implicit gradient."""
    run = Run(experiment.looped())
    comparison, at, shown, arrays = Comparison(run), 0, 0, dict[str, np.ndarray]()

    def seen(status: Status) -> Frame:
        nonlocal comparison, at, shown, arrays
        k = ThreeGradientsDials.of(runner.values, k=run.experiment.training.truncation).k
        if run.updates >= max(ANEW, 2 * at) or (status.done and at != run.updates):  # it costs as much as many updates
            comparison, at, shown = Comparison(run), run.updates, 0
        if k != shown:
            shown, arrays = k, comparison.arrays(k)
        return Frame(facts(status), arrays)

    yield from watched(Course(run), runner, seen, rests=always)


class Comparison:
    """Three gradients of one loss: that of the last of T answers, over some training examples of a run as it stands."""

    def __init__(self, run: Run) -> None:
        self.run, self.sequence = run, run.experiment.task.kind.sequence
        self.network = copy.deepcopy(run.network)
        self.x, self.y = (part[:PROBED] for part in run.train_examples)
        own = run.experiment.unroll_steps
        self.steps = [*(T for T in COMPARED if not self.sequence or own >= T), own]
        self.long = self.steps.index(longest(run.experiment))
        self.full = [self.way(bptt, T) for T in self.steps]
        self.at_rest: list[Way] = []  # empty where the implicit gradient has no right
        self.refused: NoFixedPointError | None = None
        if not self.sequence:
            try:
                self.at_rest = [self.way(implicit, 1)] * len(self.steps)
            except NoFixedPointError as why:
                self.refused = why

    def way(self, unroll: Unroll, T: int) -> Way:
        """One gradient through T steps."""
        x = self.network.over_time(self.x, T)
        return measured(unroll, self.network, x, self.y[:, T - 1] if self.sequence else self.y, self.run)

    def arrays(self, k: int) -> dict[str, np.ndarray]:
        """Cosines to full BPTT, times and memories over T, (T,) each; (3,) the cosines at the experiment's own T, what
        the longest T costs, and of which loss each is the gradient.

        Where the implicit gradient has no right, its numbers are left out.
        """
        short = [self.way(partial(truncated, k=k, last=True), T) for T in self.steps]
        ways = dict(zip(WAYS, (self.full, short, self.at_rest), strict=True))
        columns: Mapping[str, Callable[[Way, Way], float]] = {
            "cosine": lambda way, true: cosine(way.gradient, true.gradient),
            "ms": lambda way, _: way.milliseconds,
            "kb": lambda way, _: way.kilobytes,
        }
        arrays: dict[str, Any] = {"three_gradients.steps": self.steps[:-1]}
        for column, of in columns.items():
            values = {
                name: [of(way, true) for way, true in zip(some, self.full, strict=False)] for name, some in ways.items()
            }
            arrays |= {f"three_gradients.{name}.{column}": some[:-1] for name, some in values.items()}
            name, T = ("own", -1) if column == "cosine" else ("long", self.long)
            arrays[f"three_gradients.{name}.{column}"] = [some[T] for some in values.values() if some]
        whole = "whole", self.steps[-1]
        whys = (whole, ("short", k) if k < self.steps[-1] else whole, self.implicitly())
        arrays["three_gradients.right"] = [word in ("whole", "at rest") for word, _ in whys]
        arrays["three_gradients.why"] = [WHY.index(word) for word, _ in whys]
        arrays["three_gradients.why.number"] = [number for _, number in whys]
        return {name: np.array(values, np.float32) for name, values in arrays.items()}

    def implicitly(self) -> tuple[str, float]:
        """Why the implicit gradient is one, or none: a word of WHY, and the number that says so."""
        if self.sequence:
            return "sequence", math.nan
        if self.refused is None:
            return "at rest", math.nan
        moves = not self.refused.residual < 10 * stillness(self.x)
        return ("moves", self.refused.residual) if moves else ("unstable", self.refused.radius)


def measured(unroll: Unroll, network: Network, x: Tensor, y: Tensor, run: Run) -> Way:
    """The gradient of the last answers' loss. x: (T, N, n), y: (N, k). Raises NoFixedPointError."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        gradient = slope(unroll(network, x), network, y, run)
        times.append(time.perf_counter() - began)
    _, kept = saved(lambda: unroll(network, x), network)
    kept += matrices(network, x) if unroll is implicit else 0
    return Way(gradient, 1000 * min(times), kept / 1000)


def slope(outputs: Tensor, network: Network, y: Tensor, run: Run) -> Tensor:
    """∂L/∂θ of the last of the outputs (T, N, k), all parameters in one vector; 0 for one that has no part in it."""
    loss = run.objective.loss_of(outputs[-1], y, torch).mean()
    parameters = list(network.parameters())
    parts = torch.autograd.grad(loss, parameters, allow_unused=True)
    return torch.cat(
        [(torch.zeros_like(W) if g is None else g).flatten() for g, W in zip(parts, parameters, strict=True)]
    )


def cosine(a: Tensor, b: Tensor) -> float:
    """Of the angle between two gradients; NaN where one is 0."""
    a, b = a.double(), b.double()
    return float(a @ b / (a.norm() * b.norm()))
