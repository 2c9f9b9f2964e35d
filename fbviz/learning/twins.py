"""Twins: the same first weights and the same batches, one with the loop and one without it."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.history import columns
from fbviz.learning import probes
from fbviz.learning.desk import Desk
from fbviz.learning.run import Run
from fbviz.learning.table import program
from fbviz.learning.training import advance
from fbviz.loops import TWINS
from fbviz.snapshot import Ended, Snapshot, Status, Told, facts

LOOK = 10  # updates between two looks at the training loss: a jump is what it rises from one to the next


@dataclass(frozen=True, slots=True)
class Compared:
    """The twin with the loop less the one without."""

    difference: float  # of their scores on the test examples


@dataclass(frozen=True, slots=True)
class Comparison(Told):
    """What came of the loop."""

    twins: Compared


def plain(experiment: Experiment) -> Experiment:
    """The same without its loop: α = 0. A point then needs one step, for nothing returns."""
    off = experiment.changed(gain=0.0)
    return off if experiment.task.kind.sequence else off.changed(steps=1)


class Twin:
    """A run, and how smoothly and how fast it goes."""

    def __init__(self, experiment: Experiment) -> None:
        self.run = Run(experiment)
        self.ended: Ended | None = None
        self.norms: list[float] = []  # ‖∂L/∂θ‖ at each update
        self.seconds: list[float] = []  # of each update
        self.looks: list[float] = []  # the training loss, every LOOK updates

    def advance(self) -> None:
        """One update, if the run is not over."""
        if self.ended:
            return
        began = time.perf_counter()
        self.ended = advance(self.run)
        self.seconds.append(time.perf_counter() - began)
        self.norms.append(
            math.sqrt(sum(float(p.grad.square().sum()) for p in self.run.network.parameters() if p.grad is not None))
        )
        if self.run.updates % LOOK == 0 or self.ended:
            self.looks.append(training_loss(self.run))

    def numbers(self, snapshot: Snapshot) -> dict[str, float]:
        """What the claims are judged by."""
        score = self.run.experiment.task.kind.score
        rises = [after - before for before, after in zip(self.looks, self.looks[1:], strict=False)]
        return {
            "train_loss": snapshot.train_loss,
            "train_score": snapshot.metrics[f"train_{score}"],
            "score": snapshot.metrics[score],
            "gap": snapshot.metrics[f"train_{score}"] - snapshot.metrics[score],
            "jump": max([0.0, *rises]),
            "gradient": statistics.fmean(self.norms) if self.norms else math.nan,
            "gradient_spread": statistics.pstdev(self.norms) if self.norms else math.nan,
            "milliseconds": 1000 * statistics.median(self.seconds) if self.seconds else math.nan,
        }


@torch.no_grad()
def training_loss(run: Run) -> float:
    """The mean loss over the training examples, without penalties."""
    x, y = run.train_examples
    return run.objective.losses(run.network(run.network.over_time(x)).outputs, y).mean().item()


@program
def twins(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Train the experiment twice, update by update in turn: α = 0, and α as it is."""
    experiment, _ = Experiment.from_query(query)
    pair = dict(zip(TWINS, (Twin(plain(experiment.looped())), Twin(experiment.looped())), strict=True))
    updates = 0
    if desk.wanted(0):
        yield frame(pair, updates)
    while not all(twin.ended for twin in pair.values()):
        for twin in pair.values():
            twin.advance()
        updates += 1
        if desk.wanted(updates) and not all(twin.ended for twin in pair.values()):
            yield frame(pair, updates)
    yield frame(pair, updates, over=True)


def frame(pair: Mapping[str, Twin], updates: int, *, over: bool = False) -> Frame:
    """Both twins as they stand."""
    arrays: dict[str, np.ndarray] = {}
    measured: dict[str, dict[str, float]] = {}
    for name, twin in pair.items():
        snapshot = probes.snapshot(twin.run)
        measured[name] = twin.numbers(snapshot)
        arrays[f"twins.{name}.boundary"] = snapshot.boundary
        history = columns(snapshot.history)
        arrays |= {f"twins.{name}.{column}": history[column] for column in ("update", "train_loss", "test_loss")}
    off, on = measured["plain"], measured["loop"]
    arrays |= {f"twins.{key}": np.array([off[key], on[key]], np.float32) for key in off}
    arrays["twins.holds"] = holds(off, on)
    reasons = [twin.ended for twin in pair.values() if twin.ended]
    reason = next((r for r in reasons if r.word != "finished"), reasons[0] if reasons else None)
    status = Status(update=updates, device=str(pair["loop"].run.device), ended=reason if over else None)
    return Frame(facts(status, Comparison(Compared(on["score"] - off["score"]))), arrays)


def holds(off: Mapping[str, float], on: Mapping[str, float]) -> np.ndarray:
    """(5,) Is it so, in this pair: learns better, generalises better, jumps more, its gradient varies more, is slower?

    1 or 0; NaN where there is nothing to compare yet. A gradient's spread is told relative to its mean.
    """
    pairs = [
        (off["train_loss"], on["train_loss"]),
        (on["score"], off["score"]),
        (on["jump"], off["jump"]),
        (on["gradient_spread"] / on["gradient"], off["gradient_spread"] / off["gradient"]),
        (on["milliseconds"], off["milliseconds"]),
    ]
    begun = not math.isnan(on["milliseconds"])
    return np.array([float(more > less) if begun else math.nan for more, less in pairs], np.float32)
