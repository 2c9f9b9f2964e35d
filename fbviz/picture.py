"""A picture: every array that a figure can show, by name. A figure computes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from fbviz import diagram
from fbviz.experiment import Experiment
from fbviz.history import columns
from fbviz.snapshot import Snapshot

Array = np.ndarray
FIELD = 50  # cells of the boundary's field, each way
SEQUENCES = 16  # of the test set, that are drawn
HISTORY = "history."  # begins the name of each column of the run's history


@dataclass(frozen=True, slots=True)
class Picture:
    """What figures are drawn from. Without arrays it is blank: the figure's frame, for a browser to fill."""

    experiment: Experiment
    arrays: Mapping[str, Array] = field(default_factory=dict)

    @classmethod
    def of(cls, snapshot: Snapshot) -> Picture:
        """The picture of a moment and of what came before it."""
        return cls(
            snapshot.experiment,
            {
                **lined("boundary", snapshot.boundary, snapshot.experiment.task.classes),
                **{f"{HISTORY}{name}": column for name, column in columns(snapshot.history).items()},
                **steps(snapshot),
                **neuron(snapshot),
                **diagram.arrays(snapshot),
            },
        )


def lined(name: str, field: Array, classes: int) -> dict[str, Array]:
    """A field, and of more than two classes for each but the last a field of its own, the line around it at 127.5.

    kinds.certainty says which class wins at a place and its P. As if only one other competed, it is 2P − 1 ahead:
    0 on the line between them.
    """
    if classes <= 2:
        return {name: field}
    band = 256 // classes
    which, sure = np.divmod(field, band)
    P = (1 + (classes - 1) * sure / (band - 1)) / classes
    ahead = 127 * (2 * P - 1).clip(0, 1)
    own = {f"{name}.{c}": np.where(which == c, 128 + ahead, 127 - ahead).astype(np.uint8) for c in range(classes - 1)}
    return {name: field} | own


def steps(snapshot: Snapshot) -> dict[str, Array]:
    """What is measured of each unroll step, and the same at the step that is looked at; nothing without a loop."""
    t, norms, moved = snapshot.gaze.t, snapshot.step_gradient_norms, snapshot.residuals
    if not snapshot.experiment.state_size:
        return {}
    return {
        "steps": np.arange(len(moved) + 1, dtype=np.int32),
        "residuals": np.append(np.nan, moved).astype(np.float32),  # s_0 has no step before it
        "step_gradients": np.append(norms, np.nan).astype(np.float32),  # nor does the loss hear of s_T
        "t": np.array([t], np.int32),
        "t.residual": moved[t - 1 : t].astype(np.float32),
    }


def neuron(snapshot: Snapshot) -> dict[str, Array]:
    """The neuron that is looked at: where it stands, its bias, what leads to it. The inputs have neither."""
    layer, i = snapshot.gaze.layer, snapshot.gaze.neuron
    into = layer - 1
    W, slope = (
        parts[into][i] if layer else np.zeros(0, np.float32) for parts in (snapshot.weights, snapshot.weight_gradients)
    )
    bias = snapshot.biases[into][i] if layer else np.nan
    return {
        "neuron": snapshot.closely,
        "neuron.told": np.array([[layer, i + 1, bias]], np.float32),
        "neuron.from": np.arange(1, len(W) + 1, dtype=np.int32),
        "neuron.weights": W,
        "neuron.gradients": slope,
    }


def history(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The columns of the run's history among the arrays of a picture, by their own names."""
    return {name.removeprefix(HISTORY): array for name, array in arrays.items() if name.startswith(HISTORY)}
