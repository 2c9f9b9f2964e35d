"""What train() costs over a bare PyTorch loop of the same network, loss, optimizer and batches."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise

import torch
from torch import nn

from fbviz.experiment import PRESETS, Experiment
from fbviz.learning import arithmetic
from fbviz.learning.run import Run, examples
from fbviz.learning.training import train

SECONDS = 2.0  # a measurement
ROUNDS = 5  # of both, in turn
LOOK = 0.1  # seconds between two snapshots
BURST = 50  # updates between two looks at the clock
DECAYS = 50  # updates
DECAYED = 1e-40  # a weight that only decays gets there, and is denormal in float32

SIZES = {  # where PyTorch comes near: see LARGE in learning/compiled/update.py
    "64-64-64, T = 16, batch 64": {"hidden": (64, 64, 64), "steps": 16, "batch": 64},
    "64-64-64, T = 5, batch 1000": {"hidden": (64, 64, 64), "steps": 5, "batch": 1000, "points": 2000},
    "six layers of 64, T = 8, batch 1000": {"hidden": (64,) * 6, "steps": 8, "batch": 1000, "points": 2000},
}


def rows() -> Iterator[tuple[str, str]]:
    """What was measured, and how it compares."""
    torch.set_num_threads(1)
    spiral = PRESETS["Spiral, two layers of eight"]
    for name, aim, experiment in (("default", 20, Experiment()), ("spiral 8-8", 30, spiral)):
        experiment = experiment.changed(updates=100_000)
        torch_, compiled = (experiment.changed(engine=engine) for engine in ("torch", "compiled"))
        timed = [
            (seconds(bare(experiment)), watched(torch_, SECONDS), watched(torch_, LOOK), watched(compiled, LOOK))
            for _ in range(ROUNDS)
        ]
        loop, run, probed, kernel = (statistics.median(column) for column in zip(*timed, strict=True))
        yield f"{name}: bare loop", f"{1e6 * loop:.0f} µs an update"
        yield f"{name}: train() by PyTorch over it, one snapshot", f"{run / loop:.2f}"
        yield f"{name}: train() by PyTorch over it, 10 snapshots/s [1.10]", f"{probed / loop:.2f}"
        yield f"{name}: it over train() by the kernel, 10 snapshots/s [{aim}]", f"{loop / kernel:.1f}"
    for name, changed in SIZES.items():
        by = {engine: updating(Experiment().changed(engine=engine, **changed)) for engine in ("torch", "compiled")}
        yield f"{name}: PyTorch over the kernel", f"{by['torch'] / by['compiled']:.2f}"
    kept, flushed = decayed(nullcontext()), decayed(arithmetic.settled())
    yield "decayed weights: an update with denormals over one without", f"{kept / flushed:.2f}"


def seconds(update: Callable[[], None]) -> float:
    """The time of one call, over many."""
    for _ in range(50):
        update()
    n, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < SECONDS:
        update()
        n += 1
    return passed / n


def updating(experiment: Experiment) -> float:
    """Seconds of the processor for an update, one at a time: the least of a few."""
    run, times = Run(experiment), []
    for _ in range(ROUNDS * 4):
        start = time.process_time()
        run.update()
        times.append(time.process_time() - start)
    return min(times)


def decayed(way: AbstractContextManager[None]) -> float:
    """Seconds of the processor for an update of weights that have decayed, counting the one `way`."""
    large = {"hidden": (64, 64), "steps": 16, "points": 2000, "batch": 1000}
    with way:
        run = Run(Experiment().changed(l2=1.0, optimizer="sgd", **large))
        times = []
        for _ in range(DECAYS):
            with torch.no_grad():
                for W in run.network.parameters():
                    W.clamp_(-DECAYED, DECAYED)
            start = time.process_time()
            run.update()
            times.append(time.process_time() - start)
    return statistics.median(times)


def bare(experiment: Experiment) -> Callable[[], None]:
    """An update as the tutorials write it: nn.Linear, the loop by hand, a loss and an optimizer of torch."""
    (x, y), _ = examples(experiment, torch.device("cpu"))
    y = (y + 1) / 2
    sizes = [2, *experiment.network.hidden, 1]
    layers = [nn.Linear(a, b) for a, b in pairwise(sizes)]
    back = nn.Linear(sizes[-2], sizes[1], bias=False)
    loop = experiment.feedback.feedback == "hidden"
    parameters = [p for layer in [*layers, *([back] if loop else [])] for p in layer.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=experiment.training.learning_rate)
    loss_of, batch, steps = nn.BCEWithLogitsLoss(), experiment.training.batch, experiment.feedback.steps
    batches: list[tuple[torch.Tensor, torch.Tensor]] = []

    def update() -> None:
        if not batches:
            order = torch.randperm(len(x))
            batches.extend(zip(x[order].split(batch), y[order].split(batch), strict=True))
        a, b = batches.pop()
        s = torch.zeros(len(a), back.in_features)
        outputs = []
        for _ in range(steps):
            z = layers[0](a)
            h = torch.tanh(z + back(s) if loop else z)
            for layer in layers[1:-1]:
                h = torch.tanh(layer(h))
            s = h
            outputs.append(layers[-1](h))
        loss = loss_of(torch.stack(outputs), b.expand(steps, *b.shape))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return update


class Now:
    """A schedule by the clock, as a page's: asked after some milliseconds of updates."""

    def __init__(self, look: float) -> None:
        self.look, self.due = look, time.perf_counter() + look

    def __call__(self, update: int) -> bool:
        if time.perf_counter() < self.due:
            return False
        self.due = time.perf_counter() + self.look
        return update > 0

    def ahead(self, update: int) -> int:
        return BURST


def watched(experiment: Experiment, look: float) -> float:
    """Seconds an update of train() takes, with every probe each `look` seconds."""
    start = time.perf_counter()
    for snapshot in train(experiment, show=Now(look)):
        if (passed := time.perf_counter() - start) > SECONDS:
            return passed / snapshot.update
    raise RuntimeError("it ended before it was measured")


if __name__ == "__main__":
    for row in rows():
        print(*row, sep="  ")
