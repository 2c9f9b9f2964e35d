"""What every network here is: a step that is repeated, with a state that returns.

Shapes: T unroll steps, N examples, n inputs, k outputs, r what returns.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from fbviz.experiment import Experiment


class Unrolled(NamedTuple):
    """What a run through the loop leaves behind."""

    outputs: Tensor  # u, (T, N, k): before any squash, so logits or values
    states: Tensor  # s, (T, N, r)


class Network(nn.Module, ABC):
    """A network that is run step by step. A subclass says what a turn of the loop does, and which parts it has."""

    layers: nn.ModuleList  # from the inputs to the outputs, as `experiment.sizes` has them
    back: nn.Linear | None  # B, what the returning state is multiplied by; None without a loop

    def __init__(self, experiment: Experiment) -> None:
        super().__init__()
        self.experiment = experiment
        self.state_size, self.read = experiment.state_size, experiment.task.outputs  # r, k

    @abstractmethod
    def turn(self, x: Tensor, s: Tensor) -> tuple[list[Tensor], Tensor]:
        """One turn of the loop, all of it: x (N, n), s_{t-1} (N, r) -> the activity of each layer (N, width), s_t.

        The last of the activities is u_t with its spare outputs, before any squash.
        """

    @abstractmethod
    def parts(self) -> Mapping[str, nn.Module]:
        """Every part that has parameters, by its name: "layer 1" to "output", then what the loop needs besides."""

    @abstractmethod
    def hold(self, norm: float) -> None:
        """Shrink the loop until no turn of it can stretch a difference by more than `norm`."""

    def matrices(self) -> dict[str, nn.Parameter]:
        """The weights of each part, by its name."""
        return {name: part.get_parameter("weight") for name, part in self.parts().items()}

    def way_back(self) -> dict[str, list[nn.Parameter]]:
        """The parameters of each part, in the order in which the gradient comes to them: the output's first."""
        named = {name: list(part.parameters()) for name, part in self.parts().items()}
        layers = list(named)[: len(self.layers)]
        return {name: named[name] for name in layers[::-1]} | named

    def step(self, x: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        """One turn of the loop: x (N, n), s_{t-1} (N, r) -> u_t (N, k), s_t (N, r)."""
        activities, s = self.turn(x, s)
        u = activities[-1]
        return u if u.shape[1] == self.read else u[:, : self.read], s

    def start(self, x: Tensor) -> Tensor:
        """s_0 for the examples x (..., N, n): zeros (N, r)."""
        return x.new_zeros(x.shape[-2], self.state_size)

    def forward(self, x: Tensor) -> Unrolled:
        """Run the loop over x: (T, N, n), the input at each step; a point repeats itself."""
        s = self.start(x)  # (N, r)
        outputs, states = [], []
        for x_t in x:
            u, s = self.step(x_t, s)
            outputs.append(u)
            states.append(s)
        return Unrolled(torch.stack(outputs), torch.stack(states))

    def over_time(self, x: Tensor, steps: int = 0) -> Tensor:
        """x as the loop hears it, (T, N, n): a point (N, n) at every step, a sequence (N, T, n) element by element.

        All of it, or so many steps.
        """
        if x.ndim == 3:
            return x.transpose(0, 1)[: steps or None]
        return x.expand(steps or self.experiment.unroll_steps, *x.shape)


N = TypeVar("N", bound=type[Network])
NETWORKS: dict[str, type[Network]] = {}  # by the feedback that asks for it


def serves(*feedbacks: str) -> Callable[[N], N]:
    """Enter the class below as the network of these choices of feedback."""

    def enter(network: N) -> N:
        NETWORKS.update(dict.fromkeys(feedbacks, network))
        return network

    return enter


def build(experiment: Experiment) -> Network:
    """The network of an experiment, its weights drawn by `training.seed`."""
    return NETWORKS[experiment.feedback.feedback](experiment)
