"""Evaluation: which classes a network confuses on the test set, while it learns."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.history import columns
from fbviz.learning import metrics, probes
from fbviz.learning.run import Run
from fbviz.learning.training import Course
from fbviz.picture import HISTORY, lined
from fbviz.snapshot import Ended, Told, facts
from fbviz.tasks.kinds import classes
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import watched


@dataclass(frozen=True, slots=True)
class Scores:
    """The means over the classes, however large each is."""

    f1: float  # NaN for values: they have no classes


@dataclass(frozen=True, slots=True)
class Judged(Told):
    """How good the answers on the test set are."""

    scores: Scores


@program
def evaluation(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train the experiment; every frame has the boundary, the losses so far and the confusion matrix."""
    run = Run(experiment)
    yield from watched(Course(run), runner, lambda status: frame(run, status.ended))


def frame(run: Run, ended: Ended | None) -> Frame:
    """The run as it stands."""
    snapshot = probes.snapshot(run, ended)
    history, score = columns(snapshot.history), run.experiment.task.kind.score
    scores, arrays = judged(run)
    return Frame(
        facts(snapshot.status, Judged(scores)),
        lined("boundary", snapshot.boundary, run.experiment.task.classes)
        | {f"{HISTORY}{name}": history[name] for name in ("update", "train_loss", "test_loss", score)}
        | arrays,
    )


@torch.no_grad()
def judged(run: Run) -> tuple[Scores, dict[str, np.ndarray]]:
    """The macro averages, and the figures' arrays: by class, the average last. Values have no classes: NaN for two."""
    task = run.experiment.task
    k = max(2, task.classes)
    if not task.classes:
        empty = {name: np.full(k + 1, np.nan, np.float32) for name in ("precision", "recall", "f1", "support")}
        return Scores(math.nan), {f"evaluation.{name}": values for name, values in empty.items()} | {
            "evaluation.confusion": np.full((k, k), np.nan, np.float32),
            "evaluation.accuracy": np.full(1, np.nan, np.float32),
        }
    x, y = run.test_examples
    said = classes(probes.final(run, run.network(run.network.over_time(x)).outputs))
    table = metrics.confusion(said, classes(y), k)
    macro = metrics.macro(table)
    by_class = {name: [*values.tolist(), macro[name]] for name, values in metrics.report(table).items()}
    by_class["support"] = [*table.sum(1).tolist(), table.sum().item()]
    arrays = {f"evaluation.{name}": np.array(values, np.float32) for name, values in by_class.items()}
    arrays["evaluation.confusion"] = table.float().cpu().numpy()
    arrays["evaluation.accuracy"] = np.array([metrics.accuracy(table)], np.float32)
    return Scores(macro["f1"]), arrays
