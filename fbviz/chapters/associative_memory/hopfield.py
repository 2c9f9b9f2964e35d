"""Associative memory: a network whose loop finds a stored pattern from a part of it.

P patterns of N neurons, each ±1: patterns (P, N), states s (N,) or (..., N).
Classical: Hopfield 1982. Modern: Ramsauer et al. 2020, "Hopfield Networks is All You Need".
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

TIE = 1e-6  # an input smaller than this is rounding (a stored one is a multiple of 1/N), and moves no neuron


def random_patterns(count: int, neurons: int, seed: int) -> Tensor:
    """(count, neurons) of ±1, each by the toss of a coin."""
    dice = torch.Generator().manual_seed(seed)
    return torch.randint(0, 2, (count, neurons), generator=dice).float() * 2 - 1


def hebbian(patterns: Tensor) -> Tensor:
    """W = (1/N) Σ ξ ξᵀ with a zero diagonal, (N, N): what is on together is wired together (Hebb 1949)."""
    W = patterns.T @ patterns / patterns.shape[1]
    return W.fill_diagonal_(0)


def energy(W: Tensor, s: Tensor) -> Tensor:
    """E = −½ sᵀ W s of states s (..., N)."""
    return -0.5 * ((s @ W) * s).sum(-1)


def flips(W: Tensor, s: Tensor, dice: torch.Generator) -> Iterator[int]:
    """Update s (N,) in place, one neuron at a time, and yield each that changes; ends when none wants to.

    Neurons are asked in a random order, each once a sweep: sᵢ ← sign(Σⱼ Wᵢⱼ sⱼ), and an input of 0 changes nothing.
    A flip changes the energy by −2 |Σⱼ Wᵢⱼ sⱼ|, so with a symmetric W and no diagonal it only falls.
    """
    changed = True
    while changed:
        changed = False
        for i in torch.randperm(len(s), generator=dice).tolist():
            if s[i] * (W[i] @ s) < -TIE:
                s[i] = -s[i]
                changed = True
                yield i


def sweep(W: Tensor, states: Tensor, order: list[int]) -> bool:
    """Update every neuron of many states (M, N) in place, one after the other; has any changed?"""
    changed = torch.zeros((), dtype=torch.bool)
    for i in order:
        wrong = states[:, i] * (states @ W[i]) < -TIE  # (M,)
        states[wrong, i] *= -1
        changed |= wrong.any()
    return bool(changed)


def together(W: Tensor, s: Tensor, slope: float, damping: float = 1.0) -> Tensor:
    """All neurons at once, each a soft sign: s ← (1 − λ) s + λ tanh(g W s), g its slope (Hopfield 1984).

    Where s is small an eigenvalue w of W acts as 1 − λ + λ g w: with λ = 1 a negative one swings for ever.
    """
    return torch.lerp(s, torch.tanh(slope * (s @ W)), damping)


def modern(patterns: Tensor, s: Tensor, beta: float) -> Tensor:
    """s ← Ξ softmax(β Ξᵀ s): the average of the stored patterns, weighted by how much each is like s (..., N)."""
    return torch.softmax(beta * (s @ patterns.T), -1) @ patterns


def modern_energy(patterns: Tensor, s: Tensor, beta: float) -> Tensor:
    """E = −β⁻¹ log Σ exp(β ξᵀ s) + ½ sᵀ s of states s (..., N), less a constant. `modern` never raises it.

    Nor does a part of its step: −log Σ exp is concave, so E lies below a parabola with its lowest point there.
    """
    return 0.5 * (s * s).sum(-1) - torch.logsumexp(beta * (s @ patterns.T), -1) / beta


def overlap(a: Tensor, b: Tensor) -> Tensor:
    """a·b / N of states (..., N): 1 if they are the same, 0 if they have nothing to do with each other."""
    return (torch.sign(a) * torch.sign(b)).mean(-1)


def noisy(pattern: Tensor, part: float, dice: torch.Generator) -> Tensor:
    """A copy of a pattern (N,) with `part` of its neurons flipped."""
    spoiled = pattern.clone()
    spoiled[torch.randperm(len(pattern), generator=dice)[: round(part * len(pattern))]] *= -1
    return spoiled


def recalled(states: Tensor, patterns: Tensor) -> float:
    """The share of states (M, N) that overlap with their patterns (M, N) by more than 0.9."""
    return (overlap(states, patterns) > 0.9).float().mean().item()
