"""What an update pays besides the loss, and the bound that keeps a loop stable."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fbviz.experiment import Loss
from fbviz.learning.network import FeedbackNetwork


def of(network: FeedbackNetwork, weights: Loss, x: Tensor, dice: torch.Generator) -> Tensor | float:
    """λ₁ Σ|w| + λ₂/2 Σw² over all W and B, and λ_J ‖∂s_T/∂s_{T−1}‖²; 0 where nothing is to be paid."""
    total: Tensor | float = 0.0
    if weights.l1:
        total = total + weights.l1 * sum(W.abs().sum() for W in network.matrices().values())
    if weights.l2:
        total = total + weights.l2 / 2 * sum((W * W).sum() for W in network.matrices().values())
    if weights.jacobian_penalty and network.state_size:
        total = total + weights.jacobian_penalty * jacobian_norm(network, x, dice)
    return total


def jacobian_norm(network: FeedbackNetwork, x: Tensor, dice: torch.Generator) -> Tensor:
    """‖∂s_T/∂s_{T−1}‖²_F, the mean over the examples, estimated with one random sign vector each (Hutchinson 1990)."""
    heard = network.over_time(x)
    with torch.no_grad():
        s = network(heard[:-1]).states[-1] if len(heard) > 1 else network.start(heard)
    s = s.requires_grad_()
    _, after = network.step(heard[-1], s)
    signs = torch.randint(0, 2, after.shape, generator=dice).to(after).mul_(2).sub_(1)
    (pulled,) = torch.autograd.grad(after, s, signs, create_graph=True)
    return (pulled * pulled).sum(-1).mean()


@torch.no_grad()
def hold(network: FeedbackNetwork) -> None:
    """Shrink B until no turn of the loop can stretch a difference by more than `feedback.spectral_norm`.

    A turn stretches by at most α ‖B‖₂ Π‖W‖₂ over the layers between entry and exit, times the steepest slope of
    each activation passed; damping only mixes in the identity. So the spectral radius stays below 1.
    """
    if not (network.back and all(W.isfinite().all() for W in network.matrices().values())):
        return  # no loop, or one that is past holding: the next objective will say so
    passed = network.layers[network.kind.target or 0 : -1 if network.kind.source == -2 else None]
    stretch = network.feedback.gain * norm(network.back.weight) * math.prod(norm(layer.weight) for layer in passed)
    stretch *= steepest(network) ** (len(network.layers) - 1)
    if stretch > network.feedback.spectral_norm:
        network.back.weight.mul_(network.feedback.spectral_norm / stretch)


def norm(W: Any) -> float:
    """‖W‖₂, the largest singular value."""
    return float(torch.linalg.matrix_norm(W, 2))


def steepest(network: FeedbackNetwork) -> float:
    """The steepest slope of the network's activation, at least 1: GELU and SiLU pass it by a little."""
    z = np.linspace(-8, 8, 1601)
    return max(1.0, float(np.abs(np.gradient(network.act(z, np), z)).max()))
