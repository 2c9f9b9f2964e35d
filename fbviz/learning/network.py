"""A feedback network: an MLP that hears, at each step, part of what it said at the step before.

    s_0 = 0
    u_t = MLP(x_t  with  α B s_{t-1}  added where the loop enters)
    s_t = (1 - λ) s_{t-1} + λ h_t             h_t: the activity where the loop leaves

Shapes: T unroll steps, N examples, n inputs, k outputs, r what returns, m where it enters.
T = 1 or α = 0 is the MLP itself. Spare outputs are among the r that return and not among the k that are read.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from fbviz.choices import ACTIVATIONS, FEEDBACKS, INITS
from fbviz.experiment import Experiment


class Unrolled(NamedTuple):
    """What a run through the loop leaves behind."""

    outputs: Tensor  # u, (T, N, k): before any squash, so logits or values
    states: Tensor  # s, (T, N, r)


class FeedbackNetwork(nn.Module):
    """n -> hidden -> k, closed into a loop as `experiment.feedback` says. Its weights are drawn by `training.seed`."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__()
        self.experiment, self.feedback = experiment, experiment.feedback
        self.kind = FEEDBACKS[self.feedback.feedback]
        self.act = ACTIVATIONS[experiment.network.activation].f
        self.read = experiment.task.outputs  # k
        spare = self.feedback.spare if self.kind.name == "output" else 0
        sizes = [experiment.task.inputs, *experiment.network.hidden, self.read + spare]
        with torch.random.fork_rng(devices=[]):  # leave the caller's dice alone
            torch.manual_seed(experiment.training.seed)
            self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
            self.state_size = 0 if self.kind.source is None else sizes[self.kind.source]  # r
            entry = 0 if self.kind.target is None else sizes[self.kind.target]  # m
            self.back = nn.Linear(self.state_size, entry, bias=False) if self.state_size else None  # B
            for layer in [*self.layers, *([self.back] if self.back else [])]:
                INITS[experiment.network.init].f(layer.weight, nn.init)
                with torch.no_grad():
                    layer.weight.mul_(experiment.network.weight_scale)

    def step(self, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        """One turn of the loop: x (N, n), s_{t-1} (N, r) -> u_t (N, k), s_t (N, r)."""
        returning = self.feedback.gain * self.back(s) if self.back else x.new_zeros(())  # (N, m)
        h = x + returning if self.kind.target == 0 else x  # (N, n)
        for depth, layer in enumerate(self.layers, start=1):
            z = layer(h)  # (N, width)
            if depth == self.kind.target:
                z = z + returning
            if depth < len(self.layers):
                h = self.act(z, torch)
        if self.back:
            s = torch.lerp(s, torch.tanh(z) if self.kind.source == -1 else h, self.feedback.damping)
        return z[:, : self.read], s

    def forward(self, x: Tensor) -> Unrolled:
        """Run the loop over x: (T, N, n), the input at each step; a point repeats itself.

        Jordan (1986) when fed back from the output, Elman (1990) from the hidden layer.
        """
        s = x.new_zeros(x.shape[1], self.state_size)  # (N, r)
        outputs, states = [], []
        for x_t in x:
            u, s = self.step(x_t, s)
            outputs.append(u)
            states.append(s)
        return Unrolled(torch.stack(outputs), torch.stack(states))
