"""The same equilibrium network twice: its loop left free, and held below a norm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from fbviz.chapters.gradients_back.values import HELD
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning.fixed_points import anderson, picard
from fbviz.learning.gradients import jacobian, spectral_radius
from fbviz.learning.run import Run
from fbviz.learning.training import Course
from fbviz.snapshot import Status, Told, facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import Trail, boundary, watched

ASKED = 256  # training examples; the largest of their radii counts
TOLERANCE = 1e-5  # the residual of a fixed point, in float32


@dataclass(frozen=True, slots=True)
class Free:
    """The run whose loop was left free."""

    updates: int  # that it has made, or made until it lost its fixed point


@dataclass(frozen=True, slots=True)
class Pair:
    """Both runs."""

    free: Free


@dataclass(frozen=True, slots=True)
class Compared(Told):
    """How far both came."""

    free_and_held: Pair


@program
def free_and_held(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train implicitly without a bound and with one, an update each in turn, and follow the spectral radius."""
    experiment = experiment.looped().changed(gradient="implicit").fitted()
    course = Course(*(Run(experiment.changed(spectral_norm=norm)) for norm in (0.0, HELD)))
    trails = [Trail() for _ in course.runs]

    def seen(status: Status) -> Frame:
        for run, trail in zip(course.runs, trails, strict=True):
            if not trail.rows or trail.rows[-1][0] != run.updates:  # a run that is over is not asked again
                trail.add(run.updates, radius(run))
        return picture(course, trails, replace(status, known=course.endings[0] is not None))

    yield from watched(course, runner, seen)


def radius(run: Run) -> float:
    """The largest spectral radius over some examples, at their fixed points; NaN where none is found.

    Where the loop itself comes to rest, that is the point. Where it circles, Anderson's method finds what it circles
    around: a fixed point that no longer holds.
    """
    x = run.network.over_time(run.train_examples[0][:ASKED])[-1]

    def f(s: Tensor) -> Tensor:
        return run.network.step(x, s)[1]

    with torch.no_grad():
        loop = picard(f, run.network.start(x), TOLERANCE, look=8)
        other = loop if (loop.residual < TOLERANCE).all() else anderson(f, loop.s, TOLERANCE)
    s = torch.where((loop.residual < TOLERANCE)[:, None], loop.s, other.s)
    at_rest = torch.minimum(loop.residual, other.residual) < TOLERANCE
    J = jacobian(run.network, x[at_rest], s[at_rest])
    return spectral_radius(J).max().item() if len(J) and torch.isfinite(J).all() else float("nan")


def picture(course: Course, trails: Sequence[Trail], status: Status) -> Frame:
    """Radii over updates, (rows,) each; where the free run lost its fixed point, (0,) or (1,); both boundaries."""
    arrays: dict[str, np.ndarray] = {}
    for name, run, trail in zip(("free", "held"), course.runs, trails, strict=True):
        arrays |= {
            f"free_and_held.{name}.update": trail.column(0),
            f"free_and_held.{name}.radius": trail.column(1),
            f"free_and_held.{name}.boundary": boundary(run),
        }
    free, why = course.runs[0], course.endings[0]
    lost = trails[0].rows[-1:] if why and why.word == "no_fixed_point" else []
    arrays["free_and_held.free.lost.update"] = np.array([row[0] for row in lost], np.float32)
    arrays["free_and_held.free.lost.radius"] = np.array([row[1] for row in lost], np.float32)
    return Frame(facts(status, Compared(Pair(Free(free.updates)))), arrays)
