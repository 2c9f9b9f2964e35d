"""The same equilibrium network twice: its loop left free, and held below a norm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fbviz.frames import Frame
from fbviz.learning.desk import Desk
from fbviz.learning.fixed_points import anderson, picard
from fbviz.learning.gradients import jacobian, spectral_radius
from fbviz.learning.run import Run
from fbviz.learning.table import program
from fbviz.learning.training import advance
from fbviz.learning.watching import Trail, boundary, longest, looped, status
from fbviz.loops import HELD
from fbviz.snapshot import Ended, Told, facts

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

    held: Pair


@program
def held(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Train implicitly without a bound and with one, an update each in turn, and follow the spectral radius."""
    experiment = looped(query).changed(gradient="implicit").fitted()
    runs = {name: Run(experiment.changed(spectral_norm=norm)) for name, norm in (("free", 0.0), ("held", HELD))}
    trails = {name: Trail() for name in runs}
    ended: dict[str, Ended] = {}

    def seen(over: Ended | None = None) -> Frame:
        for name, run in runs.items():
            trails[name].add(run.updates, radius(run))
        return picture(runs, trails, ended, over)

    if desk.wanted(0):
        yield seen()
    update = 0
    while len(ended) < len(runs):
        update += 1
        for name in [name for name in runs if name not in ended]:
            if why := advance(runs[name]):
                ended[name] = why
        if desk.wanted(update) and len(ended) < len(runs):
            yield seen()
    yield seen(longest(runs, ended))


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


def picture(
    runs: Mapping[str, Run], trails: Mapping[str, Trail], endings: Mapping[str, Ended], over: Ended | None
) -> Frame:
    """Radii over updates, (rows,) each; where the free run lost its fixed point, (0,) or (1,); both boundaries."""
    arrays: dict[str, np.ndarray] = {}
    for name, run in runs.items():
        arrays |= {
            f"held.{name}.update": trails[name].column(0),
            f"held.{name}.radius": trails[name].column(1),
            f"held.{name}.boundary": boundary(run),
        }
    why = endings.get("free")
    lost = trails["free"].rows[-1:] if why and why.word == "no_fixed_point" else []
    arrays["held.free.lost.update"] = np.array([row[0] for row in lost], np.float32)
    arrays["held.free.lost.radius"] = np.array([row[1] for row in lost], np.float32)
    last = max(runs.values(), key=lambda run: run.updates)
    return Frame(facts(status(last, ended=over), Compared(Pair(Free(runs["free"].updates)))), arrays)
