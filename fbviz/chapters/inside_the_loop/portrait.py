"""The portrait of a loop: where each state goes, where it comes to rest, and what draws it there.

A state of two numbers is a place in a plane. Of a larger one the plane through the visited states is shown, along
their two leading principal components; one number is a line, drawn as wide as the plane.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fbviz.chapters.inside_the_loop.values import BASINS, PortraitDials
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning import fixed_points
from fbviz.learning.networks import Network
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
SETTLING = 200  # steps until a place of the grid must have come to rest
NEAR = 1e-2  # of a fixed point: there
SEEDS = 64  # random states to look for fixed points from, besides the grid
WIDE = 16  # numbers in a state, beyond which fewer are taken: each start costs a Jacobian a step


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked for."""

    fixed_points: int


@dataclass(frozen=True, slots=True)
class Drawn(Told):
    """What is in the portrait."""

    portrait: Found


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane that is shown: its middle (r,), its two directions (2, r), and how far it goes each way (2,)."""

    middle: Tensor
    along: Tensor
    reach: Tensor

    def place(self, s: Tensor) -> Tensor:
        """States (…, r) as places (…, 2)."""
        return (s - self.middle) @ self.along.T

    def state(self, place: Tensor) -> Tensor:
        """Places (…, 2) as states (…, r)."""
        return self.middle + place @ self.along

    def grid(self, side: int) -> Tensor:
        """(side², 2) places, row by row from below."""
        a, b = (torch.linspace(-1, 1, side, dtype=torch.float64) * reach for reach in self.reach)
        return torch.cartesian_prod(b, a).flip(1)


@program
def portrait(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train a loop; show its state space for the input of the slider, and a path from each click."""
    run = Run(experiment.looped())
    launched: list[tuple[float, float]] = []

    def seen(status: Status) -> Frame:
        launched.extend(places(runner.values, "start"))
        del launched[:-KEPT]
        x = [PortraitDials.of(runner.values).x1, 0.0]
        arrays = drawn(run, torch.tensor([x[: run.experiment.task.inputs]], dtype=torch.float64), launched)
        return Frame(facts(status, Drawn(Found(len(arrays["fixed.residual"])))), arrays)

    yield from watched(Course(run), runner, seen, rests=always)


def drawn(run: Run, x: Tensor, launched: list[tuple[float, float]]) -> Arrays:
    """Every array of the portrait for one input x (1, n), float64."""
    network = copy.deepcopy(run.network).double().cpu().requires_grad_(requires_grad=False)

    def f(s: Tensor) -> Tensor:
        return network.step(x.expand(len(s), -1), s)[1]

    shown = plane(run, network)
    grid = shown.grid(FINE)
    points = rests(f, shown, network)
    J = fixed_points.jacobian(f, points)  # (P, r, r)
    known = J.isfinite().flatten(1).all(1)  # weights that broke hide behind a ReLU, which takes NaN for 0
    points, eigenvalues = points[known], torch.linalg.eigvals(J[known])
    kind, spiral = fixed_points.types(eigenvalues)
    places = shown.place(points)
    return {
        "portrait.a": plain(grid[:FINE, 0]),
        "portrait.b": plain(grid[::FINE, 1]),
        "portrait.basin": basins(f, shown.state(grid), points[kind == 0]).reshape(FINE, FINE),
        **arrows(f, shown),
        **paths("portrait.own", walked(f, network.start(x), shown)),
        **paths(
            "portrait.path", walked(f, shown.state(torch.tensor(launched, dtype=torch.float64).reshape(-1, 2)), shown)
        ),
        **{f"portrait.{name}.x": plain(places[kind == i, 0]) for i, name in enumerate(fixed_points.TYPES)},
        **{f"portrait.{name}.y": plain(places[kind == i, 1]) for i, name in enumerate(fixed_points.TYPES)},
        **table(f, points, places, eigenvalues, kind, spiral),
    }


def plane(run: Run, network: Network) -> Plane:
    """The plane of a two-dimensional state itself, or of the states that training examples visit."""
    visited = visits(run, network)
    r = network.state_size
    if r == 2:
        middle, along = torch.zeros(2, dtype=torch.float64), torch.eye(2, dtype=torch.float64)
    else:
        middle = visited.mean(0)
        _, _, directions = torch.linalg.svd(visited - middle, full_matrices=False)
        along = torch.zeros(2, r, dtype=torch.float64)
        along[: min(2, r)] = directions[:2]
    reach = ((visited - middle) @ along.T).abs().amax(0).nan_to_num(1.0)
    return Plane(middle, along, (1.2 * reach).clamp(1.1, 1e6) if r <= 2 else (1.5 * reach).clamp(0.2, 1e6))


@torch.no_grad()
def visits(run: Run, network: Network) -> Tensor:
    """(V, r) the states of all steps for some training examples."""
    x = run.train_examples[0][:64].cpu().double()
    states: Tensor = network(network.over_time(x)).states
    return states.flatten(0, 1).nan_to_num(0.0, 0.0, 0.0).clamp(-1e6, 1e6)


def rests(f: Callable[[Tensor], Tensor], shown: Plane, network: Network) -> Tensor:
    """Every fixed point: (P, r). Looked for from a grid over the plane, from around it, and from where loops end."""
    dice = torch.Generator().manual_seed(0)
    wide = network.state_size > WIDE
    around = torch.randn(SEEDS // 2 if wide else SEEDS, network.state_size, generator=dice, dtype=torch.float64)
    starts = torch.cat([shown.state(shown.grid(3 if wide else 9)), shown.middle + around * shown.reach.max()])
    with torch.no_grad():
        ends = fixed_points.picard(f, starts, 1e-12, cap=100, look=20).s
    both = torch.cat([starts, ends])
    return fixed_points.find_all(f, both[both.isfinite().all(-1)])


@torch.no_grad()
def basins(f: Callable[[Tensor], Tensor], s: Tensor, stable: Tensor) -> np.ndarray:
    """(N,) uint8: 1 + the number of the stable point that each state comes to, 0 where it does not rest at one."""
    for _ in range(SETTLING):
        s = f(s)
    if not len(stable):
        return np.zeros(len(s), np.uint8)
    distance, which = torch.cdist(s, stable).nan_to_num(torch.inf).min(1)
    return torch.where(distance < NEAR, which % BASINS + 1, 0).byte().numpy()


@torch.no_grad()
def arrows(f: Callable[[Tensor], Tensor], shown: Plane) -> Arrays:
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
def walked(f: Callable[[Tensor], Tensor], s: Tensor, shown: Plane) -> Tensor:
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


def table(
    f: Callable[[Tensor], Tensor], points: Tensor, places: Tensor, eigenvalues: Tensor, kind: Tensor, spiral: Tensor
) -> Arrays:
    """What is known of each fixed point, (P,) each; its two largest eigenvalues; its type, those that turn after those
    that do not."""
    with torch.no_grad():
        residual = (f(points) - points).norm(dim=-1)
    eigenvalues = torch.view_as_complex(torch.view_as_real(eigenvalues).round(decimals=12))  # what is nearly 0 is 0
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
        "fixed.type": (kind + len(fixed_points.TYPES) * spiral).int().numpy(),
    }
