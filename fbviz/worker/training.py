"""Training, watched: the program of the Playground."""

from __future__ import annotations

from collections.abc import Iterator

from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning import checkpoints, probes
from fbviz.learning.run import Run
from fbviz.learning.training import Course, moments
from fbviz.picture import Picture
from fbviz.snapshot import facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner


@program
def training(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train the experiment; every frame is the whole picture. It goes on from a checkpoint, if it was left."""
    run = Run(experiment, checkpoints.unpacked(runner.checkpoint) if runner.checkpoint else None)
    runner.keep = lambda: checkpoints.packed(run.checkpoint())
    course = Course(run)
    if run.updates:
        yield frame(course)
    for _ in moments(course, runner.wanted, first=not run.updates):
        yield frame(course)


def frame(course: Course) -> Frame:
    """The run as the status line and the figures show it."""
    snapshot = probes.snapshot(course.runs[0], course.ended)
    return Frame(facts(snapshot.status), Picture.of(snapshot).arrays)
