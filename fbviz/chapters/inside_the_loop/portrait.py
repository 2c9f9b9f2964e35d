"""The portrait of a loop: where each state goes, where it comes to rest, and what draws it there.

A state of two numbers is a place in a plane. Of a larger one the plane through the visited states is shown, along
their two leading principal components; one number is a line, drawn as wide as the plane.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fbviz.chapters.inside_the_loop.landscape import NEAR, SETTLING, Landscape, Map, Plane, Rests
from fbviz.chapters.inside_the_loop.values import BASINS, PortraitDials
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning import fixed_points
from fbviz.learning.run import Run
from fbviz.learning.training import Course
from fbviz.snapshot import Status, Told, facts
from fbviz.worker.inputs import places
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import Arrays, always, plain, watched

KEPT = 12  # trajectories
LONG = 64  # steps of one
FAR = 3  # halves of the picture: what is farther out is not drawn
FINE, COARSE = 41, 15  # sides of the grids of basins and of arrows


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked for."""

    fixed_points: int


@dataclass(frozen=True, slots=True)
class Drawn(Told):
    """What is in the portrait."""

    portrait: Found


@program
def portrait(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train a loop; show its state space for the input of the slider, and a path from each click."""
    run = Run(experiment.looped())
    launched: list[tuple[float, float]] = []

    def seen(status: Status) -> Frame:
        launched.extend(places(runner.values, "start"))
        del launched[:-KEPT]
        x = torch.tensor([[PortraitDials.of(runner.values).x1, 0.0]], dtype=torch.float64)
        arrays = drawn(Landscape(run), x[:, : run.experiment.task.inputs], launched)
        return Frame(facts(status, Drawn(Found(len(arrays["fixed.residual"])))), arrays)

    yield from watched(Course(run), runner, seen, rests=always)


def drawn(landscape: Landscape, x: Tensor, launched: list[tuple[float, float]]) -> Arrays:
    """Every array of the portrait for one input x (1, n), float64."""
    f, shown, rests = landscape.map(x), landscape.plane, landscape.rests(x)
    grid = shown.grid(FINE)
    places, numbers = shown.place(rests.s), landscape.numbers(x, rests.stable)
    return {
        "portrait.a": plain(grid[:FINE, 0]),
        "portrait.b": plain(grid[::FINE, 1]),
        "portrait.basin": basins(f, shown.state(grid), rests.stable, numbers).reshape(FINE, FINE),
        **arrows(f, shown),
        **paths("portrait.own", walked(f, landscape.network.start(x), shown)),
        **paths(
            "portrait.path", walked(f, shown.state(torch.tensor(launched, dtype=torch.float64).reshape(-1, 2)), shown)
        ),
        **{f"portrait.{name}.x": plain(places[rests.kind == i, 0]) for i, name in enumerate(fixed_points.TYPES)},
        **{f"portrait.{name}.y": plain(places[rests.kind == i, 1]) for i, name in enumerate(fixed_points.TYPES)},
        **table(f, rests, places),
    }


@torch.no_grad()
def basins(f: Map, s: Tensor, stable: Tensor, numbers: list[int]) -> np.ndarray:
    """(N,) uint8: the colour of the stable point that each state comes to, 0 where it does not rest at one.

    A point's number says its colour: 1 … BASINS, and then these again.
    """
    for _ in range(SETTLING):
        s = f(s)
    if not len(stable):
        return np.zeros(len(s), np.uint8)
    distance, which = torch.cdist(s, stable).nan_to_num(torch.inf).min(1)
    colour = torch.tensor(numbers)[which] % BASINS + 1
    return torch.where(distance < NEAR, colour, 0).byte().numpy()


@torch.no_grad()
def arrows(f: Map, shown: Plane) -> Arrays:
    """s ↦ s′ − s over the plane as arrows with heads, the longest as long as a cell."""
    grid = shown.grid(COARSE)
    field = shown.place(f(shown.state(grid))) - shown.place(shown.state(grid))  # (N, 2)
    scaled = field / shown.reach  # in halves of the plane, so that a head looks like one
    longest = scaled.norm(dim=1).nan_to_num(0, 0, 0).max().clamp(min=1e-12)
    tip = scaled / longest * (2 / (COARSE - 1))
    wings = [
        0.35 * tip @ torch.tensor([[-c, -s], [s, -c]], dtype=torch.float64) for c, s in ((0.87, 0.5), (0.87, -0.5))
    ]
    tail, gap = grid / shown.reach, torch.full_like(grid, torch.nan)
    strokes = torch.stack([tail, tail + tip, tail + tip + wings[0], tail + tip, tail + tip + wings[1], gap], 1)
    strokes = strokes * shown.reach
    return {
        "portrait.arrow.x": plain(strokes[..., 0].flatten()),
        "portrait.arrow.y": plain(strokes[..., 1].flatten()),
    }


@torch.no_grad()
def walked(f: Map, s: Tensor, shown: Plane) -> Tensor:
    """(N, LONG + 1, 2) the places that states (N, r) come through; NaN where they are far out of the picture."""
    places = [shown.place(s)]
    for _ in range(LONG):
        s = f(s)
        places.append(shown.place(s))
    way = torch.stack(places, 1)
    return torch.where((way.abs() <= FAR * shown.reach).all(-1, keepdim=True), way, torch.nan)


def paths(name: str, places: Tensor) -> Arrays:
    """Paths (N, steps, 2) as one line with gaps."""
    line = torch.nn.functional.pad(places, (0, 0, 0, 1), value=torch.nan)
    return {f"{name}.{axis}": plain(line[..., i].flatten()) for i, axis in enumerate("xy")}


def table(f: Map, rests: Rests, places: Tensor) -> Arrays:
    """What is known of each fixed point, (P,) each; its two largest eigenvalues; its type, those that turn after those
    that do not."""
    with torch.no_grad():
        residual = (f(rests.s) - rests.s).norm(dim=-1)
    eigenvalues = torch.view_as_complex(torch.view_as_real(rests.eigenvalues).round(decimals=12))  # nearly 0 is 0
    order = eigenvalues.abs().argsort(-1, descending=True)
    leading = eigenvalues.gather(-1, order)
    second = leading[:, 1] if leading.shape[-1] > 1 else leading[:0, 0]
    return {
        "fixed.a": plain(places[:, 0]),
        "fixed.b": plain(places[:, 1]),
        "fixed.residual": residual.numpy(),
        "fixed.re1": plain(leading[:, 0].real),
        "fixed.im1": plain(leading[:, 0].imag),
        "fixed.re2": plain(second.real),
        "fixed.im2": plain(second.imag),
        "fixed.type": (rests.kind + len(fixed_points.TYPES) * rests.spiral).int().numpy(),
    }
