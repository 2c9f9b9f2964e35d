"""Probes: measure a run without touching it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor

from fbviz.diagram import SIDE
from fbviz.history import Row
from fbviz.learning import gradients
from fbviz.learning.run import Run
from fbviz.picture import FIELD, SEQUENCES
from fbviz.snapshot import Ended, Snapshot

G = FIELD
g = SIDE  # of a neuron's grid
PROBED = 64  # training examples that gradients and Jacobians through the steps are measured on


@torch.no_grad()
def snapshot(run: Run, ended: Ended | None = None) -> Snapshot:
    """Everything a page can show of `run` as it stands."""
    task, network = run.experiment.task, run.network
    x = run.train_examples[0]
    every_x = torch.cat([x, run.test_examples[0]])
    plane = torch.zeros(0, *x.shape[1:], device=run.device) if task.kind.sequence else grids(task.domain, run.device)
    heard = network.over_time(torch.cat([every_x, plane]))
    outputs, states = network(heard)
    now = measures(run, outputs[:, : len(every_x)])
    return Snapshot(
        experiment=run.experiment,
        device=str(run.device),
        **asdict(now),
        step_gradient_norms=step_gradients(run).cpu().numpy(),
        residuals=torch.diff(states[:, : len(every_x)], dim=0, prepend=torch.zeros_like(states[:1, : len(every_x)]))
        .norm(dim=2)
        .mean(1)
        .cpu()
        .numpy(),
        spectral_radius=spectral_radius(run),
        boundary=field(run, outputs, len(every_x)),
        neurons=() if task.kind.sequence else neurons(run, heard[-1, -g * g :], states, len(heard[0])),
        weights=tuple(array(layer.get_parameter("weight")) for layer in network.layers),
        biases=tuple(array(layer.get_parameter("bias")) for layer in network.layers),
        history=(*(row for row in run.history if row["update"] < run.updates), now.row),
        back=array(network.back.weight) if network.back else np.zeros((0, 0), np.float32),
        ended=ended,
    )


@dataclass(frozen=True, slots=True)
class Measures:
    """The numbers of a moment that a history keeps, by their names in a `Snapshot`."""

    update: int
    epoch: float
    train_loss: float
    test_loss: float
    metrics: dict[str, float]
    gradient_norms: dict[str, float]

    @property
    def row(self) -> Row:
        """All of it in one line."""
        gradients = {f"gradient {layer}": norm for layer, norm in self.gradient_norms.items()}
        losses = {"train_loss": self.train_loss, "test_loss": self.test_loss}
        return {"update": self.update, "epoch": self.epoch} | losses | self.metrics | gradients


@torch.no_grad()
def row(run: Run) -> Row:
    """The line of the history for this moment: much cheaper than a snapshot."""
    every_x = torch.cat([run.train_examples[0], run.test_examples[0]])
    return measures(run, run.network(run.network.over_time(every_x)).outputs).row


def measures(run: Run, outputs: Tensor) -> Measures:
    """The numbers of this moment. outputs: (T, N, k) of the examples to train on, and after them those to test on."""
    (x, y), (_, test_y) = run.train_examples, run.test_examples
    answers, tested = outputs[:, : len(x)], outputs[:, len(x) :]
    kind, losses = run.experiment.task.kind, run.objective.losses
    return Measures(
        update=run.updates,
        epoch=run.epoch,
        train_loss=losses(answers, y).mean().item(),
        test_loss=losses(tested, test_y).mean().item(),
        metrics={
            kind.score: kind.judge(final(run, tested), test_y),
            f"train_{kind.score}": kind.judge(final(run, answers), y),
        },
        gradient_norms=gradient_norms(run),
    )


def final(run: Run, outputs: Tensor) -> Tensor:
    """The answers that count, in the shape of their targets: of the last step, or of every step of a sequence."""
    return outputs.transpose(0, 1) if run.experiment.task.kind.sequence else outputs[-1]


def array(W: Tensor) -> np.ndarray:
    """A copy of a parameter as it is now."""
    return W.detach().cpu().numpy().copy()


def gradient_norms(run: Run) -> dict[str, float]:
    """‖∂L/∂W‖ of the newest batch, by layer; NaN before the first update."""
    return run.step.gradient_norms() if run.updates else dict.fromkeys(run.network.matrices(), math.nan)


@cache
def grids(domain: tuple[float, float], where: torch.device) -> Tensor:
    """(G² + g², 2) the places of the field's grid and of the neurons', row by row from below."""
    axes = [torch.linspace(*domain, side) for side in (G, g)]
    return torch.cat([torch.cartesian_prod(axis, axis).flip(1) for axis in axes]).to(where)


def field(run: Run, outputs: Tensor, known: int) -> np.ndarray:
    """What the last step says of each place, (G, G), or what each step of the first test sequences says, (S, T)."""
    if run.experiment.task.kind.sequence:
        first = len(run.train_examples[0])
        said = outputs[:, first : first + SEQUENCES].transpose(0, 1)  # (S, T, 1)
        return run.experiment.task.kind.shade(said).cpu().numpy()  # type: ignore[no-any-return]
    return run.experiment.task.kind.shade(outputs[-1, known : known + G * G]).reshape(G, G).cpu().numpy()  # type: ignore[no-any-return]


def neurons(run: Run, x: Tensor, states: Tensor, examples: int) -> tuple[np.ndarray, ...]:
    """By layer, inputs first: (width, g, g) uint8, each neuron over the plane at the last step, 128 where it is 0."""
    before = states[-2, examples - len(x) : examples] if len(states) > 1 else run.network.start(x)
    activities, _ = run.network.turn(x, before)
    low, high = run.experiment.task.domain
    centred = (x - (low + high) / 2) / ((high - low) / 2)
    return tuple(
        (torch.tanh(h).nan_to_num() * 127 + 128).byte().T.reshape(-1, g, g).cpu().numpy()
        for h in [centred, *activities]
    )


def step_gradients(run: Run) -> Tensor:
    """(T,) ‖∂L/∂s_t‖ of the state each step begins with, over some training examples; 0 without a loop."""
    x, y = (part[:PROBED] for part in run.train_examples)
    heard = run.network.over_time(x)
    if not run.network.state_size:
        return torch.zeros(len(heard))
    with torch.enable_grad():
        s = run.network.start(heard).requires_grad_()
        outputs, states = [], []
        for x_t in heard:
            states.append(s)
            u, s = run.network.step(x_t, s)
            outputs.append(u)
        loss = run.objective.losses(torch.stack(outputs), y).mean()
        return torch.stack([grad.norm() for grad in torch.autograd.grad(loss, states)])


def spectral_radius(run: Run) -> float:
    """Of ∂s_T/∂s_{T−1}, the median over some test examples; NaN without a loop, or where the loop is not finite."""
    heard = run.network.over_time(run.test_examples[0][:8])
    if not run.network.state_size:
        return float("nan")
    s = run.network(heard[:-1]).states[-1] if len(heard) > 1 else run.network.start(heard)
    J = gradients.jacobian(run.network, heard[-1], s)
    return gradients.spectral_radius(J).median().item() if torch.isfinite(J).all() else float("nan")
