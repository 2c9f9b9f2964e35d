"""What the backward pass of a loop has to keep: through every step, or at its fixed point."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from fbviz.chapters.gradients_back.saved import matrices, saved
from fbviz.experiment import Experiment
from fbviz.learning.gradients import bptt, implicit
from fbviz.learning.networks import FeedbackNetwork

STEPS = (8, 64, 256)


def bytes_kept(steps: int) -> tuple[int, int]:
    """Bytes saved for the backward pass of a loop of eight hidden neurons on 200 points: by BPTT, implicitly."""
    network = FeedbackNetwork(Experiment().changed())
    x = torch.randn(200, 2, generator=torch.Generator().manual_seed(0)).expand(steps, 200, 2)
    through = saved(lambda: bptt(network, x), network)[1]
    return through, saved(lambda: implicit(network, x), network)[1] + matrices(network, x)


def rows() -> Iterator[tuple[str, str]]:
    """(what, kilobytes and their ratio)."""
    for steps in STEPS:
        through, at = bytes_kept(steps)
        yield (
            f"memory of the backward pass, T = {steps}",
            f"BPTT {through / 1e3:.0f} kB, implicit {at / 1e3:.0f} kB: {through / at:.1f} times",
        )


if __name__ == "__main__":
    for what, said in rows():
        print(f"{what:45} {said}")
