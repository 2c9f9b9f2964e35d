"""The way of updating that calls the kernel. PyTorch sees what it makes: parameters, gradients, optimizer state."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fbviz.choices import OPTIMIZERS
from fbviz.experiment import Experiment
from fbviz.learning.compiled import plan as plans
from fbviz.learning.compiled.loading import KERNEL
from fbviz.learning.devices import device
from fbviz.learning.networks import NETWORKS, FeedbackNetwork, Network

LARGE = 25_000_000  # multiply-adds a step above which PyTorch is faster: see benchmarks/training.py

KEPT: Mapping[str, Mapping[str, str]] = {  # by optimizer: what PyTorch calls the kernel's `first` and `second`
    "sgd": {},
    "momentum": {"momentum_buffer": "first"},
    "rmsprop": {"square_avg": "second"},
    "adam": {"exp_avg": "first", "exp_avg_sq": "second"},
    "adamw": {"exp_avg": "first", "exp_avg_sq": "second"},
}


class Compiled:
    """Updates by the kernel, many in a call."""

    name = "compiled"
    number: type = np.float32  # of θ

    def __init__(
        self, experiment: Experiment, network: Network, objective: object, examples: tuple[Tensor, Tensor]
    ) -> None:
        self.settings, self.bound, self.network = experiment.training, experiment.feedback.spectral_norm, network
        self.x, self.y = (rows(part) for part in examples)
        self.plan = plans.plan(experiment, self.number)
        self.memory = plans.memory(self.plan, min(self.settings.batch, len(examples[0])), self.number)
        make = OPTIMIZERS[self.settings.optimizer].f
        self.optimizer: torch.optim.Optimizer = make(network.parameters(), self.settings.learning_rate, torch.optim)
        self.made = torch.zeros(len(list(network.parameters())))  # updates, counted for each as PyTorch does
        self.room: plans.Memory | None = None
        self.bind()

    @staticmethod
    def serves(experiment: Experiment) -> bool:
        """Does the kernel have all of it, is it faster or wished for, and is it here?"""
        wished = experiment.training.engine
        possible = plans.has(experiment) and NETWORKS[experiment.feedback.feedback] is FeedbackNetwork
        if wished == "torch" or not possible or device(experiment).type != "cpu":
            return False
        return (wished == "compiled" or experiment.work < LARGE) and KERNEL.ready()

    def bind(self) -> None:
        """Let each parameter, its gradient and what the optimizer keeps of it be views into the kernel's memory."""
        part = {name: torch.from_numpy(array) for name, array in self.memory._asdict().items()}
        with torch.no_grad():
            for i, (W, place) in enumerate(self.places()):
                part["theta"][place] = W.flatten()
                W.data, W.grad = part["theta"][place].view_as(W), part["gradient"][place].view_as(W)
                before = self.optimizer.state[W]
                now: dict[str, Tensor] = {}
                for name, whole in KEPT[self.settings.optimizer].items():
                    part[whole][place] = before[name].flatten() if name in before else 0
                    now[name] = part[whole][place].view_as(W)
                self.made[i] = before.get("step", 0)
                if now and "momentum_buffer" not in now:
                    now["step"] = self.made[i]
                self.optimizer.state[W] = now

    def places(self) -> list[tuple[torch.nn.Parameter, slice]]:
        """Each parameter, and where it lies in θ."""
        layers, back = list(self.network.layers), self.network.back
        weights: list[torch.nn.Parameter] = [layer.get_parameter("weight") for layer in layers] + (
            [back.get_parameter("weight")] if back else []
        )
        begins = [*zip(weights, self.plan.weights[1:], strict=False)]
        begins += zip((layer.get_parameter("bias") for layer in layers), self.plan.biases[1:], strict=True)
        return [(W, slice(int(begin), int(begin) + W.numel())) for W, begin in begins]

    def resume(self, state: dict[str, Any]) -> None:
        """Go on with what a checkpoint has of the optimizer."""
        self.optimizer.load_state_dict(state)
        self.bind()

    def __call__(self, order: Tensor, size: int) -> tuple[int, float]:
        assert KERNEL.entry, "it serves only where the kernel is here"
        made, reached = 0, 0.0
        for picked in torch.split(order, size if self.bound else len(order)):
            done, reached = KERNEL.entry.learn(
                self.plan, self.memory, self.x, self.y, picked.numpy(), size, int(self.made[0])
            )
            made += done
            self.made += done
            if math.isnan(reached):
                break
            if self.bound:
                self.network.hold(self.bound)
        return made, reached

    def looking(self) -> tuple[plans.Plan, plans.Memory]:
        """Room for a look at LANES examples: the same θ, and gradients that go all the way back."""
        plan = self.plan._replace(back=self.plan.steps + 1)
        if not self.room:
            self.room = plans.memory(plan, plans.LANES)
        return plan, self.room._replace(theta=self.memory.theta)

    def pulls(self, x: Tensor, y: Tensor) -> Tensor:
        assert KERNEL.entry
        plan, memory = self.looking()
        norms = np.zeros(plan.steps, np.float32)
        KERNEL.entry.look(plan, memory, rows(x), rows(y), np.arange(len(x)), norms, np.zeros((0, 0, 0), np.float32))
        return torch.from_numpy(norms)

    def jacobian(self, x: Tensor) -> Tensor:
        assert KERNEL.entry
        plan, memory = self.looking()
        found = np.zeros((len(x), plan.returning, plan.returning), np.float32)
        KERNEL.entry.look(plan, memory, rows(x), rows(x), np.arange(len(x)), np.zeros(0, np.float32), found)
        return torch.from_numpy(found)

    def gradients(self) -> dict[str, Tensor]:
        return {name: W.grad for name, W in self.network.matrices().items() if W.grad is not None}

    def gradient_norms(self) -> dict[str, float]:
        return {name: gradient.norm().item() for name, gradient in self.gradients().items()}


def rows(part: Tensor) -> np.ndarray:
    """Points (N, n) or sequences (N, T, n), as the kernel has them: (1 or T, n, N)."""
    return part.reshape(len(part), -1, part.shape[-1]).permute(1, 2, 0).contiguous().numpy()
