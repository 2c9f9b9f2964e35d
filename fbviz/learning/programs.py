"""What a worker can run: each program is one generator of frames, entered here by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning import (  # noqa: F401  # each enters its programs
    band,
    checkpoints,
    derivation,
    evaluation,
    held,
    kinds,
    memories,
    portrait,
    printed,
    probes,
    puzzles,
    repairs,
    sequences,
    spectrum,
    stability,
    surface,
    twins,
    unrolled,
    walk,
    way_back,
    ways,
)
from fbviz.learning.desk import Desk
from fbviz.learning.run import Run
from fbviz.learning.table import PROGRAMS, program
from fbviz.learning.training import going
from fbviz.picture import Picture
from fbviz.snapshot import Snapshot, facts

__all__ = ["PROGRAMS", "training"]


@program
def training(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Train the experiment of the query; every frame is the whole picture."""
    experiment, _ = Experiment.from_query(query)
    run = Run(experiment, checkpoints.unpacked(desk.checkpoint) if desk.checkpoint else None)
    desk.keep = lambda: checkpoints.packed(run.checkpoint())
    if run.updates or desk.wanted(0):
        yield frame(probes.snapshot(run))
    for snapshot in going(run, show=desk.wanted):
        yield frame(snapshot)


def frame(snapshot: Snapshot) -> Frame:
    """A snapshot as the status line and the figures show it."""
    return Frame(facts(snapshot.status), Picture.of(snapshot).arrays)
