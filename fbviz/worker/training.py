"""Training, watched: the program of the Playground."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from fbviz.dials import TrainingDials
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.history import columns
from fbviz.learning import checkpoints, probes
from fbviz.learning.run import Run
from fbviz.learning.training import Course
from fbviz.picture import Array, Picture, lined
from fbviz.snapshot import Ended, Gaze, Status, Told, facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import boundary, watched

AHEAD = 150  # updates that are trained ahead of a run, for a glimpse of what will come
PATIENCE = 1.0  # seconds that they may take


@dataclass(frozen=True, slots=True)
class Seen(Told):
    """What the step slider says, and what is shown of a run that has not begun."""

    t: int
    residual: float  # ‖s_t − s_{t−1}‖
    preview: int = 0  # the update that is shown ahead of time


@program
def training(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train the experiment; every frame is the whole picture. It goes on from a checkpoint, if it was left."""
    start = checkpoints.unpacked(runner.checkpoint) if runner.checkpoint else None
    run = Run(experiment, start)
    runner.keep = lambda: checkpoints.packed(run.checkpoint())
    if runner.values.get("preview") and runner.unplayed:
        yield from ahead(run, runner)
    yield from pictures(Course(run), runner, first=not start)


@program
def training_beside(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """The same, and beside it, from the same first weights and batches, the network without its loop."""
    yield from pictures(Course(Run(experiment), Run(experiment.without_loop())), runner)


def pictures(course: Course, runner: Runner, *, first: bool = True) -> Iterator[Frame]:
    """Train to the end, and go on answering."""

    def seen(status: Status) -> Frame:
        return frame(course.runs, status, TrainingDials.of(runner.values))

    def rests(ended: Ended) -> bool:
        runner.keep = None  # whoever goes on from here learns it all again, and so comes to the same end
        return ended.well

    if not first:
        yield seen(course.status)
    yield from watched(course, runner, seen, rests=rests, first=first)


def ahead(run: Run, runner: Runner) -> Iterator[Frame]:
    """A run as it will begin, and a moment later, faintly, as it will become: another goes ahead of it."""
    now, later = Course(run), Course(Run(run.experiment))
    dials, end = TrainingDials.of(runner.values), time.perf_counter() + PATIENCE
    runner.more = True
    begun = frame(now.runs, now.status, dials)
    yield begun
    runner.more = False
    while later.updates < AHEAD and not later.ended and time.perf_counter() < end:
        if runner.wanted(0) and runner.moving:
            break  # somebody plays
        later.advance()
    if not runner.moving:
        will = frame(later.runs, later.status, dials)
        seen = Seen(t=int(will.facts["t"]), residual=will.facts["residual"], preview=later.updates)
        yield Frame({**begun.facts, **asdict(seen)}, will.arrays)


def frame(runs: Sequence[Run], status: Status, dials: TrainingDials) -> Frame:
    """The first run as the status line and the figures show it, and beside it one without a loop, if there is one."""
    run, *others = runs
    snapshot = probes.snapshot(run, gaze=Gaze(t=dials.t, layer=dials.layer, neuron=dials.neuron))
    known = snapshot.status
    said = replace(known, ended=status.ended, done=status.done, idle=status.idle)
    t = snapshot.gaze.t
    arrays = dict(Picture.of(snapshot).arrays)
    for other in others:
        arrays |= plain(other)
    return Frame(facts(said, Seen(t=t, residual=float(snapshot.residuals[t - 1]))), arrays)


def plain(run: Run) -> dict[str, Array]:
    """The same without its loop, as far as it is shown: much cheaper than a snapshot."""
    history = columns(probes.history(run, probes.row(run)))
    return {
        **lined("plain.boundary", boundary(run), run.experiment.task.classes),
        "plain.update": history["update"],
        "plain.test_loss": history["test_loss"],
    }
