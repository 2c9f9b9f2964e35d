"""The loop, step by step: what the network says, and how far its state still moves, after t steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from fbviz.examples import draw
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning import probes
from fbviz.learning.desk import Desk
from fbviz.learning.run import Run
from fbviz.learning.table import program
from fbviz.learning.training import advance
from fbviz.learning.values import whole
from fbviz.learning.watching import status
from fbviz.montage import SIDE, montage
from fbviz.picture import SEQUENCES
from fbviz.snapshot import Ended, Told, facts

STEPS = 64  # steps that are looked at, however many the network was trained for


@dataclass(frozen=True, slots=True)
class Score:
    """The share of right answers on the test examples, or R²."""

    first: float  # read after the first step
    last: float  # read after the last of STEPS


@dataclass(frozen=True, slots=True)
class Read(Told):
    """How good the answer is, by the step after which it is read."""

    score: Score


@program
def unrolled(query: Mapping[str, str], desk: Desk) -> Iterator[Frame]:
    """Train, and show the loop after t steps; a moved t is answered without an update, also when training is over."""
    experiment, _ = Experiment.from_query(query)
    run, ended = Run(experiment), None
    heard = longer(run)
    while ended is None:
        if desk.wanted(run.updates):
            yield frame(run, heard, t := asked(desk))
            while t != asked(desk):
                yield frame(run, heard, t := asked(desk))
        ended = advance(run)
    while ended.well:
        yield frame(run, heard, asked(desk), done=ended)
    yield frame(run, heard, asked(desk), ended=ended)


def asked(desk: Desk) -> int:
    """The step t a reader looks at."""
    return whole(desk.values, "t", 1, STEPS, 1)


def longer(run: Run) -> tuple[Tensor, Tensor]:
    """Test examples over STEPS steps: x (T, N, n) and the right answers (T, N, k).

    A point repeats itself; sequences are drawn anew, as long as that.
    """
    experiment = run.experiment
    if experiment.task.kind.sequence:
        x, y = (torch.tensor(part).float().to(run.device) for part in draw(replace(experiment.data, length=STEPS))[1])
        return x.transpose(0, 1), y.transpose(0, 1)
    x, y = run.test_examples
    return x.expand(STEPS, *x.shape), y.expand(STEPS, *y.shape)


def frame(
    run: Run, tested: tuple[Tensor, Tensor], t: int, *, ended: Ended | None = None, done: Ended | None = None
) -> Frame:
    """The run as it stands, with step t marked."""
    arrays, score = look(run, tested, t)
    return Frame(facts(status(run, ended=ended, done=done), Read(Score(score[0], score[-1]))), arrays)


@torch.no_grad()
def look(run: Run, tested: tuple[Tensor, Tensor], t: int) -> tuple[dict[str, np.ndarray], list[float]]:
    """The arrays of the figures, and the score after each step: the share of right answers, or R²."""
    task, network = run.experiment.task, run.network
    x, y = tested
    outputs, states = network(x)
    moved = torch.diff(states, dim=0, prepend=torch.zeros_like(states[:1])).norm(dim=2).mean(1)  # (T,)
    score = [task.kind.judge(u, answer) for u, answer in zip(outputs, y, strict=True)]
    if task.kind.sequence:
        field = task.kind.shade(outputs[:, :SEQUENCES].transpose(0, 1))  # (S, T)
        units = states[:, 0].T  # (r, T): of the first test sequence
        units = units if len(units) else units.new_full((1, STEPS), torch.nan)
    else:
        field, units = plane(run, t)
    residuals = moved.cpu().numpy().astype(np.float32)
    return {
        "unrolled.field": field.cpu().numpy(),
        "unrolled.units": montage(units.cpu().numpy()) if units.ndim == 3 else units.float().cpu().numpy(),
        "unrolled.steps": np.arange(1, STEPS + 1, dtype=np.int32),
        "unrolled.residuals": residuals,
        "unrolled.score": np.array(score, np.float32),
        "unrolled.t": np.array([t], np.int32),
        "unrolled.t.residual": residuals[t - 1 : t],
        "unrolled.t.score": np.array(score[t - 1 : t], np.float32),
        "unrolled.t.line": np.array([t, t], np.int32),
    }, score


def plane(run: Run, t: int) -> tuple[Tensor, Tensor]:
    """After t steps: the field (G, G) as in probes.shade, and the state units over the plane (r, SIDE, SIDE)."""
    task, network = run.experiment.task, run.network
    wide = probes.grids(task.domain, run.device)[: probes.G**2]
    axis = torch.linspace(*task.domain, SIDE, device=run.device)
    fine = torch.cartesian_prod(axis, axis).flip(1)
    outputs, states = network(torch.cat([wide, fine]).expand(t, -1, -1))
    field = task.kind.shade(outputs[-1, : len(wide)]).reshape(probes.G, probes.G)
    return field, states[-1, len(wide) :].T.reshape(-1, SIDE, SIDE)
