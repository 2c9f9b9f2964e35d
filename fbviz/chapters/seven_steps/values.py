"""What is walked through: a network small enough that every number of one update can be read, and its picture.

Unroll steps stand side by side, the layers of each above one another, inputs below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fbviz.choices import FEEDBACKS
from fbviz.dials import Dials, dials, slider
from fbviz.experiment import Experiment

WIDE, DEEP, STEPS = 3, 2, 3  # neurons of a hidden layer, hidden layers, unroll steps that are walked through
ROWS = 16  # of a page of numbers
GAP = 1.6  # between two unroll steps, in neurons
HIGH = 1.25  # from layer to layer, in neurons

Node = tuple[int, int, int]  # unroll step 1 … T, layer 0 (inputs) … D (outputs), neuron


def small(experiment: Experiment) -> Experiment:
    """The experiment brought to a size that can be read, without penalties and bounds, by plain BPTT."""
    hidden = tuple(min(width, WIDE) for width in experiment.network.hidden[:DEEP])
    simple = {"l1": 0.0, "l2": 0.0, "jacobian_penalty": 0.0, "clip": 0.0, "spectral_norm": 0.0, "gradient": "bptt"}
    return experiment.changed(
        **simple,
        hidden=hidden,
        steps=min(experiment.feedback.steps, STEPS),
        length=min(experiment.data.length, STEPS),
        spare=min(experiment.feedback.spare, 1),
        device="cpu",
    )


def ends(experiment: Experiment) -> tuple[int, int] | None:
    """The layers where the loop leaves and where it enters, counted from the inputs; None without a loop."""
    kind = FEEDBACKS[experiment.feedback.feedback]
    if kind.source is None or kind.target is None:
        return None
    return len(experiment.sizes) + kind.source, kind.target


def nodes(experiment: Experiment) -> list[Node]:
    """Every neuron of the unrolled network."""
    layers = list(enumerate(experiment.sizes))
    steps = range(1, experiment.unroll_steps + 1)
    return [(t, layer, j) for t in steps for layer, width in layers for j in range(width)]


def place(experiment: Experiment, node: Node) -> tuple[float, float]:
    """Where a neuron stands."""
    t, layer, j = node
    return middle(experiment, t) + j - (experiment.sizes[layer] - 1) / 2, layer * HIGH


def middle(experiment: Experiment, t: int) -> float:
    """Where the middle of an unroll step stands."""
    return (t - 1) * (max(experiment.sizes) + GAP)


def edges(experiment: Experiment, layer: int, t: int) -> Iterator[tuple[Node, Node]]:
    """The connections into a layer at one unroll step; layer −1: those that lead back from the step before."""
    widths = experiment.sizes
    if layer > 0:
        yield from (((t, layer - 1, i), (t, layer, j)) for i in range(widths[layer - 1]) for j in range(widths[layer]))
    elif layer < 0 and t > 1 and (loop := ends(experiment)):
        source, target = loop
        yield from (((t - 1, source, i), (t, target, j)) for i in range(widths[source]) for j in range(widths[target]))


def path(experiment: Experiment, pairs: list[tuple[Node, Node]]) -> tuple[np.ndarray, np.ndarray]:
    """x and y, (3 · pairs,) float32 each: lines from neuron to neuron with NaN between them."""
    ends = [[place(experiment, a), place(experiment, b), (np.nan, np.nan)] for a, b in pairs]
    lines = np.array(ends, np.float32).reshape(-1, 2)
    return np.ascontiguousarray(lines[:, 0]), np.ascontiguousarray(lines[:, 1])


@dials("walk")
@dataclass(frozen=True, slots=True, kw_only=True)
class WalkDials(Dials):
    """Where the walk stands."""

    place: int = slider(1, 30, default=1, label="place")
