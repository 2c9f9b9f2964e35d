"""Probes: measure a run without touching it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor

from fbviz.diagram import MOST, SIDE
from fbviz.experiment import Experiment
from fbviz.history import Row
from fbviz.learning import gradients
from fbviz.learning.run import Run
from fbviz.learning.update import PROBED
from fbviz.picture import FIELD, SEQUENCES
from fbviz.snapshot import Ended, Gaze, Snapshot

G = FIELD
g = SIDE  # of a neuron's grid
ANSWER = Gaze()  # the last step, and the first output


@torch.no_grad()
def snapshot(run: Run, ended: Ended | None = None, gaze: Gaze = ANSWER) -> Snapshot:
    """Everything a page can show of `run` as it stands."""
    task, network = run.experiment.task, run.network
    x = run.train_examples[0]
    every_x = torch.cat([x, run.test_examples[0]])
    plane = torch.zeros(0, *x.shape[1:], device=run.device) if task.kind.sequence else grids(task.domain, run.device)
    heard = network.over_time(torch.cat([every_x, plane]))
    outputs, states = network(heard)
    now = measures(run, outputs[:, : len(every_x)])
    gaze = inside(gaze, run.experiment)
    seen = neurons(run, heard, states, len(every_x), gaze.t)
    return Snapshot(
        experiment=run.experiment,
        device=str(run.device),
        engine=run.step.name,
        **asdict(now),
        step_gradient_norms=step_gradients(run).cpu().numpy(),
        residuals=torch.diff(states[:, : len(every_x)], dim=0, prepend=torch.zeros_like(states[:1, : len(every_x)]))
        .norm(dim=2)
        .mean(1)
        .cpu()
        .numpy(),
        spectral_radius=spectral_radius(run),
        gaze=gaze,
        boundary=field(run, outputs if task.kind.sequence else outputs[: gaze.t], len(every_x)),
        neurons=tuple(small(run, layer, gaze.t) for layer in seen),
        closely=large(run, seen[gaze.layer], gaze.neuron),
        weights=tuple(array(layer.get_parameter("weight")) for layer in network.layers),
        weight_gradients=weight_gradients(run),
        biases=tuple(array(layer.get_parameter("bias")) for layer in network.layers),
        history=history(run, now.row),
        back=array(network.back.weight) if network.back else np.zeros((0, 0), np.float32),
        ended=ended,
    )


def inside(gaze: Gaze, experiment: Experiment) -> Gaze:
    """The same where it is in this network, and at its last step and its first output otherwise."""
    t, last = experiment.unroll_steps, len(experiment.sizes) - 1
    layer = gaze.layer if 0 <= gaze.layer <= last else last
    neuron = gaze.neuron if gaze.neuron < min(experiment.sizes[layer], MOST) else 0
    return Gaze(t=gaze.t if 0 < gaze.t < t else t, layer=layer, neuron=neuron)


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


def history(run: Run, now: Row) -> tuple[Row, ...]:
    """What is kept of the moments before, and this one."""
    return (*(row for row in run.history if row["update"] < run.updates), now)


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


def neurons(run: Run, heard: Tensor, states: Tensor, known: int, t: int) -> list[Tensor]:
    """By layer, inputs first, (·, N, width) uint8: what each neuron says, 128 where that is 0.

    Of the plane, whose places come after `known` examples, at step t; of the first test sequences, at every step.
    """
    low, high = run.experiment.task.domain
    if run.experiment.task.kind.sequence:
        first, last, which = 0, len(heard), slice(len(run.train_examples[0]), len(run.train_examples[0]) + SEQUENCES)
    else:
        first, last, which = t - 1, t, slice(known, None)
    x, earlier = heard[first:last, which], states[max(first - 1, 0) : last - 1, which]
    s = earlier if first else torch.cat([run.network.start(x)[None], earlier])
    activities, _ = run.network.turn(x.flatten(0, 1), s.flatten(0, 1))
    centred = (x.flatten(0, 1) - (low + high) / 2) / ((high - low) / 2)
    shades = ((torch.tanh(h).nan_to_num() * 127 + 128).byte() for h in [centred, *activities])
    return [shade.reshape(*x.shape[:2], -1) for shade in shades]


def small(run: Run, layer: Tensor, t: int) -> np.ndarray:
    """A layer's neurons over the plane, (width, g, g), or what they say of the first test sequence, (width, 1, 1)."""
    if run.experiment.task.kind.sequence:
        return layer[t - 1, 0].reshape(-1, 1, 1).cpu().numpy()
    return layer[0, -g * g :].T.reshape(-1, g, g).cpu().numpy()


def large(run: Run, layer: Tensor, neuron: int) -> np.ndarray:
    """One neuron of a layer as `field` shows the answer: (G, G), or (S, T)."""
    shown = layer[:, :, neuron]
    if run.experiment.task.kind.sequence:
        return shown.T.cpu().numpy()
    return shown[0, : G * G].reshape(G, G).cpu().numpy()


def weight_gradients(run: Run) -> tuple[np.ndarray, ...]:
    """∂L/∂W of the newest batch, by layer; NaN before the first update."""
    if not run.updates:
        return tuple(np.full(layer.get_parameter("weight").shape, np.nan, np.float32) for layer in run.network.layers)
    return tuple(array(W) for W in [*run.step.gradients().values()][: len(run.network.layers)])


def step_gradients(run: Run) -> Tensor:
    """(T,) ‖∂L/∂s_t‖ of the state each step begins with, over some training examples; 0 without a loop."""
    x, y = (part[:PROBED] for part in run.train_examples)
    return run.step.pulls(x, y) if run.network.state_size else torch.zeros(run.experiment.unroll_steps)


def spectral_radius(run: Run) -> float:
    """Of ∂s_T/∂s_{T−1}, the median over some test examples; NaN without a loop, or where the loop is not finite."""
    if not run.network.state_size:
        return float("nan")
    J = run.step.jacobian(run.test_examples[0][:8])
    return gradients.spectral_radius(J).median().item() if torch.isfinite(J).all() else float("nan")
