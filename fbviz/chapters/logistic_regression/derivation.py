"""The derivation of logistic regression, line by line: each formula beside autograd and a central difference.

    z = w₁x₁ + w₂x₂ + b,   y′ = σ(z),   L = −(y ln y′ + (1 − y) ln(1 − y′))

y is the label, 0 or 1, and y′ what the model says. All places are computed at once, each an entry of (N,) float64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, fields
from typing import NamedTuple

import torch
from torch import Tensor

from fbviz.chapters.logistic_regression.values import DerivationDials
from fbviz.dials import Dial
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.snapshot import Ended, Status, Told, facts, finished
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import watched

STEP = 1e-4  # of a central difference, in units of its variable; for y′ in units of y′(1 − y′), its room
CLOSE = 1e-4  # two numbers agree if they differ by less than this part of the larger
TRIALS, AT_ONCE = 1000, 20


@dataclass(frozen=True, slots=True)
class Place:
    """Values at which the derivation is checked, each (N,)."""

    w1: Tensor
    w2: Tensor
    b: Tensor
    x1: Tensor
    x2: Tensor
    y: Tensor

    def leaves(self) -> Place:
        """The same values, from which autograd follows."""
        return Place(*(getattr(self, f.name).clone().requires_grad_() for f in fields(self)))


class Line(NamedTuple):
    """A line of the derivation: its formula's value, autograd's, and the central difference, each (N,)."""

    formula: Tensor
    autograd: Tensor
    difference: Tensor


def score(p: Place) -> Tensor:
    """z, (N,)."""
    return p.w1 * p.x1 + p.w2 * p.x2 + p.b


def loss(said: Tensor, y: Tensor) -> Tensor:
    """L(y, y′), (N,): the surprise at the label."""
    return -(y * torch.log(said) + (1 - y) * torch.log1p(-said))


def slope(of: Tensor, by: Tensor) -> Tensor:
    """∂of/∂by at each place, (N,), by autograd; 0 where `of` does not hear `by`."""
    if not of.requires_grad:
        return torch.zeros_like(by)
    (gradient,) = torch.autograd.grad(of.sum(), by, retain_graph=True, allow_unused=True)
    return torch.zeros_like(by) if gradient is None else gradient


def difference(f: Callable[[Tensor], Tensor], at: Tensor, h: Tensor | float = STEP) -> Tensor:
    """(f(at + h) − f(at − h)) / 2h, (N,)."""
    return (f(at + h) - f(at - h)) / (2 * h)


def derivation_lines(place: Place) -> dict[str, Line]:
    """The lines as they are: formula, autograd and central difference."""
    p = place.leaves()
    z = score(p)
    said = torch.sigmoid(z)
    L = loss(said, p.y)
    room = (said * (1 - said)).detach()
    fixed, u, v = place, said.detach(), z.detach()

    def moved(name: str) -> Callable[[Tensor], Tensor]:
        rest = {f.name: getattr(fixed, f.name) for f in fields(fixed)}
        return lambda value: loss(torch.sigmoid(score(Place(**rest | {name: value}))), fixed.y)

    def tilted(w1: Tensor) -> Tensor:
        return score(Place(w1, fixed.w2, fixed.b, fixed.x1, fixed.x2, fixed.y))

    lines = {
        "L by y′": Line((u - fixed.y) / room, slope(L, said), difference(lambda s: loss(s, fixed.y), u, STEP * room)),
        "y′ by z": Line(room, slope(said, z), difference(torch.sigmoid, v)),
        "z by w1": Line(fixed.x1, slope(z, p.w1), difference(tilted, fixed.w1)),
        "L by w1": Line((u - fixed.y) * fixed.x1, slope(L, p.w1), difference(moved("w1"), fixed.w1)),
        "L by w2": Line((u - fixed.y) * fixed.x2, slope(L, p.w2), difference(moved("w2"), fixed.w2)),
        "L by b": Line(u - fixed.y, slope(L, p.b), difference(moved("b"), fixed.b)),
        "L by y": Line(torch.log((1 - u) / u), slope(L, p.y), difference(lambda y: loss(u, y), fixed.y)),
    }
    return {name: Line(*(part.detach() for part in line)) for name, line in lines.items()}


def tutorial_lines(place: Place) -> dict[str, tuple[Tensor, Tensor]]:
    """The tutorial's own lines where they differ: (their value, autograd's), each (N,).

    Its chain rule goes through y. Read as it stands, y is the label, which hears neither y′ nor w₁; read with z where
    it writes y, what is left is the sign of its ∂L/∂y′.
    """
    p = place.leaves()
    z = score(p)
    said = torch.sigmoid(z)
    L = loss(said, p.y)
    turned = (p.y - said) / (said * (1 - said))  # its ∂L/∂y′
    lines = {
        "L by y′": (turned, slope(L, said)),
        "L by y": (-turned, slope(L, p.y)),
        "chain w1": (turned * slope(said, p.y) * slope(p.y, p.w1), slope(L, p.w1)),
        "chain b": (turned * slope(said, p.y) * slope(p.y, p.b), slope(L, p.b)),
        "through z w1": (turned * slope(said, z) * slope(z, p.w1), slope(L, p.w1)),
        "through z b": (turned * slope(said, z) * slope(z, p.b), slope(L, p.b)),
    }
    return {name: (value.detach(), judge.detach()) for name, (value, judge) in lines.items()}


def agree(a: Tensor, b: Tensor) -> Tensor:
    """1 where two numbers are the same up to rounding, else 0, (N,)."""
    return torch.isclose(a, b, rtol=CLOSE, atol=1e-9).double()


def fault(said: Tensor, true: Tensor) -> Tensor:
    """What is wrong with a number: 0 nothing, 1 its sign, 2 that it is 0, 3 that it is another, (N,)."""
    wrong = torch.where(said == 0, 2.0, 3.0)
    return torch.where(agree(said, true) > 0, 0.0, torch.where(agree(said, -true) > 0, 1.0, wrong)).double()


def judged(place: Place) -> dict[str, Tensor]:
    """Every number and mark of both tables, by the name of its array: (lines, N)."""
    lines = [*derivation_lines(place).values()]
    theirs = [*tutorial_lines(place).values()]
    return {
        "derivation.formula": torch.stack([line.formula for line in lines]),
        "derivation.autograd": torch.stack([line.autograd for line in lines]),
        "derivation.difference": torch.stack([line.difference for line in lines]),
        "derivation.agrees": torch.stack(
            [agree(line.formula, line.autograd) * agree(line.formula, line.difference) for line in lines]
        ),
        "tutorial.formula": torch.stack([value for value, _ in theirs]),
        "tutorial.autograd": torch.stack([judge for _, judge in theirs]),
        "tutorial.agrees": torch.stack([agree(value, judge) for value, judge in theirs]),
        "tutorial.fault": torch.stack([fault(value, judge) for value, judge in theirs]),
    }


def asked(dials: DerivationDials) -> Place:
    """The place the dials stand at, N = 1."""
    return Place(*(torch.tensor([number], dtype=torch.float64) for number in astuple(dials)))


@program
def derivation(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Each line of the derivation at the place of the dials; waits for them."""
    while True:
        place = asked(DerivationDials.of(runner.values))
        z, said = score(place), torch.sigmoid(score(place))
        arrays = {name: numbers[:, 0].numpy() for name, numbers in judged(place).items()}
        arrays["derivation.forward"] = torch.cat([z, said, loss(said, place.y)]).numpy()
        yield Frame(facts(Status(idle=True)), arrays)
        runner.wanted(1)  # uses up a single step, so that Step does not turn round here for ever


