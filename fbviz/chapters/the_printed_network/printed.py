"""The network as the tutorial prints it, run as it stands: 2-10-2-2, tanh on both hidden layers, two linear outputs.

Its targets are (4, 1) where its outputs are (4, 2), and it asks two numbers to be one.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from fbviz.chapters.the_printed_network.tutorial import Epochs, points, prints
from fbviz.chapters.the_printed_network.values import (
    REPORTED,
    REPORTED_TEST,
    ROUNDED,
    PrintedDials,
    series,
)
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.snapshot import Status, Told, facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import anew, watched

Array = np.ndarray

SIZES = (2, 10, 2, 2)
RATE = 0.01  # of Adam


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed(Told):
    """What the program says when it is run, and what it is found to be."""

    output_shape: str
    target_shape: str
    warning: str  # of the loss
    error: str  # that .item() raises
    printed: str  # the epochs it prints
    back: int  # layers that hear a later one
    apart: float  # mean distance of the two outputs on the four points
    one_number: int  # numbers that .item() gives at the test point: 1, or 0 where it raises


class PrintedNetwork(nn.Module):
    """2-10-2-2, first weights as PyTorch draws them at `seed`."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(SIZES))

    def activities(self, x: Tensor) -> list[Tensor]:
        """The input and what each layer makes of it: (N, 2), (N, 10), (N, 2), (N, 2)."""
        kept = [x]
        for layer in self.layers[:-1]:
            kept.append(torch.tanh(layer(kept[-1])))
        return [*kept, self.layers[-1](kept[-1])]

    def forward(self, x: Tensor) -> Tensor:
        """x (N, 2) -> (N, 2)."""
        return self.activities(x)[-1]


def heard(loss: Callable[[Tensor, Tensor], Tensor], outputs: Tensor, targets: Tensor) -> tuple[Tensor, str]:
    """The loss, and the warning that came with it, or nothing."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        value = loss(outputs, targets)
    return value, f"{said[0].category.__name__}: {said[0].message}" if said else ""


def asked_for_one_number(outputs: Tensor) -> tuple[float | None, str]:
    """What `.item()` gives, or the error that it raises."""
    try:
        return outputs.item(), ""
    except RuntimeError as why:
        return None, f"{type(why).__name__}: {why}"


def influence(activities: list[Tensor]) -> tuple[Array, int]:
    """‖∂aᵢ/∂aⱼ‖ of every activity by every other, (layers, layers), and how many later ones an earlier one hears.

    The norm is Frobenius', over all examples; it is 0 where autograd finds that aⱼ was not used for aᵢ.
    """
    table, back = np.zeros((len(activities), len(activities)), np.float32), 0
    for i, of in enumerate(activities):
        columns = [  # for each neuron of this layer, its gradient with respect to every activity
            torch.autograd.grad(neuron.sum(), activities, retain_graph=True, allow_unused=True) for neuron in of.T
        ]
        for j, by in enumerate(zip(*columns, strict=True)):
            used = [column for column in by if column is not None]
            table[i, j] = torch.stack(used).norm().item() if used else 0.0
            back += bool(used and j > i)
    return table, back


class PrintedRun(Epochs):
    """The tutorial's training, epoch by epoch."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.updates = 0
        self.network = PrintedNetwork(seed)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=RATE)
        self.x, self.y, self.tested = points()
        self.losses: list[float] = []  # of each epoch, before its update

    def advance(self, most: int = 1) -> None:
        """One epoch: all four points, one step."""
        self.optimizer.zero_grad()
        loss, _ = heard(nn.MSELoss(), self.network(self.x), self.y)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.losses.append(loss.item())
        self.updates += 1

    def frame(self, status: Status) -> Frame:
        """What is so at this moment, and what the tutorial reports."""
        activities = self.network.activities(self.x.clone().requires_grad_())
        outputs = activities[-1].detach()
        table, back = influence(activities)
        broadcast, warning = heard(nn.MSELoss(), outputs, self.y)
        repeated, _ = heard(nn.MSELoss(), outputs, self.y.expand(-1, outputs.shape[1]))
        with torch.no_grad():
            test = self.network(self.tested)
        answer, error = asked_for_one_number(test)
        reached = answer is not None and abs(answer - REPORTED_TEST) <= ROUNDED
        done = len(self.losses)
        printed = [epoch for epoch in range(done) if prints(epoch)]
        numbers = tuple(epoch + 1 for epoch in printed)  # that it prints
        told = Printed(
            output_shape=" × ".join(map(str, outputs.shape)),
            target_shape=" × ".join(map(str, self.y.shape)),
            warning=warning,
            error=error,
            printed=series(numbers),
            back=back,
            apart=(outputs[:, 0] - outputs[:, 1]).abs().mean().item(),
            one_number=int(answer is not None),
        )
        return Frame(
            facts(status, told),
            {
                "printed.target": self.y[:, 0].numpy(),
                "printed.first": outputs[:, 0].numpy().copy(),
                "printed.second": outputs[:, 1].numpy().copy(),
                "printed.test": test[0].numpy(),
                "printed.losses": np.array([broadcast.item(), repeated.item()]),
                "printed.same": np.array(
                    [torch.equal(broadcast, repeated), reached, numbers == tuple(REPORTED)], np.float64
                ),
                "printed.numbers": np.array([sum(p.numel() for p in self.network.parameters()), back], np.float64),
                "printed.epochs": np.arange(1, done + 1, dtype=np.int32),
                "printed.curve": np.array(self.losses, np.float32),
                "printed.log_epochs": np.array(numbers, np.int32),
                "printed.log_losses": np.array([self.losses[epoch] for epoch in printed], np.float32),
                "printed.influence": table,
                **reported(),
            },
        )


def reported() -> dict[str, Array]:
    """What the tutorial says came out."""
    return {
        "reported.epochs": np.array([*REPORTED], np.int32),
        "reported.losses": np.array([*REPORTED.values()]),
    }


@program
def printed(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Run the tutorial's program at the seed of the slider; another seed begins again. No setting changes anything."""

    def begin(seed: int) -> Iterator[Frame]:
        run = PrintedRun(seed)
        return watched(run, runner, run.frame)

    yield from anew(lambda: PrintedDials.of(runner.values).seed, begin)
