"""Which loop remembers what: every row of the table of sequences, trained from several seeds at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call, stack_module_state, vmap

from fbviz.chapters.closing_the_loop.values import LONG, ROWS, SEEDS, TRAINED
from fbviz.choices import OPTIMIZERS
from fbviz.examples import draw
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning.run import Run
from fbviz.snapshot import Ended, Status, facts
from fbviz.tasks.kinds import classes
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import watched


class Ensemble:
    """Runs that differ in their seed only, updated together: the same networks, batches and steps, in one pass.

    One optimizer serves all, if it moves each number by its own gradient alone.
    """

    def __init__(self, experiment: Experiment, seeds: Sequence[int]) -> None:
        """ValueError names the setting that cannot be served so: what looks at several weights at once."""
        refuse(experiment)
        self.experiment = experiment
        self.runs = [Run(experiment.changed(seed=seed)) for seed in seeds]
        self.cell = self.runs[0].network
        self.parameters, _ = stack_module_state([run.network for run in self.runs])
        make = OPTIMIZERS[experiment.training.optimizer].f
        self.optimizer = make(list(self.parameters.values()), experiment.training.learning_rate, torch.optim)

    def outputs(self, x: Tensor) -> Tensor:
        """What each network says to its own examples x (S, N, T, n): (S, T, N, k)."""
        one = lambda theta, heard: functional_call(self.cell, theta, (heard,)).outputs  # noqa: E731
        said: Tensor = vmap(one)(self.parameters, x.transpose(1, 2))
        return said

    def update(self) -> None:
        """One optimizer step of every run, each on its own batch."""
        batches = [run.batch() for run in self.runs]
        x, y = (torch.stack(parts) for parts in zip(*batches, strict=True))  # (S, N, T, n), (S, N, T, k)
        self.optimizer.zero_grad()
        losses = self.runs[0].objective.loss_of(self.outputs(x), y.transpose(1, 2), torch)  # (S, T, N)
        losses.mean((1, 2)).sum().backward()  # no run's loss hears of another's weights
        self.optimizer.step()

    @torch.no_grad()
    def accuracy(self, length: int) -> np.ndarray:
        """(S,) the share of right answers on test sequences of `length` elements."""
        x, y = (torch.tensor(part).float() for part in draw(replace(self.experiment.data, length=length))[1])
        x, y = (part.to(self.runs[0].device).expand(len(self.runs), *part.shape) for part in (x, y))
        right = classes(self.outputs(x).transpose(1, 2)) == classes(y)
        share: np.ndarray = right.float().mean((1, 2)).cpu().numpy()
        return share


PLAIN = ("clip", "l1", "l2", "jacobian_penalty", "spectral_norm")  # what an ensemble leaves at 0


def refuse(experiment: Experiment) -> None:
    """ValueError for an experiment whose runs cannot be updated together."""
    training = experiment.training
    if not OPTIMIZERS[training.optimizer].elementwise:
        raise ValueError(f"{training.optimizer} moves a weight by the gradients of others, too; train the runs apart")
    if training.gradient != "bptt":
        raise ValueError(f"an ensemble's gradient is bptt, not {training.gradient}")
    if asked := [name for name in PLAIN if experiment[name]]:
        raise ValueError(f"an ensemble does without {', '.join(asked)}")


class Table:
    """Every row from every seed, one row after the other."""

    def __init__(self) -> None:
        self.found = {length: np.full((len(ROWS), SEEDS), np.nan) for length in (TRAINED, LONG)}
        self.done = np.zeros(len(ROWS), np.float32)  # the part of each row's updates that is made
        self.updates = self.made = self.row = 0  # of all rows, of this one, and which it is
        self.ensemble = Ensemble(ROWS[0].experiment, range(SEEDS))

    @property
    def ended(self) -> Ended | None:
        return Ended("finished", {"updates": self.updates}) if self.row == len(ROWS) else None

    @property
    def status(self) -> Status:
        return Status(update=self.updates, epoch=round(float(self.done.mean()), 3))

    def advance(self) -> None:
        """One update of the runs of a row; after its last, the row has its numbers."""
        self.ensemble.update()
        self.updates, self.made = self.updates + 1, self.made + 1
        most = self.ensemble.experiment.training.updates
        self.done[self.row] = self.made / most
        if self.made < most:
            return
        for length, table in self.found.items():
            table[self.row] = self.ensemble.accuracy(length)
        self.row, self.made = self.row + 1, 0
        if not self.ended:
            self.ensemble = Ensemble(ROWS[self.row].experiment, range(SEEDS))


@program
def sequence_table(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train every row from every seed; a row has its numbers when its runs have ended. No setting changes anything."""
    table = Table()
    yield from watched(table, runner, lambda status: frame(table, status))


def frame(so_far: Table, status: Status) -> Frame:
    """The table so far, row by row: (rows,) each, NaN where a row has not ended."""
    arrays = {"sequence_table.done": so_far.done.copy()}
    for length, table in so_far.found.items():
        arrays[f"sequence_table.{length}.mean"] = table.mean(1).astype(np.float32)
        arrays[f"sequence_table.{length}.sd"] = table.std(1, ddof=1).astype(np.float32)
    return Frame(facts(status), arrays)
