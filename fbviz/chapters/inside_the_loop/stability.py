"""A map of loops: which pairs of gain and weight scale settle, and how firmly. All of them run at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call, jacrev, vmap

from fbviz.chapters.inside_the_loop.values import GAIN, SIDE, WEIGHT_SCALE
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning.networks import Network, build
from fbviz.learning.run import examples
from fbviz.snapshot import Status, Told, facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import plain

GAINS = torch.linspace(0, GAIN, SIDE)
SCALES = torch.linspace(0, WEIGHT_SCALE, SIDE)
STEPS = 64  # until an input must have come to rest
INPUTS = 16  # that are asked whether they do
STILL = 1e-3  # the residual that counts as rest
WEIGHTS = 1_000_000  # numbers held at once; larger networks are done in stretches


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole map in a number."""

    settled: float  # the share of inputs that come to rest, over all its cells


@dataclass(frozen=True, slots=True)
class Mapped(Told):
    """What the map says."""

    stability: Chart


class Charted(NamedTuple):
    """What is known of C loops."""

    radius: Tensor  # (C,) spectral radius of ∂s/∂s where the first input left the loop, after STEPS
    share: Tensor  # (C,) of inputs that came to rest


@program
def stability(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Chart the learner's network as it is drawn, before it learns, over feedback gain and scale of first weights."""
    experiment = experiment.looped()
    network, x = unit(experiment), inputs(experiment)
    gain, scale = torch.meshgrid(GAINS, SCALES, indexing="xy")  # columns are gains, rows scales
    cells = torch.stack([gain.flatten(), scale.flatten()], 1)  # (SIDE², 2)
    size = sum(parameter.numel() for parameter in network.parameters()) + INPUTS * sum(experiment.network.hidden)
    own = {"gain": experiment.feedback.gain, "weight_scale": experiment.network.weight_scale}
    here = {f"stability.{name}.here": np.array([value], np.float32) for name, value in own.items()}
    done: list[Charted] = []
    for stretch in torch.split(cells, max(1, WEIGHTS // size)):
        done.append(charted(network, x, stretch))
        runner.wanted(0)  # only to hear what a reader asks for meanwhile
    while True:
        settled = torch.cat([part.share for part in done]).mean().item()
        yield Frame(facts(Status(idle=True), Mapped(Chart(settled))), arrays(done) | here)


def unit(experiment: Experiment) -> Network:
    """The network with gain and scale 1: every cell of the map is it, multiplied."""
    network = build(experiment.changed(gain=1.0, weight_scale=1.0))
    return network.requires_grad_(requires_grad=False)


def inputs(experiment: Experiment) -> Tensor:
    """(INPUTS, n) the first test inputs; of a sequence the first element, held."""
    (_, _), (x, _) = examples(experiment, torch.device("cpu"))
    return x[:INPUTS, 0] if experiment.task.kind.sequence else x[:INPUTS]


@torch.no_grad()
def charted(network: Network, x: Tensor, cells: Tensor) -> Charted:
    """The loops of `cells` (C, 2), a gain and a weight scale each, on inputs x (N, n)."""
    own = dict(network.named_parameters())
    wide = {name: (-1,) + (1,) * W.ndim for name, W in own.items()}
    gain, scale = cells.T
    factor = {name: scale * gain if name.startswith("back") else scale for name in own if name.endswith("weight")}
    batched = {
        n: factor[n].view(wide[n]) * W if n in factor else W.expand(len(cells), *W.shape) for n, W in own.items()
    }

    def step(weights: dict[str, Tensor], x: Tensor, s: Tensor) -> Tensor:
        after: Tensor = functional_call(Step(network), {f"network.{n}": W for n, W in weights.items()}, (x, s))
        return after

    turn = vmap(step, in_dims=(0, None, 0))
    s = network.start(x).expand(len(cells), -1, -1)  # (C, N, r)
    for _ in range(STEPS):
        s = turn(batched, x, s)
    share = ((turn(batched, x, s) - s).norm(dim=-1) < STILL).double().mean(-1)
    J = vmap(lambda weights, s: jacrev(lambda s: step(weights, x[:1], s[None])[0])(s))(batched, s[:, 0])  # (C, r, r)
    return Charted(radius(J), share)


class Step(torch.nn.Module):
    """One turn of the loop as a module's forward pass, which is what functional_call calls."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor, s: Tensor) -> Tensor:
        return self.network.step(x, s)[1]


def radius(J: Tensor) -> Tensor:
    """The largest |eigenvalue| of each matrix (C, r, r): (C,), NaN where one is not finite."""
    finite = J.isfinite().all(-1).all(-1)
    found = np.abs(np.linalg.eigvals(torch.where(finite[:, None, None], J, 0.0).numpy())).max(-1)
    return torch.where(finite, torch.tensor(found), torch.nan)


def arrays(done: list[Charted]) -> dict[str, np.ndarray]:
    """Maps with scales as rows from below and gains as columns; a radius is NaN where a loop is not finite."""
    maps = {
        f"stability.{n}": plain(torch.cat([getattr(c, n) for c in done]).reshape(SIDE, SIDE)) for n in Charted._fields
    }
    return {"stability.gain": plain(GAINS), "stability.weight_scale": plain(SCALES), **maps}
