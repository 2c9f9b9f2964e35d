"""The geometry of the network's picture: where each neuron stands, and which weight is drawn how.

Layers stand side by side at x = 0, 1, 2, …; neurons hang below each other, one unit apart, centred at y = 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from fbviz.experiment import Experiment
from fbviz.snapshot import Snapshot

Array = np.ndarray

MOST = 8  # neurons of a layer that are drawn
BINS = (0.1, 0.5, 1.0, 2.0)  # |w| from which a line is drawn, and drawn wider
SIGNS = ("negative", "positive")
HIGH = 0.8  # of a tile, in units of y
SIDE = 8  # cells of a tile, each way
UNIT = 10  # cells in one unit of y, so that a tile takes HIGH of it


class Diagram:
    """Where the parts of a network stand in its picture."""

    def __init__(self, experiment: Experiment) -> None:
        self.sizes = experiment.sizes
        self.spare = self.sizes[-1] - experiment.task.outputs
        self.shown = tuple(min(size, MOST) for size in self.sizes)
        self.rows = max(max(self.shown), 3)
        self.wide = min(0.5, 0.5 * HIGH * len(self.sizes) / self.rows)  # of a tile, in units of x: about square

    def y(self, layer: int) -> Array:
        """(shown,) the heights of a layer's neurons, the first on top."""
        n = self.shown[layer]
        return (n - 1) / 2 - np.arange(n)

    def neurons(self) -> Iterator[tuple[int, int, float]]:
        """(layer, neuron, y) of every neuron shown."""
        for layer in range(len(self.sizes)):
            for i, y in enumerate(self.y(layer)):
                yield layer, i, float(y)

    def mosaic(self, neurons: tuple[Array, ...]) -> Array:
        """All tiles in one grid, (rows, columns) uint8, 0 where nothing is; see `grid`."""
        picture = np.zeros((self.rows * UNIT, len(self.sizes) * (SIDE + 1) - 1), np.uint8)
        for layer, activity in enumerate(neurons):
            for i, tile in enumerate(activity[: self.shown[layer]]):
                middle = (float(self.y(layer)[i]) + self.rows / 2) * UNIT
                bottom, left = round(middle - SIDE / 2), layer * (SIDE + 1)
                picture[bottom : bottom + SIDE, left : left + SIDE] = np.maximum(tile, 1)
        return picture

    def grid(self) -> tuple[Array, Array]:
        """The borders of the mosaic's cells: x (columns + 1,), y (rows + 1,). Between two layers lies one wide cell."""
        x = [layer - self.wide / 2 + np.linspace(0, self.wide, SIDE + 1) for layer in range(len(self.sizes))]
        return np.concatenate(x), np.linspace(-self.rows / 2, self.rows / 2, self.rows * UNIT + 1)

    def edges(self, weights: tuple[Array, ...]) -> dict[str, Array]:
        """Each drawn weight as a line from neuron to neuron, by its sign and its width: x and y with NaN between."""
        lines: dict[str, list[Array]] = {name: [] for name in self.edge_names()}
        for layer, ((a, b), W) in enumerate(zip(pairwise(range(len(self.sizes))), weights, strict=True)):
            W = W[: self.shown[b], : self.shown[a]]
            ends = np.stack(np.broadcast_arrays(self.y(a)[None, :], self.y(b)[:, None], np.nan), -1)  # (out, in, 3)
            x = np.array([layer + self.wide / 2, layer + 1 - self.wide / 2, np.nan])
            level = np.digitize(np.abs(W), BINS)
            for sign, here in zip(SIGNS, (W < 0, W > 0), strict=True):
                for width in range(1, len(BINS) + 1):
                    chosen = ends[here & (level == width)]  # (lines, 3)
                    lines[f"edges.{sign}.{width}.x"].append(np.tile(x, len(chosen)))
                    lines[f"edges.{sign}.{width}.y"].append(chosen.ravel())
        return {name: np.concatenate(parts).astype(np.float32) for name, parts in lines.items()}

    @staticmethod
    def edge_names() -> list[str]:
        return [f"edges.{s}.{w}.{axis}" for s in SIGNS for w in range(1, len(BINS) + 1) for axis in "xy"]

    def bias_places(self) -> tuple[Array, Array]:
        """Where the biases stand: at the lower left corner of each neuron but the inputs, x and y."""
        places = [(layer - self.wide / 2, y - HIGH / 2) for layer, _, y in self.neurons() if layer]
        x, y = np.array(places).T
        return x, y

    def biases(self, biases: tuple[Array, ...]) -> Array:
        """(neurons shown but the inputs,) in the order of `bias_places`."""
        return np.concatenate([b[:n] for b, n in zip(biases, self.shown[1:], strict=True)]).astype(np.float32)


def arrays(snapshot: Snapshot) -> dict[str, Array]:
    """All that the network's picture shows of a snapshot, by name."""
    diagram = Diagram(snapshot.experiment)
    return {
        "mosaic": diagram.mosaic(snapshot.neurons),
        "biases": diagram.biases(snapshot.biases),
        **diagram.edges(snapshot.weights),
    }
