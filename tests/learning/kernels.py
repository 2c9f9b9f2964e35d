"""The kernel in float64, and an update by it and by PyTorch from the same random state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from fbviz.learning.compiled import double, kernel
from fbviz.learning.compiled.loading import KERNEL
from fbviz.learning.compiled.update import KEPT, Compiled
from fbviz.learning.networks import build
from fbviz.learning.run import examples
from fbviz.learning.update import Objective

KERNEL.load()


@KERNEL.entry.kept
def learn(plan, memory, x, y, order, batch, made):
    return kernel.learn(plan, memory, x, y, order, batch, made, double)


class Double(Compiled):
    """The kernel in float64, its functions exact."""

    number = np.float64

    def __call__(self, order, size):
        return learn(self.plan, self.memory, self.x, self.y, order.numpy(), size, int(self.made[0]))


@dataclass
class Made:
    """What one update made: the objective, all gradients and all parameters in one vector each."""

    objective: float
    gradient: np.ndarray
    theta: np.ndarray


def made(experiment, *, by, seed=0, number=torch.float64, spread=1.0):
    """An update of the experiment from weights and an optimizer's state that are drawn by `seed`."""
    rng = np.random.default_rng(seed)
    network = build(experiment).to(number)
    kept = KEPT[experiment.training.optimizer]
    with torch.no_grad():
        for W in network.parameters():
            W.copy_(torch.tensor(spread * rng.normal(size=W.shape)))
    state = {
        i: {name: torch.tensor(rng.uniform(0.5, 1.5, size=W.shape)).to(number) for name in kept}
        | ({"step": torch.tensor(7.0)} if len(kept) and "momentum_buffer" not in kept else {})
        for i, W in enumerate(network.parameters())
    }
    train, _ = examples(experiment, torch.device("cpu"))
    parts = tuple(part.to(number) for part in train)
    dice = torch.Generator().manual_seed(0)
    step = by(experiment, network, Objective(experiment, network, dice), parts)
    groups = step.optimizer.state_dict()["param_groups"]
    step.resume({"state": state if kept else {}, "param_groups": groups})
    size = min(experiment.training.batch, len(parts[0]))
    _, objective = step(torch.tensor(rng.permutation(len(parts[0]))[:size]), size)
    flat = lambda parts: torch.cat([part.flatten() for part in parts]).double().numpy()  # noqa: E731
    gradients = [torch.zeros_like(W) if W.grad is None else W.grad for W in network.parameters()]
    return Made(objective, flat(gradients), flat([W.detach() for W in network.parameters()]))
