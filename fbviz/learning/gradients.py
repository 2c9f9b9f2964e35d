"""Three ways to differentiate a loop. Each unrolls it and returns the outputs that a loss may ask for.

The values are the same (at a fixed point, for the implicit one); what differs is how far `backward` goes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor

from fbviz.experiment import Experiment
from fbviz.learning import fixed_points
from fbviz.learning.networks import Network

Unroll = Callable[[Network, Tensor], Tensor]


class NoFixedPointError(Exception):
    """The loop does not settle, or would not stay where it settled: the implicit gradient has no meaning."""

    def __init__(self, radius: float, residual: float) -> None:
        super().__init__(f"spectral radius {radius:.3f}, residual {residual:.1e}")
        self.radius, self.residual = radius, residual


def bptt(network: Network, x: Tensor) -> Tensor:
    """Outputs (T, N, k) whose gradient runs through every step (Werbos 1990). x: (T, N, n)."""
    s, outputs = network.start(x), []
    for x_t in x:
        u, s = network.step(x_t, s)
        outputs.append(u)
    return torch.stack(outputs)


def truncated(network: Network, x: Tensor, k: int, *, last: bool = False) -> Tensor:
    """Outputs (T, N, k) in stretches of k steps, counted from the end; no gradient passes from one to the one before.

    With the loss at the last step alone this is truncated BPTT(k); k ≥ T is BPTT (Williams and Peng 1990). Say so, and
    what is before the last stretch is not even kept.
    """
    s, outputs = network.start(x), []
    for t, x_t in enumerate(x):
        if (len(x) - t) % k == 0:
            s = s.detach()
        with torch.set_grad_enabled(torch.is_grad_enabled() and not (last and t < len(x) - k)):
            u, s = network.step(x_t, s)
        outputs.append(u)
    return torch.stack(outputs)


def implicit(network: Network, x: Tensor) -> Tensor:
    """The output at the fixed point, (1, N, k), by the implicit function theorem: (I − Jᵀ) v = ∂L/∂s*.

    Almeida 1987, Pineda 1987; Bai et al. 2019. Nothing of the way there is stored. Raises NoFixedPointError.
    """
    if not network.state_size:
        return bptt(network, x[-1:])
    x = x[-1]
    with torch.no_grad():
        s, residual = settle(network, x)
    J = jacobian(network, x, s)  # (N, r, r)
    radius = spectral_radius(J).max().item() if torch.isfinite(J).all() else float("nan")
    if not (residual < 10 * stillness(x) and radius < 1):
        raise NoFixedPointError(radius, residual)
    _, s = network.step(x, s)
    if s.requires_grad:
        back = torch.eye(J.shape[-1], dtype=J.dtype, device=J.device) - J.mT
        s.register_hook(lambda g: torch.linalg.solve(back, g))  # type: ignore[no-untyped-call]
    return network.step(x, s)[0][None]


def unrolling(experiment: Experiment) -> Unroll:
    """The way to a gradient that an experiment has chosen."""
    ways: Mapping[str, Unroll] = {
        "bptt": bptt,
        "truncated": partial(truncated, k=experiment.training.truncation, last=experiment.asks_last),
        "implicit": implicit,
    }
    return ways[experiment.training.gradient]


def stillness(x: Tensor) -> float:
    """‖s_t − s_{t−1}‖ below which a loop stands still as well as numbers can: 1e-5 in float32, 1e-11 in float64."""
    return float(torch.finfo(x.dtype).eps ** 0.7)


def settle(network: Network, x: Tensor, cap: int = fixed_points.CAP) -> tuple[Tensor, float]:
    """The state (N, r) that the loop comes to for x (N, n), and the largest ‖s_t − s_{t−1}‖ of its last step."""
    s, residual, _ = fixed_points.picard(lambda s: network.step(x, s)[1], network.start(x), stillness(x), cap, look=8)
    return s, residual.max().item()


def jacobian(network: Network, x: Tensor, s: Tensor) -> Tensor:
    """∂s_t/∂s_{t−1} of each example at s (N, r) under the input x (N, n): (N, r, r), exact."""
    return fixed_points.jacobian(lambda s: network.step(x, s)[1], s)


def spectral_radius(J: Tensor) -> Tensor:
    """The largest |eigenvalue| of each matrix. J: (..., r, r) -> (...)."""
    radius: Tensor = torch.linalg.eigvals(J).abs().amax(-1)
    return radius
