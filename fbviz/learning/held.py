"""The same equilibrium network twice: its loop left free, and held below a norm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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
from fbviz.learning.watching import Trail, boundary, facts, longest, looped, test_scores
from fbviz.loops import HELD
from fbviz.snapshot import Ended

ASKED = 256  # training examples; the largest of their radii counts
TOLERANCE = 1e-5  # the residual of a fixed point, in float32


@program
def held(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Train implicitly without a bound and with one, an update each in turn, and follow the spectral radius."""
    experiment = looped(query).changed(gradient="implicit").fitted()
    runs = {name: Run(experiment.changed(spectral_norm=norm)) for name, norm in (("free", 0.0), ("held", HELD))}
    trails = {name: Trail() for name in runs}
    ended: dict[str, Ended] = {}

    def seen(**more: Any) -> Frame:
        for name, run in runs.items():
            trails[name].add(run.updates, radius(run))
        return picture(runs, trails, ended, **more)

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
    yield seen(ended=longest(runs, ended).facts)


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


def picture(runs: Mapping[str, Run], trails: Mapping[str, Trail], endings: Mapping[str, Ended], **more: Any) -> Frame:
    """Radii over updates, (rows,) each; where a run lost its fixed point, (0,) or (1,); both boundaries."""
    arrays: dict[str, np.ndarray] = {}
    told: dict[str, Any] = {}
    for name, run in runs.items():
        why, newest = endings.get(name), trails[name].rows[-1:]
        lost = newest if why and why.word == "no_fixed_point" else []
        score, loss = test_scores(run)
        told[name] = {"updates": run.updates, "radius": newest[0][1], "score": score, "loss": loss, "lost": len(lost)}
        arrays |= {
            f"held.{name}.update": trails[name].column(0),
            f"held.{name}.radius": trails[name].column(1),
            f"held.{name}.lost.update": np.array([row[0] for row in lost], np.float32),
            f"held.{name}.lost.radius": np.array([row[1] for row in lost], np.float32),
            f"held.{name}.boundary": boundary(run),
        }
    last = max(runs.values(), key=lambda run: run.updates)
    return Frame(facts(last, held=told, **more), arrays)
