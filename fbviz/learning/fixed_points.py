"""Where a state map comes to rest: s = f(s).

A map takes states (N, r) to states (N, r), each row by itself. A small residual ‖f(s) − s‖ is the only proof of rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

Map = Callable[[Tensor], Tensor]

CAP = 500  # evaluations of a map, after which it counts as restless
MEMORY = 5  # steps that Anderson's method mixes
RIDGE = 10.0  # in units of the numbers' precision: how much of a mix is given up so that it stays solvable
NEWTON = 80  # of Newton's steps
HALVINGS = 8  # of one of them
PROOF = 1e-6  # the residual of a fixed point, in float64
APART = 1e-4  # two closer than this are one
TYPES = ("stable", "saddle", "unstable")


class Solved(NamedTuple):
    """What a solver found, N examples at once."""

    s: Tensor  # (N, r)
    residual: Tensor  # (N,) ‖f(s) − s‖
    evaluations: Tensor  # (N,) of f, until the residual was below the tolerance; the cap where it never was


def picard(f: Map, s: Tensor, tolerance: float, cap: int = CAP, look: int = 1) -> Solved:
    """s ← f(s): the loop itself, run until it stands still (Picard 1890). It looks whether it does every `look` steps.

    It finds what is stable, if it does not swing or drift for ever.
    """
    after = f(s)
    evaluations = torch.full((len(s),), cap, device=s.device)
    for i in range(1, cap + 1):
        if i % look == 0 or i == cap:
            residual = (after - s).norm(dim=-1)
            evaluations = torch.where(residual < tolerance, evaluations.clamp(max=i), evaluations)
            if i == cap or (residual < tolerance).all():
                break
        s, after = after, f(after)
    return Solved(s, residual, evaluations)


def anderson(f: Map, s: Tensor, tolerance: float, cap: int = CAP, memory: int = MEMORY) -> Solved:
    """Mix the last steps so that their residuals cancel (Anderson 1965; Walker and Ni 2011, type II).

    The mix is a least-squares problem with a small ridge. Where it is not finite the plain step is taken, and whom
    half of the cap has not brought to rest goes the other half by `picard`, from the best place seen.
    """
    after = f(s)
    g = after - s
    ridge = RIDGE * torch.finfo(s.dtype).eps
    best, least = s, torch.full_like(g[:, 0], torch.inf)
    evaluations = torch.full((len(s),), cap, device=s.device)
    afters, gs = [after], [g]
    for i in range(1, max(1, cap // 2) + 1):
        residual = g.norm(dim=-1)
        better = residual < least
        best, least = torch.where(better[:, None], s, best), torch.where(better, residual, least)
        evaluations = torch.where(residual < tolerance, evaluations.clamp(max=i), evaluations)
        if (least < tolerance).all():
            return Solved(best, least, evaluations)
        s = mixed(afters, gs, ridge)
        after = f(s)
        g = after - s
        afters, gs = [*afters[-memory:], after], [*gs[-memory:], g]
    rest = picard(f, best, tolerance, cap - i)
    return Solved(rest.s, rest.residual, torch.minimum(evaluations, rest.evaluations + i))


def mixed(afters: list[Tensor], gs: list[Tensor], ridge: float) -> Tensor:
    """f(s_k) − ΔF γ with γ = argmin ‖g_k − ΔG γ‖² + ridge ‖γ‖². Both lists: (N, r), the newest last. -> (N, r)."""
    if len(gs) == 1:
        return afters[-1]
    G, F = torch.stack(gs).diff(dim=0).permute(1, 2, 0), torch.stack(afters).diff(dim=0).permute(1, 2, 0)  # (N, r, m)
    size = G.norm(dim=1, keepdim=True) + torch.finfo(G.dtype).tiny  # (N, 1, m); steps shrink, and the newest count too
    G, F = G / size, F / size
    normal = G.mT @ G + ridge * torch.eye(G.shape[-1], dtype=G.dtype, device=G.device)  # (N, m, m)
    γ, _ = torch.linalg.solve_ex(normal, G.mT @ gs[-1][..., None])  # (N, m, 1)
    step = afters[-1] - (F @ γ)[..., 0]
    return torch.where(step.isfinite().all(-1, keepdim=True), step, afters[-1])


def find_all(f: Map, starts: Tensor) -> Tensor:
    """Every fixed point that Newton's method reaches from `starts` (N, r): (P, r) float64, ordered, each once.

    It finds what iteration leaves, too: saddles and unstable points. A step is halved until it leads nearer; each
    point is polished to the end of float64, and no point with a residual above `PROOF` is returned. `f` takes float64.
    """
    s = starts.double().clone()
    moving = torch.arange(len(s))
    for _ in range(NEWTON):
        here = s[moving]
        g = f(here) - here
        A = jacobian(f, here) - torch.eye(s.shape[-1], dtype=s.dtype)
        step = torch.linalg.solve_ex(A, -g[..., None])[0][..., 0]  # (N, r)
        step = torch.where(step.isfinite().all(-1, keepdim=True), step, g)
        s[moving] = nearer(f, here, step, g.norm(dim=-1))
        moving = moving[(s[moving] != here).any(-1)]
        if not len(moving):
            break
    residual = (f(s) - s).norm(dim=-1).nan_to_num(torch.inf)
    s, residual = s[residual < PROOF], residual[residual < PROOF]
    return each_once(s[residual.argsort()])


def nearer(f: Map, s: Tensor, step: Tensor, residual: Tensor) -> Tensor:
    """s + step where that lowers the residual, else with half of the step, and so on; s where nothing helps."""
    taken = s
    open_ = torch.ones_like(residual, dtype=torch.bool)
    for halving in range(HALVINGS):
        tried = s + step / 2**halving
        helps = open_ & ((f(tried) - tried).norm(dim=-1) < residual)
        taken = torch.where(helps[:, None], tried, taken)
        open_ = open_ & ~helps
        if not open_.any():
            break
    return taken


def each_once(s: Tensor, apart: float = APART) -> Tensor:
    """The points of (N, r) less those `apart` or nearer to an earlier one, in the order of their coordinates."""
    kept: list[Tensor] = []
    while len(s):
        kept.append(s[0])
        s = s[(s - s[0]).norm(dim=-1) > apart]
    return torch.stack(sorted(kept, key=torch.Tensor.tolist)) if kept else s


def jacobian(f: Map, s: Tensor) -> Tensor:
    """∂f/∂s of each row at s (N, r): (N, r, r), exact."""
    with torch.enable_grad():
        s = s.detach().requires_grad_()
        rows = [torch.autograd.grad(a.sum(), s, retain_graph=True)[0] for a in f(s).unbind(-1)]
    return torch.stack(rows, dim=-2)


def types(eigenvalues: Tensor) -> tuple[Tensor, Tensor]:
    """Which of `TYPES` each point is, (P,), and whether it is a spiral, (P,). eigenvalues: (P, r), complex.

    Stable if each |μ| < 1, unstable if each is above 1, else a saddle. Complex pairs turn: a spiral, else a node.
    """
    outside = eigenvalues.abs() > 1
    kind = torch.where(outside.any(-1), torch.where(outside.all(-1), 2, 1), 0)
    return kind, (eigenvalues.imag.abs() > 1e-9).any(-1)
