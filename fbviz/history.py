"""A run's history: what was seen of it, in columns, never more rows than a curve can show."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fbviz.choices import REGRESSION
from fbviz.experiment import Experiment
from fbviz.snapshot import Array, Snapshot

MOST = 400  # rows; a curve on a page has about as many pixels


def row(snapshot: Snapshot) -> dict[str, float]:
    """The numbers of a snapshot by the names of their columns."""
    return {
        "update": snapshot.update,
        "epoch": snapshot.epoch,
        "train_loss": snapshot.train_loss,
        "test_loss": snapshot.test_loss,
        **snapshot.metrics,
        "spectral_radius": snapshot.spectral_radius,
        **{f"gradient {layer}": norm for layer, norm in snapshot.gradient_norms.items()},
    }


def layer_names(experiment: Experiment) -> list[str]:
    """The weights of a network by the layer they lead into, as `Snapshot.gradient_norms` names them."""
    hidden = [f"layer {i}" for i, _ in enumerate(experiment.network.hidden, start=1)]
    return [*hidden, "output", *(["feedback"] if experiment.feedback.feedback != "none" else [])]


def score_name(experiment: Experiment) -> str:
    """What a run is judged by, as `Snapshot.metrics` names it."""
    return "r2" if experiment.task.kind == REGRESSION else "accuracy"


def column_names(experiment: Experiment) -> list[str]:
    """The columns that a run of `experiment` will have."""
    score = score_name(experiment)
    gradients = [f"gradient {layer}" for layer in layer_names(experiment)]
    return ["update", "epoch", "train_loss", "test_loss", score, f"train_{score}", "spectral_radius", *gradients]


class History:
    """One row for every `gap` updates, and the newest. When it is full the gap grows and half of the rows go.

    So the whole run is kept, evenly; the first row and the newest are always there. A snapshot of an earlier update,
    as after a rewind, takes the place of all that came later.
    """

    def __init__(self, most: int = MOST) -> None:
        """`most`, at least 4: rows that are kept."""
        self.most, self.gap = most, 1
        self.names: tuple[str, ...] = ()
        self.rows: list[list[float]] = []  # the update first, as in `row`

    def add(self, snapshot: Snapshot) -> None:
        """Put the snapshot at the end."""
        named = row(snapshot)
        self.names = tuple(named)
        while self.rows and self.rows[-1][0] >= snapshot.update:
            self.rows.pop()
        if len(self.rows) > 1 and self.bucket(self.rows[-1]) == self.bucket(self.rows[-2]):
            self.rows.pop()  # it was there for being the newest
        self.rows.append(list(named.values()))
        if len(self.rows) > self.most:
            self.thin()

    def bucket(self, of: list[float]) -> int:
        return int((of[0] - self.rows[0][0]) // self.gap)

    def thin(self) -> None:
        """Keep the first row of each bucket, and the newest, with buckets so wide that half of the room is free."""
        span = self.rows[-1][0] - self.rows[0][0]
        self.gap = int(2 * span // self.most) + 1
        first = {self.bucket(old): old for old in reversed(self.rows)}
        kept = list(reversed(first.values()))
        self.rows = kept if kept[-1] is self.rows[-1] else [*kept, self.rows[-1]]

    def columns(self) -> Mapping[str, Array]:
        """Every column, (rows,) float32; a loss too large for it is infinite."""
        with np.errstate(over="ignore"):
            table = np.array(self.rows, np.float64).T.astype(np.float32)
        return {name: np.ascontiguousarray(column) for name, column in zip(self.names, table, strict=True)}
