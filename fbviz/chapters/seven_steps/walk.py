"""One update on one example, number by number, through the seven steps of training."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from fbviz.chapters.seven_steps import rows, values
from fbviz.chapters.seven_steps.rows import Row
from fbviz.chapters.seven_steps.tape import Tape
from fbviz.chapters.seven_steps.values import ROWS, WalkDials
from fbviz.choices import OPTIMIZERS
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning import probes
from fbviz.learning.run import Run
from fbviz.snapshot import Status, Told, facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner

REST = 1.0  # seconds at each place while the walk goes by itself at full speed
BUILD, DRAW, FORWARD, LOSS, BACKWARD, UPDATE, EVALUATE = range(1, 8)


@dataclass(frozen=True, slots=True)
class Summary:
    """What there is, and what the update did."""

    parameters: int
    first_share: float  # ‖∂L/∂B‖ of unroll step 1 alone, as a part of the whole ‖∂L/∂B‖; NaN without a loop
    score_after: float  # on the test examples


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a row: formulas, of no language."""

    quantity: str
    formula: str
    numbers: str


@dataclass(frozen=True, slots=True)
class Page(Told):
    """A page of the walk, and what it comes to."""

    walked: Summary
    rows: list[Said]


@dataclass(frozen=True, slots=True)
class Place:
    """A page of numbers: a step of the seven, an unroll step (0 for all), a layer (−1 for the way back, 0 for none)."""

    step: int
    t: int
    layer: int
    rows: tuple[Row, ...]


class Walk:
    """Before the update, after it, and all that there is to see between."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = values.small(experiment)
        self.before = Tape(self.experiment)
        self.after = Tape(self.experiment, updated(self.before))
        self.scores = accuracy(self.before), accuracy(self.after)
        self.places = [
            Place(step, t, layer, tuple(lines[start : start + ROWS]))
            for step, t, layer, lines in self.pages()
            for start in range(0, len(lines), ROWS)
        ]

    @property
    def summary(self) -> Summary:
        """What all places come to."""
        slopes = self.before.gradients
        first = (slopes["B@1"].norm() / slopes["B"].norm()).item() if "B" in slopes else math.nan
        return Summary(sum(value.numel() for value in self.before.parameters.values()), first, self.scores[1])

    def pages(self) -> Iterator[tuple[int, int, int, list[Row]]]:
        """Every step with its rows, however many."""
        tape, T = self.before, self.experiment.unroll_steps
        layers = range(1, len(tape.network.layers) + 1)
        loop = [-1] if tape.network.back else []
        yield BUILD, 0, 0, rows.shapes(tape)
        yield from ((DRAW, 0, layer, rows.first(tape, layer)) for layer in [*layers, *loop])
        for t in range(1, T + 1):
            yield from ((FORWARD, t, layer, rows.forward(tape, layer, t)) for layer in [*loop, *layers])
        yield LOSS, 0, 0, rows.loss(tape)
        for t in range(T, 0, -1):
            yield from ((BACKWARD, t, layer, rows.backward(tape, layer, t)) for layer in [*reversed(layers), *loop])
        yield from ((BACKWARD, 0, layer, rows.whole_gradient(tape, layer)) for layer in [*layers, *loop])
        yield from ((UPDATE, 0, layer, rows.update(tape, self.after, layer)) for layer in [*layers, *loop])
        yield EVALUATE, 0, 0, rows.evaluated(tape, self.after, *self.scores)


def updated(tape: Tape) -> rows.Network:
    """The network after one step of its optimizer on the tape's example."""
    network = copy.deepcopy(tape.network)
    settings = tape.experiment.training
    optimizer = OPTIMIZERS[settings.optimizer].f(network.parameters(), settings.learning_rate, torch.optim)
    fresh = Tape(tape.experiment, network)
    for name, parameter in fresh.parameters.items():
        parameter.grad = fresh.gradients[name]
    optimizer.step()
    return network


@torch.no_grad()
def accuracy(tape: Tape) -> float:
    """The share of right answers on the test examples, or R²."""
    run = Run(tape.experiment)
    run.network = copy.deepcopy(tape.network).float()
    x, y = run.test_examples
    said = probes.final(run, run.network(run.network.over_time(x)).outputs)
    return tape.experiment.task.kind.judge(said, y)


