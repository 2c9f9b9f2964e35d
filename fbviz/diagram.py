"""The geometry of the network's picture: where each neuron stands, which weight is drawn how, where the loop goes.

Layers stand side by side; neurons hang below each other, one unit apart, centred at y = 0. A unit is as long across as
up, so that neurons are square.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from fbviz.choices import FEEDBACKS
from fbviz.experiment import Experiment
from fbviz.snapshot import Snapshot

Array = np.ndarray

MOST = 8  # neurons of a layer that are drawn
BINS = (0.1, 0.5, 1.0, 2.0)  # |w| from which a line is drawn, and drawn wider
SIGNS = ("negative", "positive")
HIGH = 0.8  # a side of a neuron's tile
SIDE = 8  # cells of a tile, each way
UNIT = 10  # cells in one unit of y, so that a tile takes HIGH of it
ASPECT = 1.25  # of the whole picture: its width by its height
ABOVE, BELOW = 0.6, 1.7  # room over the neurons, and under them for the loop
ASIDE = 1.5  # room on each side of the layers, for names and for the loop
NEAR = 0.7  # where on its line a weight is pointed at: there the lines that lead to a neuron lie apart
CURVE = 48  # points of the loop


class Diagram:
    """Where the parts of a network stand in its picture."""

    def __init__(self, experiment: Experiment) -> None:
        self.sizes = experiment.sizes
        self.spare = self.sizes[-1] - experiment.task.outputs
        self.kind = FEEDBACKS[experiment.feedback.feedback]
        self.shown = tuple(min(size, MOST) for size in self.sizes)
        self.rows = max(max(self.shown), 3)
        across = ASPECT * (self.rows + ABOVE + BELOW) - 2 * ASIDE
        self.gap = max(across / (len(self.sizes) - 1), 1.5)  # between two layers

    @property
    def ends(self) -> tuple[list[float], list[float]]:
        """What the picture takes in, x and y."""
        last = self.gap * (len(self.sizes) - 1)
        return [-ASIDE, last + ASIDE], [-self.rows / 2 - BELOW, self.rows / 2 + ABOVE]

    def x(self, layer: int) -> float:
        return self.gap * layer

    def y(self, layer: int) -> Array:
        """(shown,) the heights of a layer's neurons, the first on top."""
        n = self.shown[layer]
        return (n - 1) / 2 - np.arange(n)

    def neurons(self) -> Iterator[tuple[int, int, float]]:
        """(layer, neuron, y) of every neuron shown."""
        for layer in range(len(self.sizes)):
            for i, y in enumerate(self.y(layer)):
                yield layer, i, float(y)

    def places(self) -> tuple[Array, Array]:
        """The middles of all neurons shown, x and y."""
        layers, _, y = (np.array(part) for part in zip(*self.neurons(), strict=True))
        return self.gap * layers, y

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
        x = [self.x(layer) + np.linspace(-HIGH / 2, HIGH / 2, SIDE + 1) for layer in range(len(self.sizes))]
        return np.concatenate(x), np.linspace(-self.rows / 2, self.rows / 2, self.rows * UNIT + 1)

    def lines(self, layer: int) -> tuple[Array, Array]:
        """The ends of the lines from a layer to the next: x (2,), and y (out, in, 2) of each weight drawn."""
        x = np.array([self.x(layer) + HIGH / 2, self.x(layer + 1) - HIGH / 2])
        return x, np.stack(np.broadcast_arrays(self.y(layer)[None, :], self.y(layer + 1)[:, None]), -1)

    def edges(self, weights: tuple[Array, ...]) -> dict[str, Array]:
        """Each drawn weight as a line from neuron to neuron, by its sign and its width: x and y with NaN between."""
        lines: dict[str, list[Array]] = {name: [] for name in self.edge_names()}
        for layer, W in enumerate(self.drawn(weights)):
            x, y = self.lines(layer)
            ends = np.concatenate([y, np.full_like(y[..., :1], np.nan)], -1)  # (out, in, 3)
            level = np.digitize(np.abs(W), BINS)
            for sign, here in zip(SIGNS, (W < 0, W > 0), strict=True):
                for width in range(1, len(BINS) + 1):
                    chosen = ends[here & (level == width)]  # (lines, 3)
                    lines[f"edges.{sign}.{width}.x"].append(np.tile([*x, np.nan], len(chosen)))
                    lines[f"edges.{sign}.{width}.y"].append(chosen.ravel())
        return {name: np.concatenate(parts).astype(np.float32) for name, parts in lines.items()}

    @staticmethod
    def edge_names() -> list[str]:
        return [f"edges.{s}.{w}.{axis}" for s in SIGNS for w in range(1, len(BINS) + 1) for axis in "xy"]

    def drawn(self, weights: tuple[Array, ...]) -> list[Array]:
        """Those of the weights, by layer (out, in), that lead from a neuron shown to a neuron shown."""
        pairs = zip(pairwise(self.shown), weights, strict=True)
        return [W[:b, :a] for (a, b), W in pairs]

    def handles(self) -> tuple[Array, Array]:
        """Where each weight drawn is pointed at, x and y, in the order of `flat`."""
        lines = [self.lines(layer) for layer in range(len(self.sizes) - 1)]
        x = [np.full(y[..., 0].size, (1 - NEAR) * x[0] + NEAR * x[1]) for x, y in lines]
        y = [((1 - NEAR) * y[..., 0] + NEAR * y[..., 1]).ravel() for _, y in lines]
        return np.concatenate(x), np.concatenate(y)

    def flat(self, weights: tuple[Array, ...]) -> Array:
        """Each weight drawn, one after the other, float32."""
        return np.concatenate([W.ravel() for W in self.drawn(weights)]).astype(np.float32)

    def bias_places(self) -> tuple[Array, Array]:
        """Where the biases stand: at the lower left corner of each neuron but the inputs, x and y."""
        places = [(self.x(layer) - HIGH / 2, y - HIGH / 2) for layer, _, y in self.neurons() if layer]
        x, y = np.array(places).T
        return x, y

    def biases(self, biases: tuple[Array, ...]) -> Array:
        """(neurons shown but the inputs,) in the order of `bias_places`."""
        return np.concatenate([b[:n] for b, n in zip(biases, self.shown[1:], strict=True)]).astype(np.float32)

    def loop(self) -> tuple[Array, Array]:
        """The way back: from the right of the layer it leaves, below all layers, to the left of the one it enters.

        It begins over the whole height of the one and ends over the whole height of the other: all of a layer returns.
        """
        source, target = self.kind.source or 0, self.kind.target or 0
        source %= len(self.sizes)
        right, left = self.x(source) + HIGH / 2 + 0.5, self.x(target) - HIGH / 2 - 0.5
        top, bottom = (self.shown[source] / 2 - 0.1) * np.array([1, -1])
        end, start = (self.shown[target] / 2 - 0.1) * np.array([1, -1])
        turn = np.linspace(0, np.pi, CURVE)
        floor = -self.rows / 2 - BELOW + 0.75
        depth = np.sin(turn) ** 0.5
        sides = np.where(turn < np.pi / 2, bottom, start)
        x = (right + left) / 2 + (right - left) / 2 * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.5
        y = sides + (floor - sides) * depth
        return np.concatenate([[right], x, [left]]), np.concatenate([[top], y, [end]])


def arrays(snapshot: Snapshot) -> dict[str, Array]:
    """All that the network's picture shows of a snapshot, by name."""
    diagram, gaze = Diagram(snapshot.experiment), snapshot.gaze
    sequence = snapshot.experiment.task.kind.sequence
    said = np.concatenate([layer[:n].mean((1, 2)) for layer, n in zip(snapshot.neurons, diagram.shown, strict=True)])
    x, y = diagram.x(gaze.layer), float(diagram.y(gaze.layer)[gaze.neuron])
    corners = np.array([-1, 1, 1, -1, -1, 1]) * (HIGH / 2 + 0.06)
    return {
        **({"activities": said.astype(np.float32)} if sequence else {"mosaic": diagram.mosaic(snapshot.neurons)}),
        "biases": diagram.biases(snapshot.biases),
        "edges.weight": diagram.flat(snapshot.weights),
        "edges.gradient": diagram.flat(snapshot.weight_gradients),
        "gaze.x": (x + corners[:-1]).astype(np.float32),
        "gaze.y": (y + corners[1:]).astype(np.float32),
        **diagram.edges(snapshot.weights),
    }
