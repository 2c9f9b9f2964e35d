"""Recalling one pattern of an associative memory, neuron by neuron."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fbviz.chapters.associative_memory import hopfield
from fbviz.chapters.associative_memory.values import SIDE, RecallDials, glyphs
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.snapshot import Ended, Status, Told, facts
from fbviz.worker.inputs import cells
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner

GLYPHS = len(glyphs())
CELLS = SIDE * SIDE
PART = 0.2  # of the way that a modern update goes at a time, so that a reader sees it go
STILL = 1e-3  # a modern state that moves less than this has settled
GLANCE = 0.1  # seconds at most that a recall waits for a browser to draw: it is over in a millisecond otherwise


@dataclass(frozen=True, slots=True)
class Recalled(Told):
    """How a recall stands."""

    overlap: float  # with the pattern that is to be recalled


class Recall:
    """One recall: the stored patterns, a spoiled start, and the updates that follow."""

    def __init__(self, asked: RecallDials, drawn: Tensor) -> None:
        self.asked = asked
        self.shown = torch.cat([torch.tensor(glyphs()).reshape(GLYPHS, CELLS), drawn[None]])  # (P + 1, N)
        self.stored = self.shown if (drawn > 0).any() else self.shown[:-1]  # an empty drawing is not stored
        self.W = hopfield.hebbian(self.stored)
        self.dice = torch.Generator().manual_seed(asked.seed)
        self.goal = self.shown[asked.pattern]
        self.state = hopfield.noisy(self.goal, asked.noise, self.dice)
        self.energies = [self.energy()]
        self.flips = hopfield.flips(self.W, self.state, self.dice)
        self.settled = False

    def energy(self) -> float:
        """The energy of the rule that is asked for."""
        if self.asked.rule == "modern":
            return hopfield.modern_energy(self.stored, self.state, self.asked.beta).item()
        return hopfield.energy(self.W, self.state).item()

    def update(self) -> None:
        """One neuron flips, or the modern state goes a part of its way."""
        if self.asked.rule == "modern":
            goal = hopfield.modern(self.stored, self.state, self.asked.beta)
            self.settled = bool((goal - self.state).abs().max() < STILL)
            self.state = torch.lerp(self.state, goal, PART)
        else:
            self.settled = next(self.flips, None) is None
        if not self.settled:
            self.energies.append(self.energy())

    def frame(self) -> Frame:
        """What there is to see."""
        overlaps = hopfield.overlap(self.state, self.shown)
        updates = len(self.energies) - 1
        done = Ended("settled", {"updates": updates}) if self.settled else None
        return Frame(
            facts(
                Status(update=updates, done=done, idle=self.settled),
                Recalled(overlaps[self.asked.pattern].item()),
            ),
            {
                "recall.stored": side_by_side(self.shown.numpy()),
                "recall.drawn": square(self.shown[-1]),
                "recall.state": square(self.state),
                "recall.updates": np.arange(len(self.energies), dtype=np.int32),
                "recall.energy": np.array(self.energies, np.float32),
                "recall.overlaps": overlaps.numpy().astype(np.float32),
            },
        )


@program
def recall(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Recall a stored pattern from a spoiled one, neuron by neuron. A click "cell" draws the last pattern."""
    drawn = -torch.ones(CELLS)
    recall = Recall(RecallDials.of(runner.values), drawn)
    while True:
        yield recall.frame()
        clicked = cells(runner.values, "cell", SIDE)
        for x, y in clicked:
            drawn[y * SIDE + x] *= -1
        asked = RecallDials.of(runner.values)
        if clicked or asked != recall.asked:
            recall = Recall(asked, drawn.clone())
        elif not recall.settled:
            recall.update()
            glance(runner, len(recall.energies))


def glance(runner: Runner, update: int) -> None:
    """Wait until somebody wants to see this update, a moment at most."""
    until = time.perf_counter() + GLANCE
    while not runner.wanted(update) and time.perf_counter() < until:
        time.sleep(0.002)


def square(state: Tensor) -> np.ndarray:
    """A state (N,) as the rows of its picture, float32."""
    return state.reshape(SIDE, SIDE).numpy().astype(np.float32)


def side_by_side(patterns: np.ndarray) -> np.ndarray:
    """Patterns (P, N) in one picture (SIDE, P (SIDE + 1) − 1), a column of NaN between any two."""
    pictures = patterns.reshape(-1, SIDE, SIDE).astype(np.float32)
    return (
        np.pad(pictures, ((0, 0), (0, 0), (0, 1)), constant_values=np.nan).transpose(1, 0, 2).reshape(SIDE, -1)[:, :-1]
    )
