"""What an update pays besides the loss."""

from __future__ import annotations

import torch
from torch import Tensor

from fbviz.experiment import Loss
from fbviz.learning.networks import Network


def of(network: Network, weights: Loss, x: Tensor, dice: torch.Generator) -> Tensor | float:
    """λ₁ Σ|w| + λ₂/2 Σw² over all W and B, and λ_J ‖∂s_T/∂s_{T−1}‖²; 0 where nothing is to be paid."""
    total: Tensor | float = 0.0
    if weights.l1:
        total = total + weights.l1 * sum(W.abs().sum() for W in network.matrices().values())
    if weights.l2:
        total = total + weights.l2 / 2 * sum((W * W).sum() for W in network.matrices().values())
    if weights.jacobian_penalty and network.state_size:
        total = total + weights.jacobian_penalty * jacobian_norm(network, x, dice)
    return total


def jacobian_norm(network: Network, x: Tensor, dice: torch.Generator) -> Tensor:
    """‖∂s_T/∂s_{T−1}‖²_F, the mean over the examples, estimated with one random sign vector each (Hutchinson 1990)."""
    heard = network.over_time(x)
    with torch.no_grad():
        s = network(heard[:-1]).states[-1] if len(heard) > 1 else network.start(heard)
    s = s.requires_grad_()
    _, after = network.step(heard[-1], s)
    signs = torch.randint(0, 2, after.shape, generator=dice).to(after).mul_(2).sub_(1)
    (pulled,) = torch.autograd.grad(after, s, signs, create_graph=True)
    return (pulled * pulled).sum(-1).mean()