@program
def walk(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Step goes to the next place, Play goes on by itself, the slider `place` goes anywhere, and along with both."""
    path = Walk(experiment)
    last = len(path.places)
    heard = moved(runner)
    place = min(heard or 1, last)
    while True:
        yield frame(path, place, heard)
        if asked := moved(runner):
            heard, place = asked, min(asked, last)
        elif place < last:
            rest(runner)
            place += 1
            runner.wanted(place)  # a step that was asked for has been made
        else:
            runner.wanted(place)


def moved(runner: Runner) -> int | None:
    """Where the reader has moved the slider to since the last look."""
    place = WalkDials.of(runner.values).place
    return None if runner.values.pop("place", None) is None else place


def rest(runner: Runner) -> None:
    """Let a reader read, while the walk goes by itself and as fast as it goes; a command ends the rest."""
    until = time.perf_counter() + REST
    while runner.playing and not (runner.speed or runner.changed) and (left := until - time.perf_counter()) > 0:
        runner.hear(left)


def frame(path: Walk, place: int, heard: int | None) -> Frame:
    """One page: its lines in words and in numbers. `heard` is where the reader last moved the slider to."""
    here = path.places[place - 1]
    tape = path.before
    lines = [*here.rows, *[Row("", "", "", math.nan)] * (ROWS - len(here.rows))]
    slopes = [tape.gradients[row.name][row.index].item() if row.slope else math.nan for row in lines]
    checks = [tape.difference(row.name, row.index) if row.slope else math.nan for row in lines]
    agree = [
        float(abs(a - b) <= 1e-6 * max(1.0, abs(a))) if row.slope else math.nan
        for row, a, b in zip(lines, slopes, checks, strict=True)
    ]
    page = Page(path.summary, [Said(row.quantity, row.formula, row.numbers) for row in lines])
    numbers = {
        "walk.value": np.array([row.value for row in lines]),
        "walk.gradient": np.array(slopes),
        "walk.difference": np.array(checks),
        "walk.right": np.array(agree, np.float32),
    }
    places = len(path.places)
    status = Status(
        place=place,
        places=places,
        share=(place - 1) / (places - 1),
        idle=place == places,
        known=True,
        dials={"place": (heard, place)},
    )
    return Frame(facts(status, page), numbers | picture(path, place))


def picture(path: Walk, place: int) -> dict[str, np.ndarray]:
    """What the unrolled network shows: the numbers known by now, and the part that is at work."""
    experiment, here = path.experiment, path.places[place - 1]
    every = values.nodes(experiment)
    seen = path.places[:place]
    tape = path.after if here.step == EVALUATE else path.before
    D, loop = len(tape.network.layers), values.ends(experiment)
    forward = {(p.t, p.layer) for p in seen if p.step == FORWARD}
    backward = {(p.t, p.layer) for p in seen if p.step == BACKWARD}
    steps = [here.t] if here.t else range(1, experiment.unroll_steps + 1)
    at_work = {D} if here.step in (LOSS, EVALUATE) else {loop[1]} if here.layer == -1 and loop else {here.layer}
    active = [
        float(bool(here.layer or here.step in (LOSS, EVALUATE)) and t in steps and layer in at_work)
        for t, layer, _ in every
    ]
    pairs = [pair for t in steps for pair in values.edges(experiment, here.layer, t)]
    x, y = values.path(experiment, pairs)
    height = np.array([values.place(experiment, node)[1] for node in every])
    known = np.array([(layer == 0 and here.step >= FORWARD) or (t, layer) in forward for t, layer, _ in every])
    reached = np.array([layer > 0 and (t, layer) in backward for t, layer, _ in every])
    return {
        "walk.active": np.array(active, np.float32),
        "walk.values": np.array([activity(tape, node, (node[0], -1) in forward) for node in every], np.float32),
        "walk.values.y": np.where(known, height, np.nan).astype(np.float32),
        "walk.gradients": np.array([slope(tape, node) for node in every], np.float32),
        "walk.gradients.y": np.where(reached, height, np.nan).astype(np.float32),
        "walk.edges.x": x,
        "walk.edges.y": y,
        "walk.step": np.array([here.step], np.int32),
    }


def name_of(tape: Tape, t: int, layer: int) -> str:
    """What the tape calls the activity of a layer."""
    return f"u@{t}" if layer == len(tape.network.layers) else f"h{layer}@{t}"


def activity(tape: Tape, node: values.Node, entered: bool) -> float:
    """What a neuron says. An input is x, and e = x + r as soon as what returns has entered there."""
    t, layer, j = node
    if layer:
        return tape.values[name_of(tape, t, layer)][j].item()
    return (tape.values.get(f"e@{t}", tape.x[t - 1]) if entered else tape.x[t - 1])[j].item()


def slope(tape: Tape, node: values.Node) -> float:
    """∂L/∂(the activity of a neuron); 0 for an input, which nothing changes."""
    t, layer, j = node
    return 0.0 if layer == 0 else tape.gradients[name_of(tape, t, layer)][j].item()
