"""One thread and no denormals where a run's numbers are made, and only there."""

import subprocess
import sys

import pytest
import torch

from fbviz.experiment import Experiment
from fbviz.learning import training
from fbviz.learning.training import every, train

SHORT = Experiment().changed(updates=4, points=40)


def counting():
    """How many threads count here, and whether a number below 2e-308 is 0."""
    return torch.get_num_threads(), sys.float_info.min / 2 == 0


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_a_run_counts_with_one_thread_and_its_caller_as_before(two_threads, monkeypatch):
    inside, advance = [], training.advance
    monkeypatch.setattr(training, "advance", lambda run, most: inside.append(counting()) or advance(run, most))

    outside = [counting() for _ in train(SHORT, show=lambda update: update in (0, 2))]

    assert inside == [(1, True)] * 4
    assert [*outside, counting()] == [(2, False)] * 4


def test_a_run_that_fails_or_is_left_leaves_its_caller_as_before(two_threads, monkeypatch):
    run = train(SHORT)
    next(run)
    run.close()
    assert counting() == (2, False)

    monkeypatch.setattr(training, "advance", lambda run, most: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        next(train(SHORT))
    assert counting() == (2, False)


def test_weights_that_decay_end_at_zero_and_not_among_the_denormals():
    shrinking = Experiment().changed(l2=1.0, optimizer="sgd", learning_rate=0.9, updates=400, points=10, hidden=(4,))
    *_, last = train(shrinking.changed(task="plane", loss="mean_squared", noise=0.0, gain=0.0), show=every(400))

    sizes = [abs(w) for W in (*last.weights, last.back) for w in W.ravel().tolist()]
    assert all(size == 0 or size >= torch.finfo(torch.float32).tiny for size in sizes)


def test_the_process_that_makes_workers_counts_as_a_run_does():
    code = "from tests.learning.test_arithmetic import counting; from fbviz.worker.forkserver import warm;"
    code += "warm('fbviz.worker.programs'); raise SystemExit(counting() != (1, True))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
