"""Four kinds of loop on one task, with as many parameters each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fbviz.chapters.gradients_back.values import KINDS, LEAST, MOST, kinds
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning.networks import Network, build
from fbviz.learning.run import Run
from fbviz.learning.training import Course
from fbviz.snapshot import Ended, Status, Told, facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import boundary, test_scores, watched

WIDEST = 64


@dataclass(frozen=True, slots=True)
class Compared(Told):
    """What came of the loops."""

    lead: float  # of hidden to hidden over no loop, in the score on the test examples


class Timed(Course):
    """Runs, and how long their updates take."""

    def __init__(self, *runs: Run) -> None:
        super().__init__(*runs)
        self.seconds = dict.fromkeys(runs, 0.0)

    def update(self, run: Run, most: int) -> Ended | None:
        """One update of one of them."""
        began = time.perf_counter()
        ended = super().update(run, 1)
        self.seconds[run] += time.perf_counter() - began
        return ended


@program
def four_loops(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train no loop, output to input, hidden to hidden and an equilibrium, an update each in turn."""
    alike = matched(experiment)
    course = Timed(*map(Run, alike.values()))
    yield from watched(course, runner, lambda status: picture([*alike], course, status))


def matched(experiment: Experiment) -> dict[str, Experiment]:
    """Each kind with one hidden layer, so wide that it has about as many parameters as hidden to hidden has.

    That one grows with the square of its width, so it sets the mark and the others come to within 5 % of it.
    """
    first = (experiment.network.hidden or (8,))[0]
    width = min(max(first, LEAST), MOST)
    aim = parameters(made(experiment, "hidden", width))
    widths = {
        name: min(range(1, WIDEST + 1), key=lambda w, name=name: abs(parameters(made(experiment, name, w)) - aim))  # type: ignore[misc]
        for name in kinds(experiment)
    }
    return {name: made(experiment, name, w) for name, w in widths.items()}


def made(experiment: Experiment, name: str, width: int) -> Experiment:
    """The experiment as one of the kinds, its hidden layer so wide."""
    return experiment.changed(**{"hidden": (width,), "spectral_norm": 0.0, **KINDS[name]}).fitted()


def parameters(experiment: Experiment) -> int:
    return size(build(experiment))


def size(network: Network) -> int:
    """How many parameters it has."""
    return sum(parameter.numel() for parameter in network.parameters())


def picture(names: Sequence[str], course: Timed, status: Status) -> Frame:
    """Boundaries and scores of all runs; the latter in the order of the runs, (kinds,)."""
    scores = [test_scores(run) for run in course.runs]
    columns = {
        "width": [run.experiment.network.hidden[0] for run in course.runs],
        "parameters": [size(run.network) for run in course.runs],
        "score": [score for score, _ in scores],
        "loss": [loss for _, loss in scores],
        "ms": [1000 * seconds / max(1, run.updates) for run, seconds in course.seconds.items()],
    }
    lead = scores[names.index("hidden")][0] - scores[names.index("none")][0]
    return Frame(
        facts(status, Compared(lead)),
        {f"four_loops.{column}": np.array(values, np.float32) for column, values in columns.items()}
        | {f"four_loops.{name}.boundary": boundary(run) for name, run in zip(names, course.runs, strict=True)},
    )
