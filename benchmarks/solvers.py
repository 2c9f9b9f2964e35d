"""How many turns of a loop until it stands still: plain iteration beside Anderson's method."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from fbviz.experiment import Experiment
from fbviz.learning.fixed_points import anderson, picard
from fbviz.learning.gradients import jacobian, spectral_radius
from fbviz.learning.networks import FeedbackNetwork

BANDS = ((0.4, 0.6), (0.6, 0.8), (0.8, 0.9), (0.9, 0.99))  # of the spectral radius
LOOPS = 100
CAP = 1000  # evaluations; a loop slower than that is left out


def counts(
    low: float, high: float, tolerance: float = 1e-10, dtype: torch.dtype = torch.float64
) -> tuple[np.ndarray, np.ndarray]:
    """Evaluations of random loops whose spectral radius, at rest, is in [low, high): by Picard, by Anderson."""
    plain, mixed = [], []
    for seed in range(LOOPS):
        network, x = loop(seed, dtype)

        def f(s: torch.Tensor, network: FeedbackNetwork = network, x: torch.Tensor = x) -> torch.Tensor:
            return network.step(x, s)[1]

        with torch.no_grad():
            slow = picard(f, network.start(x), tolerance, CAP)
            fast = anderson(f, network.start(x), tolerance, CAP)
        if not (slow.residual < tolerance).all():
            continue
        radius = spectral_radius(jacobian(network, x, slow.s))
        for i, here in enumerate((radius >= low) & (radius < high)):
            if here:
                plain.append(int(slow.evaluations[i]))
                mixed.append(int(fast.evaluations[i]))
    return np.array(plain), np.array(mixed)


def loop(seed: int, dtype: torch.dtype) -> tuple[FeedbackNetwork, torch.Tensor]:
    """A random loop of eight hidden neurons, stronger or weaker by its seed, and four inputs."""
    experiment = Experiment().changed(hidden=(8,), weight_scale=2.0, gain=0.5 + seed % 12 / 8, seed=seed)
    network = FeedbackNetwork(experiment).to(dtype).requires_grad_(requires_grad=False)
    return network, torch.randn(4, 2, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def rows() -> Iterator[tuple[str, str]]:
    """(what, median evaluations and their ratio)."""
    for low, high in BANDS:
        plain, mixed = counts(low, high)
        if len(plain):
            a, b = np.median(plain), np.median(mixed)
            yield (
                f"turns to 1e-10, radius {low}–{high}",
                f"Picard {a:.0f}, Anderson {b:.0f}: {a / b:.1f} times",
            )


if __name__ == "__main__":
    torch.set_num_threads(1)
    for what, said in rows():
        print(f"{what:45} {said}")
