"""What programs share: a training that a reader watches, and what is measured of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from fbviz.commands import Value
from fbviz.frames import Frame
from fbviz.learning import probes
from fbviz.learning.run import Run
from fbviz.learning.training import Learner, moments
from fbviz.picture import SEQUENCES
from fbviz.snapshot import Ended, Status
from fbviz.worker.runner import Runner

MOST = 400  # rows of a trail; a curve on a page has about as many pixels

Arrays = Mapping[str, np.ndarray]
W = TypeVar("W")


class Watched(Learner, Protocol):
    """What is trained while a reader watches."""

    @property
    def status(self) -> Status:
        """What the status line says of it."""


def never(_: Ended) -> bool:
    return False


def always(_: Ended) -> bool:
    return True


def watched(
    learner: Watched,
    runner: Runner,
    seen: Callable[[Status], Frame],
    *,
    rests: Callable[[Ended], bool] = never,
    first: bool = True,
) -> Iterator[Frame]:
    """Train to the end; what is `seen` is a frame, at the `first` moment and whenever one is wanted, and at the end.

    A value that a reader has changed meanwhile is answered by another look, not by an update. A program that `rests`
    when its training is over goes on answering so.
    """
    for _ in moments(learner, runner.wanted, runner.ahead, first=first):
        if learner.ended:
            break
        before: dict[str, Value] | None = None
        while before != runner.values:
            frame, before = seen(learner.status), dict(runner.values)
            yield frame
    assert learner.ended, "it is trained to its end"
    while rests(learner.ended):
        yield seen(replace(learner.status, done=learner.ended, idle=True))
    yield seen(replace(learner.status, ended=learner.ended))


def anew(wish: Callable[[], W], begin: Callable[[W], Iterator[Frame]]) -> Iterator[Frame]:
    """The frames of what a reader wishes for; begun again as soon as that is something else."""
    asked = wish()
    frames = begin(asked)
    while (frame := next(frames, None)) is not None:
        yield frame
        if asked != (asked := wish()):
            frames = begin(asked)


class Trail:
    """Numbers over the updates of a run, in columns. When there are too many, every second row goes."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, ...]] = []

    def add(self, *row: float) -> None:
        """The update first; one that is not later than the last takes its place."""
        while self.rows and self.rows[-1][0] >= row[0]:
            self.rows.pop()
        self.rows.append(row)
        if len(self.rows) > MOST:
            self.rows = [*self.rows[:-1:2], self.rows[-1]]

    def column(self, i: int) -> np.ndarray:
        return np.array([row[i] for row in self.rows], np.float32)


@torch.no_grad()
def boundary(run: Run) -> np.ndarray:
    """What the last step says of each place, (G, G), or each step of the first test sequences, (S, T): uint8."""
    task, network = run.experiment.task, run.network
    if task.kind.sequence:
        said = network(network.over_time(run.test_examples[0][:SEQUENCES])).outputs.transpose(0, 1)
        return task.kind.shade(said).cpu().numpy()  # type: ignore[no-any-return]
    plane = probes.grids(task.domain, run.device)[: probes.G**2]
    return probes.field(run, network(network.over_time(plane)).outputs, 0)


@torch.no_grad()
def test_scores(run: Run) -> tuple[float, float]:
    """(the score a run is judged by, the loss), both over the test examples."""
    x, y = run.test_examples
    outputs = run.network(run.network.over_time(x)).outputs
    score = run.experiment.task.kind.judge(probes.final(run, outputs), y)
    return score, run.objective.losses(outputs, y).mean().item()


def plain(tensor: Tensor) -> np.ndarray:
    """A tensor as a frame carries it, float32."""
    return tensor.detach().cpu().float().numpy()
