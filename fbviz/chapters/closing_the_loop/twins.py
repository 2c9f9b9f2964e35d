"""Twins: the same first weights and the same batches, one with the loop and one without it."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from fbviz.chapters.closing_the_loop.values import TWINS
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.history import columns
from fbviz.learning import probes
from fbviz.learning.run import Run
from fbviz.learning.training import Course
from fbviz.snapshot import Ended, Snapshot, Status, Told, facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import watched

CLEAR = 1.05  # times as much, or more: what differs by less is taken as the same
LOOK = 10  # updates between two looks at the training loss: a jump is what it rises from one to the next


@dataclass(frozen=True, slots=True)
class Compared:
    """The twin with the loop less the one without."""

    difference: float  # of their scores on the test examples


@dataclass(frozen=True, slots=True)
class Comparison(Told):
    """What came of the loop."""

    twins: Compared


class Twin:
    """How smoothly and how fast a run goes."""

    def __init__(self) -> None:
        self.norms: list[float] = []  # ‖∂L/∂θ‖ at each update
        self.seconds: list[float] = []  # of each update
        self.looks: list[float] = []  # the training loss, every LOOK updates

    def numbers(self, snapshot: Snapshot) -> dict[str, float]:
        """What the claims are judged by."""
        score = snapshot.experiment.task.kind.score
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


class Twins(Course):
    """Two runs, measured at every update."""

    def __init__(self, *runs: Run) -> None:
        super().__init__(*runs)
        self.measured = {run: Twin() for run in runs}

    def update(self, run: Run, most: int) -> Ended | None:
        """One update of one of them, and what there is to measure of it."""
        twin, began = self.measured[run], time.perf_counter()
        ended = super().update(run, 1)
        twin.seconds.append(time.perf_counter() - began)
        slopes = [W.grad for W in run.network.parameters() if W.grad is not None]
        twin.norms.append(math.sqrt(sum(float(g.square().sum()) for g in slopes)))
        if run.updates % LOOK == 0 or ended:
            twin.looks.append(training_loss(run))
        return ended

    @property
    def ended(self) -> Ended | None:
        """Why they are over, when both are: if one of them did not come to its last update, why that one."""
        reasons = [why for why in self.endings if why and why.word != "finished"]
        return (reasons[0] if reasons else self.endings[0]) if all(self.endings) else None


@torch.no_grad()
def training_loss(run: Run) -> float:
    """The mean loss over the training examples, without penalties."""
    x, y = run.train_examples
    return run.objective.losses(run.network(run.network.over_time(x)).outputs, y).mean().item()


@program
def twins(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train the experiment twice, update by update in turn: α = 0, and α as it is."""
    pair = Twins(Run(experiment.looped().without_loop()), Run(experiment.looped()))
    yield from watched(pair, runner, lambda status: frame(pair, status))


def frame(pair: Twins, status: Status) -> Frame:
    """Both twins as they stand."""
    arrays: dict[str, np.ndarray] = {}
    found: list[dict[str, float]] = []
    for name, (run, twin) in zip(TWINS, pair.measured.items(), strict=True):
        snapshot = probes.snapshot(run)
        found.append(twin.numbers(snapshot))
        arrays[f"twins.{name}.boundary"] = snapshot.boundary
        history = columns(snapshot.history)
        arrays |= {f"twins.{name}.{column}": history[column] for column in ("update", "train_loss", "test_loss")}
    off, on = found
    arrays |= {f"twins.{key}": np.array([off[key], on[key]], np.float32) for key in off}
    arrays["twins.holds"] = holds(off, on)
    return Frame(facts(status, Comparison(Compared(on["score"] - off["score"]))), arrays)


def holds(off: Mapping[str, float], on: Mapping[str, float]) -> np.ndarray:
    """(5,) Is it so, in this pair: learns better, generalises better, jumps more, its gradient varies more, is slower?

    1 or 0; NaN where there is nothing to compare yet. To generalise better is to score higher on the test examples, and
    to fall short of the training examples by no more. A gradient's spread is told relative to its mean.
    """
    pairs = [
        (off["train_loss"], on["train_loss"]),
        (on["jump"], off["jump"]),
        (on["gradient_spread"] / on["gradient"], off["gradient_spread"] / off["gradient"]),
        (on["milliseconds"], off["milliseconds"]),
    ]
    verdicts = [more > CLEAR * less for more, less in pairs]
    verdicts.insert(1, on["score"] > off["score"] and abs(on["gap"]) <= abs(off["gap"]))
    begun = not math.isnan(on["milliseconds"])
    return np.array(verdicts if begun else [math.nan] * 5, np.float32)
