"""A tape: one example through a small network in float64, every number by its name, and each of them can be nudged.

Names: "W1" (out, in), "b1", …, "B" are the parameters; "W1@2" is what step 2 uses of them, so that its gradient is the
share of step 2 in the whole. "r@2" returns, "e@2" enters (with a loop to the input), "z1@2" and "h1@2" are a hidden
layer's sums and activities, "u@2" the outputs, "s@2" the state, "l@2" the loss of step 2, "L" the loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from fbviz.choices import LOSS_STEPS, LOSSES
from fbviz.experiment import Experiment
from fbviz.learning.networks import FeedbackNetwork
from fbviz.learning.run import examples

EPSILON = 1e-6  # of a central difference in float64: its error is about 1e-10
Index = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Nudge:
    """A number that is moved a little, and what stands downstream follows."""

    name: str
    index: Index
    by: float


class Tape:
    """The numbers of one forward and one backward pass."""

    def __init__(self, experiment: Experiment, network: FeedbackNetwork | None = None) -> None:
        self.experiment = experiment
        self.network = network or FeedbackNetwork(experiment).double()
        (x, y), _ = examples(experiment, torch.device("cpu"))
        self.x = self.network.over_time(x[:1].double())[:, 0]  # (T, n)
        self.y = y[0].double() if experiment.task.kind.sequence else y[0].double().expand(len(self.x), -1)  # (T, k)
        values = self.forward()
        known = {name: value for name, value in values.items() if value.requires_grad}
        steps = range(1, len(self.x) + 1)
        self.wrong = {  # ∂ℓ(t)/∂u(t), of each step alone
            t: torch.autograd.grad(values[f"l@{t}"], values[f"u@{t}"], retain_graph=True)[0] for t in steps
        }
        found = torch.autograd.grad(values["L"], list(known.values()), allow_unused=True)
        self.gradients = {
            name: torch.zeros_like(known[name]) if g is None else g for name, g in zip(known, found, strict=True)
        }
        self.values = {name: value.detach().clone() for name, value in values.items()}

    @property
    def parameters(self) -> Mapping[str, Tensor]:
        """W1, b1, …, B."""
        named: dict[str, Tensor] = {}
        for i, layer in enumerate(self.network.layers, start=1):
            named |= {f"W{i}": layer.weight, f"b{i}": layer.bias}  # type: ignore[dict-item]
        return named | ({"B": self.network.back.weight} if self.network.back else {})

    def forward(self, nudge: Nudge | None = None) -> dict[str, Tensor]:
        """Every number by name, with one of them nudged."""
        network, feedback = self.network, self.experiment.feedback
        kept: dict[str, Tensor] = {}

        def keep(name: str, value: Tensor) -> Tensor:
            if nudge and nudge.name == name:
                value = value.clone()
                value[nudge.index] += nudge.by
            kept[name] = value
            return value

        theta = {name: keep(name, value) for name, value in self.parameters.items()}
        s = keep("s@0", network.start(self.x[0][None])[0].requires_grad_())  # (r,)
        losses = []
        for t, x_t in enumerate(self.x, start=1):
            used = {name: keep(f"{name}@{t}", value.clone()) for name, value in theta.items()}
            h, r = x_t, None
            if network.back:
                r = keep(f"r@{t}", feedback.gain * used["B"] @ s)
                if network.kind.target == 0:
                    h = keep(f"e@{t}", x_t + r)
            for depth in range(1, len(network.layers)):
                z = used[f"W{depth}"] @ h + used[f"b{depth}"]
                z = keep(f"z{depth}@{t}", z + r if r is not None and network.kind.target == depth else z)
                h = keep(f"h{depth}@{t}", network.act(z, torch))
            last = len(network.layers)
            u = keep(f"u@{t}", used[f"W{last}"] @ h + used[f"b{last}"])
            if network.back:
                leaving = torch.tanh(u) if network.kind.source == -1 else h
                s = keep(f"s@{t}", (1 - feedback.damping) * s + feedback.damping * leaving)
            loss_of = LOSSES[self.experiment.loss.loss].of
            losses.append(keep(f"l@{t}", loss_of(u[None, : network.read], self.y[t - 1][None], torch)[0]))
        keep("L", self.counted(torch.stack(losses)).mean())
        return kept

    def counted(self, losses: Tensor) -> Tensor:
        """The losses (T,) that the loss is the mean of."""
        if self.experiment.task.kind.sequence:
            return losses
        counted: Tensor = LOSS_STEPS[self.experiment.loss.loss_steps].f(losses)
        return counted

    @torch.no_grad()
    def difference(self, name: str, index: Index) -> float:
        """∂L/∂(that number) by a central difference: (L(q + ε) − L(q − ε)) / 2ε."""
        above, below = (self.forward(Nudge(name, index, by))["L"] for by in (EPSILON, -EPSILON))
        return ((above - below) / (2 * EPSILON)).item()
