"""The printed network, repaired one switch at a time, trained beside the network as it stands.

one output       the last layer answers with as many numbers as a point has labels
cross-entropy    the loss of a two-class task, taken from logits, instead of the squared error
a real test      101 points on the data's own line instead of one number that is printed
a feedback edge  the third layer carries the answer back to the input, and the loop runs T = 5 steps
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from fbviz.chapters.the_printed_network.printed import RATE, asked_for_one_number, heard
from fbviz.chapters.the_printed_network.tutorial import Epochs, points
from fbviz.chapters.the_printed_network.values import REPAIR, RepairsDials
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.snapshot import Status, Told, facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import anew, watched

Array = np.ndarray

INPUTS, HIDDEN, STEPS = 2, 10, 5
MIDDLE = 2.5  # x₁ half way between the last point labelled 0 and the first labelled 1


@dataclass(frozen=True, slots=True)
class Words:
    """What a training says in words."""

    error: str  # that its loss or its test raises


@dataclass(frozen=True, slots=True)
class Both(Told):
    """The network as it stands, and its repair."""

    before: Words
    after: Words


class Repaired(nn.Module):
    """The printed network with some switches thrown; with none it is the printed network, number for number."""

    def __init__(self, switches: RepairsDials) -> None:
        super().__init__()
        self.loop = switches.feedback
        answers = 1 if switches.one_output else 2
        second = answers if self.loop else 2
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(switches.seed)
            self.first = nn.Linear(INPUTS, HIDDEN)
            self.second = nn.Linear(HIDDEN, second)
            self.third = nn.Linear(second, INPUTS if self.loop else answers)

    def step(self, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        """x (N, 2) and the answer before, s (N, k) -> the first layer's activity (N, 10) and the outputs (N, k)."""
        h = torch.tanh(self.first(x + self.third(s) if self.loop else x))
        u = self.second(h)
        return h, u if self.loop else self.third(torch.tanh(u))

    def forward(self, x: Tensor) -> Tensor:
        """x (N, 2) -> (N, k), after one step, or after T with a loop (Jordan 1986)."""
        s = x.new_zeros(len(x), self.second.out_features)
        for _ in range(STEPS if self.loop else 1):
            _, u = self.step(x, s)
            s = torch.tanh(u)
        return u

    def edge(self, x: Tensor) -> float:
        """‖∂h/∂s‖: how much the first layer hears of the answer before; 0 where no edge leads back."""
        s = x.new_zeros(len(x), self.second.out_features).requires_grad_()
        h, _ = self.step(x, s)
        columns = [torch.autograd.grad(column.sum(), s, retain_graph=True, allow_unused=True)[0] for column in h.T]
        return float(torch.stack([c for c in columns if c is not None] or [torch.zeros_like(s)]).norm())


class Trial:
    """One training, with what it comes to."""

    def __init__(self, switches: RepairsDials) -> None:
        self.switches = switches
        self.network = Repaired(switches)
        self.loss = nn.BCEWithLogitsLoss() if switches.cross_entropy else nn.MSELoss()
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=RATE)
        self.x, self.y, self.tested = points()
        self.losses: list[float] = []
        self.warning, self.error = "", ""

    def update(self) -> None:
        """One epoch, unless the loss has refused these shapes."""
        if self.error:
            return
        self.optimizer.zero_grad()
        try:
            loss, self.warning = heard(self.loss, self.network(self.x), self.y)
        except ValueError as why:
            self.error = f"{type(why).__name__}: {why}"
            return
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.losses.append(loss.item())

    @torch.no_grad()
    def said(self, x: Tensor) -> Tensor:
        """What the network says of x, (N, k), on the scale of the labels: a probability, or a value near 0 or 1."""
        u = self.network(x)
        return torch.sigmoid(u) if self.switches.cross_entropy else u

    def right(self, x: Tensor, y: Tensor) -> float:
        """The share of outputs on the side of their label, y (N, 1) as 0 and 1."""
        return float(((self.said(x) > 0.5) == (y > 0.5)).float().mean())

    def outcome(self) -> tuple[Array, Words]:
        """The numbers of its column in the table, and what it said in words."""
        unknown, error = float("nan"), self.error
        right = share = first = second = unknown
        test = self.said(self.tested)[0]
        if not error:
            right, first = self.right(self.x, self.y), test[0].item()
            second = test[1].item() if len(test) > 1 else unknown
            if self.switches.real_test:
                share = self.right(*on_the_line())
            else:
                error = asked_for_one_number(test)[1]
        numbers = {
            **dataclasses.asdict(self.switches),
            "parameters": sum(p.numel() for p in self.network.parameters()),
            "outputs": len(test),
            "edge": self.network.edge(self.x),
            "silent": not self.warning,
            "loss": self.losses[-1] if self.losses else unknown,
            "right": right,
            "first": first,
            "second": second,
            "runs": not error,
            "share": share,
        }
        return np.array([float(numbers[name]) for name in REPAIR]), Words(error)


def on_the_line() -> tuple[Tensor, Tensor]:
    """101 points on x₂ = x₁ + 1 for x₁ from 0 to 6, (101, 2), and a label, (101, 1): 1 past the middle."""
    x = torch.linspace(0, 6, 101)
    return torch.stack([x, x + 1], 1), (x > MIDDLE).float()[:, None]


class Trials(Epochs):
    """The printed network and its repair, side by side from one seed."""

    def __init__(self, switches: RepairsDials) -> None:
        self.both = {"before": Trial(RepairsDials(seed=switches.seed)), "after": Trial(switches)}
        self.updates = 0

    def advance(self, most: int = 1) -> None:
        """One epoch of each."""
        for trial in self.both.values():
            trial.update()
        self.updates += 1

    def frame(self, status: Status) -> Frame:
        """What both have come to."""
        words: dict[str, Words] = {}
        arrays: dict[str, Array] = {}
        for name, trial in self.both.items():
            arrays[f"repairs.{name}"], words[name] = trial.outcome()
            arrays[f"repairs.{name}_losses"] = np.array(trial.losses, np.float32)
            arrays[f"repairs.{name}_epochs"] = np.arange(1, len(trial.losses) + 1, dtype=np.int32)
        return Frame(facts(status, Both(**words)), arrays)


@program
def repairs(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train the printed network and its repair from one seed; a switch that is thrown begins again."""

    def begin(switches: RepairsDials) -> Iterator[Frame]:
        trials = Trials(switches)
        return watched(trials, runner, trials.frame)

    yield from anew(lambda: RepairsDials.of(runner.values), begin)
