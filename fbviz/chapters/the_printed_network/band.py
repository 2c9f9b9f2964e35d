"""What the tutorial reports beside what its program does at many seeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fbviz.chapters.the_printed_network.printed import RATE, PrintedNetwork, reported
from fbviz.chapters.the_printed_network.tutorial import Epochs, points
from fbviz.chapters.the_printed_network.values import REPORTED, REPORTED_TEST, ROUNDED, BandDials
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.snapshot import Status, Told, facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import anew, watched

Array = np.ndarray

EVERY = 10  # epochs between two places of the band that is drawn


@dataclass(frozen=True, slots=True)
class Low(Told):
    """How the seeds stand beside what is reported."""

    as_low: int | None  # seeds whose loss is as low as the first that is reported, by then; None before


class Fleet(Epochs):
    """The printed network at the seeds 0 … n − 1, all trained at once: each weight has one more axis, the seed's."""

    def __init__(self, n: int) -> None:
        networks = [PrintedNetwork(seed) for seed in range(n)]
        alike = zip(*(network.parameters() for network in networks), strict=True)
        self.parameters = [torch.stack([p.detach() for p in group]).requires_grad_() for group in alike]
        self.optimizer = torch.optim.Adam(self.parameters, lr=RATE)
        self.x, self.y, self.tested = points()
        self.seeds, self.updates = n, 0
        self.losses: list[Array] = []  # (n,) at each epoch, before its update

    def outputs(self, x: Tensor) -> Tensor:
        """x (N, 2) -> (n, N, 2)."""
        W1, b1, W2, b2, W3, b3 = self.parameters
        h = torch.tanh(x @ W1.mT + b1[:, None])
        h = torch.tanh(h @ W2.mT + b2[:, None])
        return h @ W3.mT + b3[:, None]

    def advance(self, most: int = 1) -> None:
        """One epoch of every network. No weight hears another seed's, so the sum's gradient is each one's own."""
        self.optimizer.zero_grad()
        losses = (self.outputs(self.x) - self.y).square().mean((1, 2))  # (n,), the label broadcast to both outputs
        losses.sum().backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.losses.append(losses.detach().numpy().copy())
        self.updates += 1

    def frame(self, status: Status) -> Frame:
        """The band so far, the table of what is reported, and the answers at the test point."""
        done = len(self.losses)
        drawn = [epoch for epoch in range(done) if epoch % EVERY == 0 or epoch + 1 == done]
        band = spread([self.losses[epoch] for epoch in drawn])
        table = spread([self.losses[epoch - 1] for epoch in REPORTED if epoch <= done])
        compared = np.array([*REPORTED.values()])[: len(table)], table[:, 0], table[:, 2]
        with torch.no_grad():
            test = self.outputs(self.tested)[:, 0].numpy().astype(np.float64)  # (n, 2)
        (ends,) = spread([test.ravel()])
        tested = np.array([REPORTED_TEST]), ends[:1], ends[2:]
        epoch, loss = next(iter(REPORTED.items()))
        as_low = int((self.losses[epoch - 1] <= loss + ROUNDED).sum()) if done >= epoch else None
        return Frame(
            facts(status, Low(as_low)),
            {
                "band.epochs": np.array(drawn, np.int32) + 1,
                **{f"band.{name}": band[:, i].copy() for i, name in enumerate(("low", "median", "high"))},
                **{f"band.at_{name}": padded(table[:, i]) for i, name in enumerate(("low", "median", "high"))},
                "band.inside": padded(within(*compared)),
                "band.beyond": padded(beyond(*compared)),
                "band.seeds": np.arange(self.seeds, dtype=np.int32),
                "band.test_first": test[:, 0].copy(),
                "band.test_second": test[:, 1].copy(),
                "band.reported_test": np.full(self.seeds, REPORTED_TEST),
                "band.test": np.array(ends),
                "band.test_inside": within(*tested),
                "band.test_beyond": beyond(*tested),
                **reported(),
            },
        )


def spread(rows: list[Array]) -> Array:
    """The least, the median and the most of each row, (rows, 3) float64."""
    return np.array([[row.min(), np.median(row), row.max()] for row in rows], np.float64).reshape(-1, 3)


def within(said: Array, low: Array, high: Array) -> Array:
    """1 where a reported number, which is rounded, may lie in the band, else 0."""
    return ((said + ROUNDED >= low) & (said - ROUNDED <= high)).astype(np.float64)


def beyond(said: Array, low: Array, high: Array) -> Array:
    """0 where it may lie in the band, 1 where it lies below, 2 where above."""
    return np.where(said + ROUNDED < low, 1.0, np.where(said - ROUNDED > high, 2.0, 0.0))


def padded(column: Array) -> Array:
    """A column of the table, NaN where the runs have not come yet."""
    return np.append(column, np.full(len(REPORTED) - len(column), np.nan))


@program
def band(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Run the tutorial's program at as many seeds as the slider says; another number begins again."""

    def begin(seeds: int) -> Iterator[Frame]:
        fleet = Fleet(seeds)
        return watched(fleet, runner, fleet.frame)

    yield from anew(lambda: BandDials.of(runner.values).seeds, begin)
