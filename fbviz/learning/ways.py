"""Three ways to a gradient, on the learner's own experiment: how true each is, how long it takes, what it keeps."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from fbviz.choices import SEQUENCE
from fbviz.frames import Frame
from fbviz.learning.desk import Desk, resting
from fbviz.learning.gradients import NoFixedPointError, bptt, implicit, truncated
from fbviz.learning.network import FeedbackNetwork
from fbviz.learning.probes import PROBED
from fbviz.learning.saved import matrices, saved
from fbviz.learning.table import program
from fbviz.learning.training import Run
from fbviz.learning.watching import Arrays, facts, learning, looped, slider

STEPS = (1, 2, 4, 8, 16, 32, 64)  # unroll steps that are compared
ANEW = 50  # updates after which a run that learns is compared again: it costs about 0.1 s
REPEATS = 3  # of a timing, of which the shortest counts


class Way(NamedTuple):
    """One gradient: where it points (parameters,), what it took."""

    gradient: Tensor
    milliseconds: float
    kilobytes: float


@program
def three_gradients(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Train the learner's loop, then compare BPTT, truncated BPTT(k) of the slider k, and the implicit gradient."""
    run = Run(looped(query))
    shown: tuple[int, int] | None = None
    arrays: Arrays = {}

    def seen(**more: Any) -> Frame:
        nonlocal shown, arrays
        now = (run.updates // ANEW, round(slider(desk, "k", 1, 64, run.experiment.training.truncation)))
        if now != shown or more:
            shown, arrays = now, compared(run, now[1])
        return Frame(facts(run, **more), arrays)

    ended = yield from learning(run, desk, seen)
    while True:
        yield seen(**resting(ended))


def compared(run: Run, k: int) -> Arrays:
    """Cosines to full BPTT, times and memories, of the loss at the last of T steps over some training examples.

    (T,) each, and (3,) at the experiment's own T. Where the implicit gradient has no right, its numbers are left out.
    """
    network = copy.deepcopy(run.network)
    network.experiment = network.experiment.changed(truncation=k, loss_steps="last")
    x, y = (part[:PROBED] for part in run.train_examples)
    sequence = run.experiment.task.kind == SEQUENCE
    own = x.shape[1] if sequence else run.experiment.feedback.steps
    steps = [T for T in STEPS if not sequence or own >= T]

    def heard(T: int) -> Tensor:
        return x.transpose(0, 1)[:T] if sequence else x.expand(T, *x.shape)

    def way(unroll: Callable[[FeedbackNetwork, Tensor], Tensor], T: int) -> Way:
        return measured(unroll, network, heard(T), y[:, T - 1] if sequence else y, run)

    full, short = [way(bptt, T) for T in [*steps, own]], [way(truncated, T) for T in [*steps, own]]
    at_rest: list[Way] = []
    radius = residual = float("nan")
    if not sequence:
        try:
            at_rest = [way(implicit, 1)] * len(full)
        except NoFixedPointError as why:
            radius, residual = why.radius, why.residual
    ways = {"bptt": full, "truncated": short, "implicit": at_rest}
    columns: Mapping[str, Callable[[Way, Way], float]] = {
        "cosine": lambda way, true: cosine(way.gradient, true.gradient),
        "ms": lambda way, _: way.milliseconds,
        "kb": lambda way, _: way.kilobytes,
    }
    arrays: dict[str, Any] = {"ways.steps": steps, "ways.right": [1, 1, float(bool(at_rest))]}
    for column, of in columns.items():
        values = {name: [of(way, true) for way, true in zip(some, full, strict=False)] for name, some in ways.items()}
        arrays |= {f"ways.{name}.{column}": some[:-1] for name, some in values.items()}
        arrays[f"ways.own.{column}"] = [some[-1] for some in values.values() if some]
    refused = [] if at_rest or sequence else [radius]
    arrays |= {"ways.refused.radius": refused, "ways.refused.residual": [residual] * len(refused)}
    return {name: np.array(values, np.float32) for name, values in arrays.items()}


def measured(
    unroll: Callable[[FeedbackNetwork, Tensor], Tensor], network: FeedbackNetwork, x: Tensor, y: Tensor, run: Run
) -> Way:
    """The gradient of the last answers' loss. x: (T, N, n), y: (N, k). Raises NoFixedPointError."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        gradient = slope(unroll(network, x), network, y, run)
        times.append(time.perf_counter() - began)
    _, kept = saved(lambda: unroll(network, x), network)
    kept += matrices(network, x) if unroll is implicit else 0
    return Way(gradient, 1000 * min(times), kept / 1000)


def slope(outputs: Tensor, network: FeedbackNetwork, y: Tensor, run: Run) -> Tensor:
    """∂L/∂θ of the last of the outputs (T, N, k), all parameters in one vector; 0 for one that has no part in it."""
    loss = run.loss_of(outputs[-1], y, torch).mean()
    parameters = list(network.parameters())
    parts = torch.autograd.grad(loss, parameters, allow_unused=True)
    return torch.cat(
        [(torch.zeros_like(W) if g is None else g).flatten() for g, W in zip(parts, parameters, strict=True)]
    )


def cosine(a: Tensor, b: Tensor) -> float:
    """Of the angle between two gradients; NaN where one is 0."""
    a, b = a.double(), b.double()
    return float(a @ b / (a.norm() * b.norm()))
