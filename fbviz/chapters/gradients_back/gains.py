"""What is left of the gradient at each step on its way back through the loop, for several gains at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

import numpy as np

from fbviz.chapters.gradients_back.values import GAINS, GainsDials
from fbviz.commands import Value
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning import probes
from fbviz.learning.run import Run
from fbviz.learning.training import Course
from fbviz.snapshot import facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import Arrays, always, anew, plain, test_scores, watched


@program
def gains(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train one loop for each gain, in turn. A switch that is moved lets all of them begin anew."""
    experiment = experiment.looped()

    def begin(asked: GainsDials) -> Iterator[Frame]:
        runs = [Run(experiment.changed(**asdict(asked), gain=gain)) for gain in GAINS]
        return watched(Course(*runs), runner, lambda status: Frame(facts(status), arrays(runs)), rests=always)

    yield from anew(lambda: switches(runner.values, experiment), begin)


def switches(values: Mapping[str, Value], experiment: Experiment) -> GainsDials:
    """What a reader has set against a gradient that fades or grows; what is not touched stays the experiment's."""
    own = {name: experiment[name] for name in GainsDials.rules()}
    return GainsDials.of(values, **own)


def arrays(runs: Sequence[Run]) -> Arrays:
    """‖∂L/∂s_t‖ of each run, (T,); by run, (gains,): the factor by which one step back multiplies it, and the score."""
    norms = [step_gradients(run) for run in runs]
    return {
        "gains.steps": np.arange(len(norms[0]), dtype=np.int32),
        **{f"gains.norms.{i}": norm for i, norm in enumerate(norms)},
        "gains.factor": np.array([factor(norm) for norm in norms], np.float32),
        "gains.score": np.array([test_scores(run)[0] for run in runs], np.float32),
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
