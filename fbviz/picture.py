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
                "boundary": snapshot.boundary,
                "steps": np.arange(len(snapshot.step_gradient_norms), dtype=np.int32),
                "step_gradients": snapshot.step_gradient_norms.astype(np.float32),
                **{f"{HISTORY}{name}": column for name, column in columns(snapshot.history).items()},
                **diagram.arrays(snapshot),
            },
        )


def history(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The columns of the run's history among the arrays of a picture, by their own names."""
    return {name.removeprefix(HISTORY): array for name, array in arrays.items() if name.startswith(HISTORY)}
