"""Four kinds of loop on one task, with as many parameters each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning.desk import Desk
from fbviz.learning.networks import build
from fbviz.learning.run import Run
from fbviz.learning.table import program
from fbviz.learning.training import advance
from fbviz.learning.watching import boundary, longest, status, test_scores
from fbviz.loops import KINDS, LEAST, MOST
from fbviz.loops import kinds as kinds_for
from fbviz.snapshot import Ended, Told, facts

WIDEST = 64


@dataclass(frozen=True, slots=True)
class Compared(Told):
    """What came of the loops."""

    lead: float  # of hidden to hidden over no loop, in the score on the test examples


@program
def kinds(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Train no loop, output to input, hidden to hidden and an equilibrium, an update each in turn."""
    experiment, _ = Experiment.from_query(query)
    runs = {name: Run(alike) for name, alike in matched(experiment).items()}
    ended: dict[str, Ended] = {}
    seconds = dict.fromkeys(runs, 0.0)
    update = 0
    if desk.wanted(0):
        yield picture(runs, seconds, update)
    while len(ended) < len(runs):
        update += 1
        for name in [name for name in runs if name not in ended]:
            began = time.perf_counter()
            if why := advance(runs[name]):
                ended[name] = why
            seconds[name] += time.perf_counter() - began
        if desk.wanted(update) and len(ended) < len(runs):
            yield picture(runs, seconds, update)
    yield picture(runs, seconds, update, longest(runs, ended))


def matched(experiment: Experiment) -> dict[str, Experiment]:
    """Each kind with one hidden layer, so wide that it has about as many parameters as hidden to hidden has.

    That one grows with the square of its width, so it sets the mark and the others come to within 5 % of it.
    """
    first = (experiment.network.hidden or (8,))[0]
    width = min(max(first, LEAST), MOST)
    aim = parameters(made(experiment, "hidden", width))
    widths = {
        name: min(range(1, WIDEST + 1), key=lambda w, name=name: abs(parameters(made(experiment, name, w)) - aim))  # type: ignore[misc]
        for name in kinds_for(experiment)
    }
    return {name: made(experiment, name, w) for name, w in widths.items()}


def made(experiment: Experiment, name: str, width: int) -> Experiment:
    """The experiment as one of the kinds, its hidden layer so wide."""
    return experiment.changed(**{"hidden": (width,), "spectral_norm": 0.0, **KINDS[name]}).fitted()


def parameters(experiment: Experiment) -> int:
    return sum(parameter.numel() for parameter in build(experiment).parameters())


def picture(runs: Mapping[str, Run], seconds: Mapping[str, float], update: int, ended: Ended | None = None) -> Frame:
    """Boundaries and scores of all runs; the latter in the order of the runs, (kinds,)."""
    scores = {name: test_scores(run) for name, run in runs.items()}
    columns = {
        "width": [run.experiment.network.hidden[0] for run in runs.values()],
        "parameters": [parameters(run.experiment) for run in runs.values()],
        "score": [score for score, _ in scores.values()],
        "loss": [loss for _, loss in scores.values()],
        "ms": [1000 * seconds[name] / max(1, run.updates) for name, run in runs.items()],
    }
    of_all = replace(status(next(iter(runs.values())), ended=ended), update=update)
    return Frame(
        facts(of_all, Compared(lead=scores["hidden"][0] - scores["none"][0])),
        {f"kinds.{column}": np.array(values, np.float32) for column, values in columns.items()}
        | {f"kinds.{name}.boundary": boundary(run) for name, run in runs.items()},
    )