@dataclass(frozen=True, slots=True)
class Agreed(Told):
    """At what share of the places so far a line agrees with autograd; NaN before the first."""

    tutorial: float  # the tutorial's ∂L/∂y′


class Trials:
    """The lines at a thousand places, and how often each has held."""

    def __init__(self) -> None:
        self.dice = torch.Generator().manual_seed(0)
        self.ours, self.theirs = torch.zeros(7, dtype=torch.float64), torch.zeros(6, dtype=torch.float64)
        self.updates = 0  # places

    @property
    def ended(self) -> Ended | None:
        return finished(self.updates, TRIALS)

    @property
    def status(self) -> Status:
        return Status(update=self.updates, share=self.updates / TRIALS)

    def advance(self, most: int = 1) -> None:
        """A few more places."""
        numbers = judged(drawn(AT_ONCE, self.dice))
        self.ours += numbers["derivation.agrees"].sum(1)
        self.theirs += numbers["tutorial.agrees"].sum(1)
        self.updates += AT_ONCE

    def frame(self, status: Status) -> Frame:
        """The shares so far."""
        told = Agreed(float(self.theirs[0] / self.updates))
        shares = {
            "trials.ours": self.ours / max(self.updates, 1),
            "trials.tutorial": self.theirs / max(self.updates, 1),
        }
        return Frame(facts(status, told), {name: share.numpy() for name, share in shares.items()})


@program
def derivation_trials(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """The same lines at a thousand places drawn evenly within its dials: at what share does each hold?"""
    trials = Trials()
    yield from watched(trials, runner, trials.frame)


def drawn(n: int, dice: torch.Generator) -> Place:
    """n places, evenly within the dials, with labels 0 and 1."""

    def some(dial: Dial) -> Tensor:
        value = dial.low + (dial.high - dial.low) * torch.rand(n, generator=dice, dtype=torch.float64)
        return value.round() if dial.whole else value

    return Place(*map(some, DerivationDials.rules().values()))
