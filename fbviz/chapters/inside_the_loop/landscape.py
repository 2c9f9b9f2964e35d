"""The landscape of a loop: the plane its states are seen in, its fixed points at an input, and which of them is which.

When the input moves, fixed points move, come and go. Each stable one has a number that it keeps while it exists.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from fbviz.learning import fixed_points
from fbviz.learning.networks import Network
from fbviz.learning.run import Run

Map = Callable[[Tensor], Tensor]

SEEDS = 64  # random states to look for fixed points from, besides the grid
WIDE = 16  # numbers in a state, beyond which fewer are taken: each start costs a Jacobian a step
STRIDE = 0.05  # of the input, over which stable points are followed: a step of the slider
SETTLING = 200  # steps until a state must have come to rest
STILL = 1e-3  # that it moves in one more: it rests
NEAR = 1e-2  # of a fixed point: there
ASIDE = 0.01  # of the picture, from lines on which a loop that is symmetric stays for ever
FAR = 0.5  # of the picture, from its middle to its edge: nothing goes as far in one stride


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


@dataclass(frozen=True, slots=True)
class Rests:
    """Every fixed point at one input: s (P, r), its eigenvalues (P, r), its type (P,), and whether it is a spiral."""

    s: Tensor
    eigenvalues: Tensor
    kind: Tensor
    spiral: Tensor

    @property
    def stable(self) -> Tensor:
        """Those that hold, (S, r)."""
        return self.s[self.kind == 0]


class Landscape:
    """A network as it stands, and the plane it is seen in."""

    def __init__(self, run: Run) -> None:
        self.network = copy.deepcopy(run.network).double().cpu().requires_grad_(requires_grad=False)
        self.plane = plane(run, self.network)
        self.sparse = self.network.state_size > WIDE

    def map(self, x: Tensor) -> Map:
        """s ↦ s′ under a constant input x (1, n), or (N, n) for each state its own."""
        return lambda s: self.network.step(x.expand(len(s), -1), s)[1]

    def starts(self, aside: float = 0.0) -> Tensor:
        """States to begin from, (G, r), all over the plane; `aside` moves all of them a part of its half."""
        return self.plane.state(self.plane.grid(3 if self.sparse else 9) + aside * self.plane.reach)

    def rests(self, x: Tensor) -> Rests:
        """Every fixed point at x (1, n), looked for from all over the plane, around it, and where loops end."""
        f, dice = self.map(x), torch.Generator().manual_seed(0)
        seeds = SEEDS // 2 if self.sparse else SEEDS
        around = torch.randn(seeds, self.network.state_size, generator=dice, dtype=torch.float64)
        starts = torch.cat([self.starts(), self.plane.middle + around * self.plane.reach.max()])
        with torch.no_grad():
            ends = fixed_points.picard(f, starts, 1e-12, cap=100, look=20).s
        both = torch.cat([starts, ends])
        points = fixed_points.find_all(f, both[both.isfinite().all(-1)])
        J = fixed_points.jacobian(f, points)  # (P, r, r)
        known = J.isfinite().flatten(1).all(1)  # weights that broke hide behind a ReLU, which takes NaN for 0
        points, eigenvalues = points[known], torch.linalg.eigvals(J[known])
        return Rests(points, eigenvalues, *fixed_points.types(eigenvalues))

    def numbers(self, x: Tensor, stable: Tensor) -> list[int]:
        """The number of each of the stable points (S, r) at an input x (1, n).

        They are numbered at the input 0 and followed from there, whatever a reader has looked at before, so that one
        network and one input always have the same numbers. A point that comes on the way has the next.
        """
        strides = math.ceil(x.abs().max().item() / STRIDE - 1e-6)
        known = self.rests(x * 0).stable if strides else stable
        numbers, free = [*range(len(known))], len(known)
        way = [x * (stride / strides) for stride in range(1, strides)]
        for points in [*self.ends(way), stable]:
            numbers = followed(known, numbers, points, free, FAR * self.plane.reach.max().item())
            known, free = points, max([free, *(number + 1 for number in numbers)])
        return numbers

    @torch.no_grad()
    def ends(self, way: list[Tensor]) -> list[Tensor]:
        """Where states come to rest, (P, r) each, at several inputs (1, n), all of them at once."""
        if not way:
            return []
        starts = self.starts(ASIDE)
        f, s = self.map(torch.cat(way).repeat_interleave(len(starts), 0)), starts.repeat(len(way), 1)
        for _ in range(SETTLING):
            s = f(s)
        rest = (f(s) - s).norm(dim=-1) < STILL
        both = zip(s.chunk(len(way)), rest.chunk(len(way)), strict=True)
        return [fixed_points.each_once(here[still], NEAR) for here, still in both]


def followed(old: Tensor, numbers: list[int], new: Tensor, free: int, far: float) -> list[int]:
    """The numbers of the points new (P, r): of the nearest among the old ones, none of them twice, or the next."""
    kept: dict[int, int] = {}
    distances = torch.cdist(old, new)
    for at in distances.flatten().argsort().tolist():
        i, j = divmod(at, len(new))
        if distances[i, j] < far and j not in kept and numbers[i] not in kept.values():
            kept[j] = numbers[i]
    fresh = [j for j in range(len(new)) if j not in kept]
    kept |= {j: free + i for i, j in enumerate(fresh)}
    return [kept[j] for j in range(len(new))]


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
