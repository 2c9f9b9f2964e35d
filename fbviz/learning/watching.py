"""What programs that look into a loop share: values from a reader, and a run that is watched while it learns."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping

import numpy as np
import torch
from torch import Tensor

from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning import probes
from fbviz.learning.desk import Desk
from fbviz.learning.run import Run
from fbviz.learning.training import advance
from fbviz.picture import SEQUENCES
from fbviz.snapshot import Ended, Status

MOST = 400  # rows of a trail; a curve on a page has about as many pixels

Arrays = Mapping[str, np.ndarray]


def looped(query: Mapping[str, str]) -> Experiment:
    """The experiment of a query; without a loop there is nothing to look into, so its output returns to its input."""
    experiment, _ = Experiment.from_query(query)
    return experiment.looped()


def learning(run: Run, desk: Desk, seen: Callable[[], Frame]) -> Generator[Frame, None, Ended]:
    """Train a run to its end, and return why it is over.

    What is `seen` of it is a frame, before the first update and whenever one is wanted.
    A value that a reader has changed meanwhile is answered by another look, not by an update.
    """
    ended: Ended | None = None
    while ended is None:
        while desk.wanted(run.updates):
            frame, before = seen(), dict(desk.values)
            yield frame
            if desk.values == before:
                break
        ended = advance(run)
    return ended


def longest(runs: Mapping[str, Run], ended: Mapping[str, Ended]) -> Ended:
    """Why the run that went furthest is over."""
    return ended[max(runs, key=lambda name: runs[name].updates)]


def status(run: Run, *, ended: Ended | None = None, done: Ended | None = None) -> Status:
    """What the status line says of a run: that it is over, or that it is done and its program goes on answering."""
    return Status(
        update=run.updates,
        epoch=round(run.epoch, 2),
        device=str(run.device),
        ended=ended,
        done=done,
        idle=done is not None,
    )


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
