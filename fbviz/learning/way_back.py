"""What is left of the gradient at each step on its way back through the loop, for several gains at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning import probes
from fbviz.learning.desk import Desk
from fbviz.learning.run import Run
from fbviz.learning.table import program
from fbviz.learning.training import advance
from fbviz.learning.values import real
from fbviz.learning.watching import Arrays, looped, plain, status, test_scores
from fbviz.loops import GAINS
from fbviz.snapshot import Ended, facts

FIRST_WEIGHTS = ("default", "orthogonal")


@program
def way_back(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Train one loop for each gain, in turn. A switch that is moved lets all of them begin anew."""
    experiment = looped(query)
    asked: dict[str, Any] = {}
    runs: list[Run] = []
    ended: list[Ended | None] = []
    while True:
        if asked != (asked := switches(desk, experiment)):
            runs = [Run(experiment.changed(**asked, gain=gain)) for gain in GAINS]
            ended = [None] * len(runs)
            if desk.wanted(0):
                yield Frame(facts(status(runs[0])), arrays(runs))
        if all(ended):
            last, why = max(zip(runs, ended, strict=True), key=lambda pair: pair[0].updates)
            yield Frame(facts(status(last, done=why)), arrays(runs))
            continue
        ended = [why or advance(run) for run, why in zip(runs, ended, strict=True)]
        last = max(runs, key=lambda run: run.updates)
        if desk.wanted(last.updates) and not all(ended):
            yield Frame(facts(status(last)), arrays(runs))


def switches(desk: Desk, experiment: Experiment) -> dict[str, Any]:
    """What a reader has set against a gradient that fades or grows; what is not touched stays the experiment's."""
    init = (
        FIRST_WEIGHTS[round(real(desk.values, "init", 0, 1, 0))] if "init" in desk.values else experiment.network.init
    )
    return {
        "clip": real(desk.values, "clip", 0, 10, experiment.training.clip),
        "damping": real(desk.values, "damping", 0.05, 1, experiment.feedback.damping),
        "jacobian_penalty": real(desk.values, "jacobian_penalty", 0, 10, experiment.loss.jacobian_penalty),
        "init": init,
    }


def arrays(runs: Sequence[Run]) -> Arrays:
    """‖∂L/∂s_t‖ of each run, (T,); by run, (gains,): the factor by which one step back multiplies it, and the score."""
    norms = [step_gradients(run) for run in runs]
    return {
        "way_back.steps": np.arange(len(norms[0]), dtype=np.int32),
        **{f"way_back.norms.{i}": norm for i, norm in enumerate(norms)},
        "way_back.factor": np.array([factor(norm) for norm in norms], np.float32),
        "way_back.score": np.array([test_scores(run)[0] for run in runs], np.float32),
    }


def step_gradients(run: Run) -> np.ndarray:
    """(T,) of a run; NaN where it is not finite."""
    return np.where(np.isfinite(norms := plain(probes.step_gradients(run))), norms, np.nan)


def factor(norms: np.ndarray) -> float:
    """The geometric mean of ‖∂L/∂s_{t−1}‖ / ‖∂L/∂s_t‖: below 1 the gradient fades on its way back, above it grows."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(norms.astype(np.float64))
    heard = np.isfinite(logs)
    if heard.sum() < 2:
        return float("nan")
    steps = np.flatnonzero(heard)
    return float(np.exp((logs[steps[0]] - logs[steps[-1]]) / (steps[-1] - steps[0])))
