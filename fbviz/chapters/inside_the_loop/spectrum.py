"""The eigenvalues of a loop's Jacobian while it learns: inside the unit circle a nudge fades, outside it grows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.learning.gradients import jacobian
from fbviz.learning.run import Run
from fbviz.learning.training import Course
from fbviz.snapshot import Status, Told, facts
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import Arrays, Trail, plain, watched

EXAMPLES = 8  # of the test set
MATRICES = 512  # eigenvalue problems in a frame: more would be waited for


@dataclass(frozen=True, slots=True)
class Radius:
    """The spectral radius of ∂s_t/∂s_{t−1}."""

    last: float  # at the last unroll step


@dataclass(frozen=True, slots=True)
class Measured(Told):
    """Whether a nudge fades."""

    spectrum: Radius


@program
def spectrum(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """Train a loop and show the eigenvalues of ∂s_t/∂s_{t−1} at each unroll step."""
    run, trail = Run(experiment.looped()), Trail()

    def seen(status: Status) -> Frame:
        arrays = eigenvalues(run)
        trail.add(run.updates, float(arrays["spectrum.radius"][-1]))
        along = {"spectrum.update": trail.column(0), "spectrum.over_training": trail.column(1)}
        return Frame(facts(status, Measured(Radius(trail.rows[-1][1]))), {**arrays, **along})

    yield from watched(Course(run), runner, seen)


def eigenvalues(run: Run) -> Arrays:
    """Of the first test example at every step, in the plane; and the spectral radius per step, a median."""
    network = run.network
    r = network.state_size
    heard = network.over_time(run.test_examples[0][: max(1, min(EXAMPLES, 1024 // r**2))])  # (T, N, n)
    with torch.no_grad():
        states = torch.cat([network.start(heard)[None], network(heard).states[:-1]])  # s_{t−1}: (T, N, r)
    J = jacobian(network, heard.flatten(0, 1), states.flatten(0, 1)).nan_to_num(0.0, 0.0, 0.0)
    μ = np.linalg.eigvals(J.cpu().double().numpy()).reshape(*states.shape)  # (T, N, r)
    first = torch.tensor(μ[:, 0].astype(complex))
    return {
        "spectrum.re": plain(first.real.flatten()),
        "spectrum.im": plain(first.imag.flatten()),
        "spectrum.step": np.repeat(np.arange(1, len(heard) + 1, dtype=np.float32), r),
        "spectrum.steps": np.arange(1, len(heard) + 1, dtype=np.int32),
        "spectrum.radius": np.sort(np.abs(μ).max(-1), axis=1)[:, (μ.shape[1] - 1) // 2].astype(np.float32),
    }
