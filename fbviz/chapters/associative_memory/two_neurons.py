"""Two neurons that swap their states for ever, unless they are damped enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from fbviz.chapters.associative_memory import hopfield
from fbviz.chapters.associative_memory.values import TwoNeuronsDials
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.snapshot import Status, Told, facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner

START = (1.0, 0.9)  # almost alike
SWAPS = 40  # updates of the two neurons: at the least λ the one that wins needs 30
SLOPE = 3.0  # of a neuron's tanh: steep, so that without damping they swap almost from end to end


@dataclass(frozen=True, slots=True)
class Swapped(Told):
    """How far the two still move."""

    residual: float  # of the state of one neuron in the last update


@program
def two_neurons(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Two neurons that inhibit each other, updated at once."""
    W = torch.tensor([[0.0, -1.0], [-1.0, 0.0]])
    while True:
        damping = TwoNeuronsDials.of(runner.values).damping
        states = [torch.tensor(START)]
        for _ in range(SWAPS):
            states.append(hopfield.together(W, states[-1], SLOPE, damping))
        path = torch.stack(states).numpy().astype(np.float32)  # (steps + 1, 2)
        moved = float(np.abs(path[-1] - path[-2]).max())
        yield Frame(
            facts(Status(idle=True), Swapped(residual=moved)),
            {
                "swap.steps": np.arange(SWAPS + 1, dtype=np.int32),
                "swap.first": path[:, 0].copy(),
                "swap.second": path[:, 1].copy(),
            },
        )
