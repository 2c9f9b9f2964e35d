"""An update: the objective of a batch, its gradient, and one step of the optimizer.

Another way of updating is another class, entered in UPDATES before `Autograd`; PyTorch is the truth it is held to.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import torch
from torch import Tensor

from fbviz.choices import LOSS_STEPS, LOSSES, OPTIMIZERS
from fbviz.experiment import Experiment
from fbviz.learning import penalties
from fbviz.learning.compiled.update import Compiled
from fbviz.learning.gradients import jacobian, unrolling
from fbviz.learning.networks import Network

PROBED = 64  # examples that are looked at, at most
Examples = tuple[Tensor, Tensor]  # x (N, n) or (N, T, n), y (N, k) or (N, T, k)


class Objective:
    """What an update makes smaller: the mean loss of its examples, with the penalties."""

    def __init__(self, experiment: Experiment, network: Network, dice: torch.Generator) -> None:
        self.experiment, self.network, self.dice = experiment, network, dice
        self.loss_of, self.listen = LOSSES[experiment.loss.loss].of, LOSS_STEPS[experiment.loss.loss_steps].f
        self.unroll = unrolling(experiment)

    def losses(self, outputs: Tensor, y: Tensor) -> Tensor:
        """The loss at each step and example, (T, N). outputs: (T, N, k); y: (N, k), or (N, T, k) for sequences."""
        if y.ndim == 3:
            return self.loss_of(outputs, y.transpose(0, 1), torch)  # type: ignore[no-any-return]
        return self.listen(self.loss_of(outputs, y, torch))  # type: ignore[no-any-return]

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        """Of the examples x (N, n) or (N, T, n). Raises NoFixedPointError."""
        outputs = self.unroll(self.network, self.network.over_time(x))
        return self.losses(outputs, y).mean() + penalties.of(self.network, self.experiment.loss, x, self.dice)


class Update(Protocol):
    """One way of making updates. It changes the weights of the network it was made for."""

    name: str  # among choices.ENGINES
    optimizer: torch.optim.Optimizer  # whose state goes into a checkpoint

    def __init__(self, experiment: Experiment, network: Network, objective: Objective, examples: Examples) -> None: ...

    @staticmethod
    def serves(experiment: Experiment) -> bool:
        """Can it update this experiment's network, and should it?"""

    def __call__(self, order: Tensor, size: int) -> tuple[int, float]:
        """A step on each `size` of the examples that `order` (n,) picks, until one is not finite.

        Returns how many, and the objective before the last: NaN, and no step, where it or a gradient that is to be
        clipped is not finite, so it can be seen what broke. Raises NoFixedPointError.
        """

    def resume(self, state: dict[str, Any]) -> None:
        """Go on with an optimizer's state from a checkpoint."""

    def pulls(self, x: Tensor, y: Tensor) -> Tensor:
        """(T,) ‖∂L/∂s_t‖ of the state each step begins with, over PROBED examples at most, of a network with a loop."""

    def jacobian(self, x: Tensor) -> Tensor:
        """∂s_T/∂s_{T−1} of PROBED examples at most, (N, r, r)."""

    def gradients(self) -> dict[str, Tensor]:
        """∂L/∂W of the newest batch, by the names of `Network.matrices`; 0 for weights that have no part in it."""

    def gradient_norms(self) -> dict[str, float]:
        """‖∂L/∂W‖ of the same, by the same names."""


class Autograd:
    """PyTorch's gradient and PyTorch's optimizers: whatever can be set."""

    name = "torch"

    def __init__(self, experiment: Experiment, network: Network, objective: Objective, examples: Examples) -> None:
        self.settings, self.bound = experiment.training, experiment.feedback.spectral_norm
        self.network, self.objective, self.examples = network, objective, examples
        self.parameters = list(network.parameters())
        make = OPTIMIZERS[self.settings.optimizer].f
        self.optimizer: torch.optim.Optimizer = make(network.parameters(), self.settings.learning_rate, torch.optim)

    @staticmethod
    def serves(experiment: Experiment) -> bool:
        return True

    def __call__(self, order: Tensor, size: int) -> tuple[int, float]:
        x, y = self.examples
        made, reached = 0, math.nan
        for made, picked in enumerate(torch.split(order, size), start=1):  # noqa: B007
            reached = self.step(x[picked], y[picked])
            if math.isnan(reached):
                break
        return made, reached

    def step(self, x: Tensor, y: Tensor) -> float:
        """One of them."""
        for W in self.parameters:
            W.grad = None
        objective = self.objective(x, y)
        objective.backward()  # type: ignore[no-untyped-call]
        reached = objective.item()
        if not (math.isfinite(reached) and self.clip()):
            return math.nan
        self.optimizer.step()
        if self.bound:
            self.network.hold(self.bound)
        return reached

    def clip(self) -> bool:
        """Cut the gradient to the length of `training.clip`. False, and no cut, where it is not finite."""
        if not self.settings.clip:
            return True
        gradients = [W.grad for W in self.parameters if W.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        if not norm.isfinite() and not all(g.isfinite().all() for g in gradients):
            return False
        torch.nn.utils.clip_grads_with_norm_(self.parameters, self.settings.clip, norm)
        return True

    def resume(self, state: dict[str, Any]) -> None:
        self.optimizer.load_state_dict(state)

    def pulls(self, x: Tensor, y: Tensor) -> Tensor:
        heard = self.network.over_time(x)
        s = self.network.start(heard).requires_grad_()
        outputs, states = [], []
        with torch.enable_grad():
            for x_t in heard:
                s = s.clone()  # what returns, and not what the same neurons say to the output
                states.append(s)
                u, s = self.network.step(x_t, s)
                outputs.append(u)
            loss = self.objective.losses(torch.stack(outputs), y).mean()
            return torch.stack([grad.norm() for grad in torch.autograd.grad(loss, states)])

    def jacobian(self, x: Tensor) -> Tensor:
        heard = self.network.over_time(x)
        s = self.network(heard[:-1]).states[-1] if len(heard) > 1 else self.network.start(heard)
        return jacobian(self.network, heard[-1], s)

    def gradients(self) -> dict[str, Tensor]:
        named = self.network.matrices().items()
        return {name: torch.zeros_like(W) if W.grad is None else W.grad for name, W in named}

    def gradient_norms(self) -> dict[str, float]:
        return {name: gradient.norm().item() for name, gradient in self.gradients().items()}


UPDATES: list[type[Update]] = [Compiled, Autograd]  # the first that serves an experiment makes its updates


def updating(experiment: Experiment, network: Network, objective: Objective, examples: Examples) -> Update:
    """What makes the updates of an experiment, from these examples."""
    return next(way for way in UPDATES if way.serves(experiment))(experiment, network, objective, examples)
