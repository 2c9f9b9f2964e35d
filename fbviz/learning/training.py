"""Training: an experiment in, snapshots out.

    for snapshot in train(experiment, show=every(10)):
        print(snapshot.update, snapshot.train_loss)

Nothing here draws, prints, sleeps or knows who is watching. To pause is not to ask for the next
snapshot; to stop is to close the generator; to rewind, or to go on with another learning rate, is
to start again from a checkpoint.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch

from fbviz.experiment import Experiment
from fbviz.learning import arithmetic, probes
from fbviz.learning.gradients import NoFixedPointError
from fbviz.learning.run import Checkpoint, Run
from fbviz.snapshot import Ended, Snapshot

Schedule = Callable[[int], bool]

CHECK = 10  # updates between looks at the test loss, when an ending depends on it


def every(n: int) -> Schedule:
    """Show updates n, 2n, 3n, ..."""
    return lambda update: update > 0 and update % n == 0


def train(experiment: Experiment, *, show: Schedule = every(1), start: Checkpoint | None = None) -> Iterator[Snapshot]:
    """Run `experiment` to its end; yield a snapshot after each update that `show` picks, and the last.

    `show` is asked before the first update too: the untrained network is update 0. A run that goes on from `start`
    shows what comes after it.
    Same experiment, same device, same numbers, however often one looks and however long one waits between, and however
    many threads the caller uses meanwhile.
    """
    with arithmetic.settled():
        run = Run(experiment.fitted(), start)
        untrained = probes.snapshot(run) if not start and show(0) else None
    if untrained:
        yield untrained
    yield from going(run, show)


def going(run: Run, show: Schedule) -> Iterator[Snapshot]:
    """Run on from where `run` stands, to its end."""
    ended = None
    while ended is None:
        with arithmetic.settled():
            snapshot = following(run, show)
        yield snapshot
        ended = snapshot.ended


def following(run: Run, show: Schedule) -> Snapshot:
    """Update until `show` picks an update, or it was the last."""
    while True:
        ended = advance(run)
        if ended or show(run.updates):
            return probes.snapshot(run, ended)


def advance(run: Run) -> Ended | None:
    """One update, and the reason if it was the last."""
    settings = run.experiment.training
    if not run.updates:
        run.history = [probes.row(run)]
    try:
        objective = run.update()
    except NoFixedPointError as why:
        return Ended("no_fixed_point", {"radius": why.radius, "residual": why.residual})
    if run.updates in run.kept:
        run.history.append(probes.row(run))
    if not math.isfinite(objective):
        return diverged(run)
    if (settings.target_loss or settings.patience) and run.updates % CHECK == 0 and (reason := settled(run)):
        return reason
    if run.updates >= settings.updates:
        return Ended("finished", {"updates": run.updates})
    return None


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
