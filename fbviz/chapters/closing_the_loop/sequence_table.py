"""Which loop remembers what: the rows of the table of sequences, those of one loop trained at once from all seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call, stack_module_state, vmap

from fbviz.chapters.closing_the_loop.values import LONG, LOOPS, ROWS, SEEDS, TRAINED
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
    """Runs that differ in seed and task only, updated together: the same networks, batches and steps, in one pass.

    One optimizer serves all, if it moves each number by its own gradient alone. The tasks have examples of one shape.
    """

    def __init__(self, experiments: Sequence[Experiment]) -> None:
        """ValueError names the setting that cannot be served so: what looks at several weights at once."""
        experiment = experiments[0]
        refuse(experiment)
        self.runs = [Run(experiment) for experiment in experiments]
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
        tested = [draw(replace(run.experiment.data, length=length))[1] for run in self.runs]
        x, y = (torch.tensor(np.stack(parts)).float().to(self.runs[0].device) for parts in zip(*tested, strict=True))
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
    """Every row from every seed: the rows of one loop together, one loop after the other."""

    def __init__(self) -> None:
        self.found = {length: np.full((len(ROWS), SEEDS), np.nan) for length in (TRAINED, LONG)}
        self.done = np.zeros(len(ROWS), np.float32)  # the part of each row's updates that is made
        self.updates = 0  # of all loops
        self.loops = [[i for i, row in enumerate(ROWS) if row.loop == loop] for loop in LOOPS]  # that are to come
        self.begin()

    @property
    def ended(self) -> Ended | None:
        return None if self.loops else Ended("finished", {"updates": self.updates})

    @property
    def status(self) -> Status:
        return Status(update=self.updates, share=float(self.done.mean()))

    def begin(self) -> None:
        """Begin with the runs of the next loop."""
        self.made, rows = 0, [ROWS[i].experiment for i in self.loops[0]]
        self.ensemble = Ensemble([row.changed(seed=seed) for row in rows for seed in range(SEEDS)])

    def advance(self, most: int = 1) -> None:
        """One update of the runs of a loop; after its last, its rows have their numbers."""
        self.ensemble.update()
        self.updates, self.made = self.updates + 1, self.made + 1
        rows, most = self.loops[0], self.ensemble.runs[0].experiment.training.updates
        self.done[rows] = self.made / most
        if self.made < most:
            return
        for length, table in self.found.items():
            table[rows] = self.ensemble.accuracy(length).reshape(-1, SEEDS)
        self.loops.pop(0)
        if self.loops:
            self.begin()


@program
def sequence_table(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train every row from every seed; it has its numbers when its runs have ended. No setting changes anything."""
    table = Table()
    yield from watched(table, runner, lambda status: frame(table, status))


def frame(so_far: Table, status: Status) -> Frame:
    """The table so far, row by row: (rows,) each, NaN where a row has not ended."""
    arrays = {"sequence_table.done": so_far.done.copy()}
    for length, table in so_far.found.items():
        arrays[f"sequence_table.{length}.mean"] = table.mean(1).astype(np.float32)
        arrays[f"sequence_table.{length}.sd"] = table.std(1, ddof=1).astype(np.float32)
    return Frame(facts(status), arrays)
