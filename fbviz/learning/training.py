"""Training: an experiment in, snapshots out.

    for snapshot in train(experiment, show=every(10)):
        print(snapshot.update, snapshot.train_loss)

Nothing here draws, prints, sleeps or knows who is watching. To pause is not to ask for the next
snapshot; to stop is to close the generator; to rewind, or to go on with another learning rate, is
to start again from a checkpoint.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import torch

from fbviz.experiment import Experiment
from fbviz.learning import arithmetic, probes
from fbviz.learning.gradients import NoFixedPointError
from fbviz.learning.run import Checkpoint, Run
from fbviz.snapshot import Ended, Snapshot, Status

Schedule = Callable[[int], bool]

CHECK = 10  # updates between looks at the test loss, when an ending depends on it


@dataclass(frozen=True, slots=True)
class every:  # noqa: N801, it is called as a function
    """Show updates n, 2n, 3n, ..."""

    n: int

    def __call__(self, update: int) -> bool:
        return update > 0 and update % self.n == 0

    def ahead(self, update: int) -> int:
        """How many updates there are from this one to the next that is shown."""
        return self.n - update % self.n


def one(_: int) -> int:
    """A schedule that is to be asked after each update."""
    return 1


def train(experiment: Experiment, *, show: Schedule = every(1), start: Checkpoint | None = None) -> Iterator[Snapshot]:
    """Run `experiment` to its end; yield a snapshot after each update that `show` picks, and the last.

    `show` is asked before the first update too: the untrained network is update 0. A run that goes on from `start`
    shows what comes after it.
    Same experiment, same device, same numbers, however often one looks and however long one waits between, and however
    many threads the caller uses meanwhile.
    """
    with arithmetic.settled():
        run = Run(experiment.fitted(), start)
    course = Course(run)
    seen = moments(course, show, getattr(show, "ahead", one), first=not start)
    while True:
        with arithmetic.settled():
            if next(seen, None) is None:
                return
            snapshot = probes.snapshot(run, course.ended)
        yield snapshot


class Learner(Protocol):
    """What is trained, update by update: a run, or several."""

    @property
    def updates(self) -> int:
        """How many it has made."""

    @property
    def ended(self) -> Ended | None:
        """Why it is over, if it is."""

    def advance(self, most: int = 1) -> None:
        """Updates: one at least, and so many at most."""


class Course:
    """Runs that learn side by side, equally many updates in turn, each to its own end."""

    def __init__(self, *runs: Run) -> None:
        self.runs = runs
        self.endings: list[Ended | None] = [None] * len(runs)

    @property
    def updates(self) -> int:
        """Of the run that has gone furthest."""
        return max(run.updates for run in self.runs)

    @property
    def ended(self) -> Ended | None:
        """Why the run that went furthest is over, when all are."""
        _, why = max(zip(self.runs, self.endings, strict=True), key=lambda pair: pair[0].updates)
        return why if all(self.endings) else None

    @property
    def status(self) -> Status:
        """What the status line says: of the run that has gone furthest."""
        run = max(self.runs, key=lambda run: run.updates)
        return Status(
            update=run.updates, epoch=round(run.epoch, 2), device=str(run.device), engine=run.step.name, share=run.share
        )

    def advance(self, most: int = 1) -> None:
        """Updates of each run that is not over: one at least, so many at most, and none beyond where one pauses."""
        going = [run for run, why in zip(self.runs, self.endings, strict=True) if not why]
        most = min(most, *(pause(run) - run.updates for run in going))
        self.endings = [why or self.update(run, most) for run, why in zip(self.runs, self.endings, strict=True)]

    def update(self, run: Run, most: int) -> Ended | None:
        """So many updates of one run, and the reason if the last was its last."""
        return advance(run, most)


def moments(
    learner: Learner, show: Schedule, ahead: Callable[[int], int] = one, *, first: bool = True
) -> Iterator[int]:
    """Train to the end, and stop after each update that `show` picks, and the last; at the `first` it is asked, too.

    After an update it need not be asked again before so many more as `ahead` says.
    """
    if first and show(learner.updates):
        yield learner.updates
    while not learner.ended:
        learner.advance(ahead(learner.updates))
        if learner.ended or show(learner.updates):
            yield learner.updates


def advance(run: Run, most: int = 1) -> Ended | None:
    """Updates, so many at most, and the reason if the last was the run's last."""
    settings = run.experiment.training
    if not run.updates:
        run.history = [probes.row(run)]
    objective, goal = 0.0, min(run.updates + most, pause(run))
    try:
        while run.updates < goal and math.isfinite(objective):
            objective = run.update(goal - run.updates)
    except NoFixedPointError as why:
        return Ended("no_fixed_point", {"radius": why.radius, "residual": why.residual})
    if run.updates in run.kept:
        run.history.append(probes.row(run))
    if not math.isfinite(objective):
        return diverged(run)
    if watchful(run) and run.updates % CHECK == 0 and (reason := settled(run)):
        return reason
    if run.updates >= settings.updates:
        return Ended("finished", {"updates": run.updates})
    return None


def pause(run: Run) -> int:
    """The next update after which there is something to do: a row of the history, a look at the test loss, the end."""
    kept = bisect_right(run.kept, run.updates)
    until = run.kept[kept] if kept < len(run.kept) else run.experiment.training.updates
    return min(until, run.updates - run.updates % CHECK + CHECK) if watchful(run) else max(until, run.updates + 1)


def watchful(run: Run) -> bool:
    """Does its end depend on the test loss?"""
    return bool(run.experiment.training.target_loss or run.experiment.training.patience)


def settled(run: Run) -> Ended | None:
    """Is the test loss low enough, or has it stopped falling?"""
    settings, loss = run.experiment.training, run.test_loss()
    if loss < run.best[0]:
        run.best = (loss, run.updates)
    if loss < settings.target_loss:
        return Ended("converged", {"loss": loss})
    if settings.patience and run.updates - run.best[1] >= settings.patience:
        return Ended("plateau", {"updates": run.updates - run.best[1]})
    return None


def diverged(run: Run) -> Ended:
    """The layer that broke first: its weights in the step before, or its gradient in this one.

    The gradient goes from the output to the input, and what comes after a broken one on its way is broken by it. Where
    all is finite but the objective, the weights of the layer are the largest.
    """
    back = run.network.way_back()
    weights = {name: torch.cat([W.detach().flatten() for W in back[name]]) for name in back}
    gradients = {name: torch.cat([(W if W.grad is None else W.grad).flatten() for W in back[name]]) for name in back}
    broken = [name for what in (weights, gradients) for name in back if not what[name].isfinite().all()]
    layer = broken[0] if broken else max(back, key=lambda name: weights[name].abs().max().item())
    return Ended("diverged", {"update": run.updates, "layer": layer})
