"""A feedback network: an MLP that hears, at each step, part of what it said at the step before.

    s_0 = 0
    u_t = MLP(x_t  with  α B s_{t-1}  added where the loop enters)
    s_t = (1 - λ) s_{t-1} + λ h_t             h_t: the activity where the loop leaves

Shapes: T unroll steps, N examples, n inputs, k outputs, r what returns, m where it enters.
T = 1 or α = 0 is the MLP itself. Spare outputs are among the r that return and not among the k that are read.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

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
        self.state_size = 0 if self.kind.source is None else sizes[self.kind.source]  # r
        entry = 0 if self.kind.target is None else sizes[self.kind.target]  # m
        with torch.random.fork_rng(devices=[]):  # leave the caller's dice alone
            torch.manual_seed(experiment.training.seed)
            self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
            self.back = nn.Linear(self.state_size, entry, bias=False) if self.state_size else None  # B
            for weight in self.matrices().values():
                INITS[experiment.network.init].f(weight, nn.init)
                with torch.no_grad():
                    weight.mul_(experiment.network.weight_scale)

    def matrices(self) -> dict[str, Any]:
        """Every W by the name of its layer, "layer 1" to "output", and B as "feedback"."""
        *hidden, out = (layer.weight for layer in self.layers)
        named = {f"layer {i}": W for i, W in enumerate(hidden, start=1)} | {"output": out}
        return named | ({"feedback": self.back.weight} if self.back else {})

    def way_back(self) -> dict[str, list[nn.Parameter]]:
        """The parameters of every layer by its name, in the order in which the gradient comes to them: B the last."""
        modules = [*self.layers, *([self.back] if self.back else [])]
        named = {name: list(module.parameters()) for name, module in zip(self.matrices(), modules, strict=True)}
        layers = list(named)[: len(self.layers)]
        return {name: named[name] for name in layers[::-1]} | named

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

    def step(self, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        """One turn of the loop: x (N, n), s_{t-1} (N, r) -> u_t (N, k), s_t (N, r)."""
        activities, s = self.turn(x, s)
        u = activities[-1]
        return u if u.shape[1] == self.read else u[:, : self.read], s

    def start(self, x: Tensor) -> Tensor:
        """s_0 for the examples x (..., N, n): zeros (N, r)."""
        return x.new_zeros(x.shape[-2], self.state_size)

    def forward(self, x: Tensor) -> Unrolled:
        """Run the loop over x: (T, N, n), the input at each step; a point repeats itself.

        Jordan (1986) when fed back from the output, Elman (1990) from the hidden layer.
        """
        s = self.start(x)  # (N, r)
        outputs, states = [], []
        for x_t in x:
            u, s = self.step(x_t, s)
            outputs.append(u)
            states.append(s)
        return Unrolled(torch.stack(outputs), torch.stack(states))

    def over_time(self, x: Tensor) -> Tensor:
        """x as the loop hears it, (T, N, n): a point (N, n) at every step, a sequence (N, T, n) element by element."""
        return x.transpose(0, 1) if x.ndim == 3 else x.expand(self.feedback.steps, *x.shape)
