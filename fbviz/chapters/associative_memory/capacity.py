"""How many patterns fit into an associative memory."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np

from fbviz.chapters.associative_memory import hopfield
from fbviz.chapters.associative_memory.values import CapacityDials
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.snapshot import Ended, Status, Told, facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner

LOADS = np.arange(2, 27, dtype=np.float64) / 100  # P / N
ASKED = LOADS.tolist().index(0.2)  # the load that a reader is asked about
ORDER = [(ASKED + 7 * i) % len(LOADS) for i in range(len(LOADS))]  # from there in leaps: the shape is seen soon
TRIED = 100  # patterns that are recalled at each load
SWEEPS = 30  # a recall that has not settled by then is taken as it is


@dataclass(frozen=True, slots=True)
class Share:
    """The share of patterns that stay, NaN until it is known."""

    at_20: float  # at a load of 0.20


@dataclass(frozen=True, slots=True)
class Capacity(Told):
    """How many patterns fit in."""

    classical: Share
    modern: Share


@program
def capacity(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """The share of random patterns that stay, against their load P/N, classical and modern."""
    while True:
        neurons = CapacityDials.of(runner.values).neurons
        shares = yield from curve(neurons, runner)
        while CapacityDials.of(runner.values).neurons == neurons:
            yield capacities(shares, len(LOADS))


def curve(neurons: int, runner: Runner) -> Generator[Frame, None, np.ndarray]:
    """Both curves for so many neurons (2, loads), a load of ORDER after the other; they end early when another number
    is asked for."""
    shares = np.full((2, len(LOADS)), np.nan, np.float32)
    yield capacities(shares, 0)
    for done, i in enumerate(ORDER):
        patterns = hopfield.random_patterns(round(LOADS[i] * neurons), neurons, seed=i)
        tried = patterns[:TRIED]
        states, W = tried.clone(), hopfield.hebbian(patterns)
        for _ in range(SWEEPS):
            settled = not hopfield.sweep(W, states, list(range(neurons)))
            if runner.wanted(done):
                if CapacityDials.of(runner.values).neurons != neurons:
                    return shares
                yield capacities(shares, done)
            if settled:
                break
        shares[0, i] = hopfield.recalled(states, tried)
        shares[1, i] = hopfield.recalled(hopfield.modern(patterns, tried, beta=1.0), tried)
    return shares


def capacities(shares: np.ndarray, done: int) -> Frame:
    """The curves (2, loads) as far as they are known."""
    over = done == len(LOADS)
    told = Capacity(*(Share(at_20=float(row[ASKED])) for row in shares))
    return Frame(
        facts(
            Status(
                update=done,
                share=done / len(LOADS),
                done=Ended("finished", {"updates": done}) if over else None,
                idle=over,
                known=bool(np.isfinite(shares[:, ASKED]).all()),
            ),
            told,
        ),
        {
            "capacity.loads": LOADS.astype(np.float32),
            "capacity.classical": shares[0].copy(),
            "capacity.modern": shares[1].copy(),
        },
    )
