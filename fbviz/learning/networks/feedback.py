"""A feedback network: an MLP that hears, at each step, part of what it said at the step before.

    s_0 = 0
    u_t = MLP(x_t  with  α B s_{t-1}  added where the loop enters)
    s_t = (1 - λ) s_{t-1} + λ h_t             h_t: the activity where the loop leaves

Shapes: N examples, n inputs, r what returns, m where it enters.
T = 1 or α = 0 is the MLP itself. Spare outputs are among the r that return and not among the k that are read.
Jordan (1986) when fed back from the output, Elman (1990) from the hidden layer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from fbviz.choices import ACTIVATIONS, FEEDBACKS, INITS
from fbviz.experiment import Experiment
from fbviz.learning.networks.base import Network, serves


@serves("none", "output", "hidden")
class FeedbackNetwork(Network):
    """n -> hidden -> k, closed into a loop as `experiment.feedback` says. Its weights are drawn by `training.seed`."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__(experiment)
        self.feedback = experiment.feedback
        self.kind = FEEDBACKS[self.feedback.feedback]
        self.act = ACTIVATIONS[experiment.network.activation].f
        with torch.random.fork_rng(devices=[]):  # leave the caller's dice alone
            torch.manual_seed(experiment.training.seed)
            self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(experiment.sizes))
            self.back = nn.Linear(self.state_size, experiment.entry_size, bias=False) if self.state_size else None  # B
            for weight in self.matrices().values():
                INITS[experiment.network.init].f(weight, nn.init)
                with torch.no_grad():
                    weight.mul_(experiment.network.weight_scale)

    def parts(self) -> Mapping[str, nn.Module]:
        """ "layer 1" to "output", and B as "feedback"."""
        *hidden, out = self.layers
        named = {f"layer {i}": layer for i, layer in enumerate(hidden, start=1)} | {"output": out}
        return named | ({"feedback": self.back} if self.back else {})

    def turn(self, x: Tensor, s: Tensor) -> tuple[list[Tensor], Tensor]:
        """One turn of the loop, all of it: x (N, n), s_{t-1} (N, r) -> the activity of each layer (N, width), s_t.

        The last of the activities is u_t with its spare outputs, before any squash.
        """
        back, gain = self.back, self.feedback.gain
        returning = None if back is None else back(s) if gain == 1 else gain * back(s)  # (N, m)
        h = x + returning if returning is not None and self.kind.target == 0 else x  # (N, n)
        activities: list[Tensor] = []
        for depth, layer in enumerate(self.layers, start=1):
            z = layer(h)  # (N, width)
            if returning is not None and depth == self.kind.target:
                z = z + returning
            h = self.act(z, torch) if depth < len(self.layers) else z
            activities.append(h)
        if back is not None:
            leaving = torch.tanh(h) if self.kind.source == -1 else activities[-2]  # (N, r)
            s = leaving if self.feedback.damping == 1 else torch.lerp(s, leaving, self.feedback.damping)
        return activities, s

    @torch.no_grad()
    def hold(self, norm: float) -> None:
        """Shrink B until no turn of the loop can stretch a difference by more than `norm`.

        A turn stretches by at most α ‖B‖₂ Π‖W‖₂ over the layers between entry and exit, times the steepest slope of
        each activation passed; damping only mixes in the identity. So the spectral radius stays below 1.
        """
        if not (self.back and all(W.isfinite().all() for W in self.matrices().values())):
            return  # no loop, or one that is past holding: the next objective will say so
        passed = self.layers[self.kind.target or 0 : -1 if self.kind.source == -2 else None]
        stretch = self.feedback.gain * spectral_norm(self.back) * math.prod(spectral_norm(layer) for layer in passed)
        stretch *= self.steepest() ** (len(self.layers) - 1)
        if stretch > norm:
            self.back.weight.mul_(norm / stretch)

    def steepest(self) -> float:
        """The steepest slope of the activation, at least 1: GELU and SiLU pass it by a little."""
        z = np.linspace(-8, 8, 1601)
        return max(1.0, float(np.abs(np.gradient(self.act(z, np), z)).max()))


def spectral_norm(layer: nn.Module) -> float:
    """‖W‖₂ of a layer's weights, their largest singular value."""
    return float(torch.linalg.matrix_norm(layer.get_parameter("weight"), 2))
