"""The loop, step by step: what the network says, and how far its state still moves, after t steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from fbviz.dials import STEPS, UnrolledDials
from fbviz.examples import draw
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning import probes
from fbviz.learning.run import Run
from fbviz.learning.training import Course
from fbviz.montage import SIDE, montage
from fbviz.picture import SEQUENCES, lined
from fbviz.snapshot import Status, Told, facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import watched


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
def unrolled(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train, and show the loop after t steps; a moved t is answered without an update, also when training is over."""
    run = Run(experiment)
    heard = longer(run)

    def seen(status: Status) -> Frame:
        return frame(run, heard, UnrolledDials.of(runner.values).t, status)

    yield from watched(Course(run), runner, seen, rests=lambda ended: ended.well)


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


def frame(run: Run, tested: tuple[Tensor, Tensor], t: int, status: Status) -> Frame:
    """The run as it stands, with step t marked."""
    arrays, score = look(run, tested, t)
    return Frame(facts(status, Read(Score(score[0], score[-1]))), arrays)


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
        **lined("unrolled.field", field.cpu().numpy(), task.classes),
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
    """After t steps: the field (G, G) as its task shades it, and the state units over the plane (r, SIDE, SIDE)."""
    task, network = run.experiment.task, run.network
    wide = probes.grids(task.domain, run.device)[: probes.G**2]
    axis = torch.linspace(*task.domain, SIDE, device=run.device)
    fine = torch.cartesian_prod(axis, axis).flip(1)
    outputs, states = network(torch.cat([wide, fine]).expand(t, -1, -1))
    field = task.kind.shade(outputs[-1, : len(wide)]).reshape(probes.G, probes.G)
    return field, states[-1, len(wide) :].T.reshape(-1, SIDE, SIDE)
