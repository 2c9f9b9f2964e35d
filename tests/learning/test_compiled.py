"""The kernel, held to PyTorch, to NumPy and to finite differences; and a run that it trains."""

import itertools
import math
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fbviz.choices import ACTIVATIONS, FEEDBACKS, LOSSES, OPTIMIZERS
from fbviz.experiment import PRESETS, Experiment
from fbviz.learning import checkpoints
from fbviz.learning.compiled import plan, single
from fbviz.learning.compiled.loading import KERNEL, Kernel
from fbviz.learning.compiled.update import Compiled
from fbviz.learning.networks import build
from fbviz.learning.run import Run, examples
from fbviz.learning.training import every, train
from fbviz.learning.update import Autograd
from tests.learning.kernels import Double, made
from tests.strategies import experiments

EXACT = 1e-10  # of the largest number, in float64


def close(found, expected):
    """Equal but for rounding; what is not finite is so in both."""
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(np.isfinite(found), finite)
    largest = np.abs(expected[finite]).max(initial=0)
    np.testing.assert_allclose(found[finite], expected[finite], rtol=0, atol=EXACT * largest + 1e-300)


# One update, against PyTorch.


@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(experiments(points=60, batch=80, width=12, hidden=12, steps=8, length=8), st.integers(0, 2**32 - 1))
def test_an_update_is_that_of_pytorch_in_float64(experiment, seed):
    experiment = experiment.changed(spectral_norm=0.0).fitted()
    assume(plan.has(experiment))
    found, expected = (made(experiment, by=way, seed=seed, spread=0.7) for way in (Double, Autograd))

    assert found.objective == pytest.approx(expected.objective, rel=EXACT, nan_ok=True)
    close(found.gradient, expected.gradient)
    close(found.theta, expected.theta)


@pytest.mark.parametrize("feedback", FEEDBACKS)
def test_every_activation_loss_and_optimizer_is_that_of_pytorch(feedback):
    for act, loss, optimizer, task in itertools.product(ACTIVATIONS, LOSSES, OPTIMIZERS, ("xor", "three", "parity")):
        experiment = Experiment().changed(
            task=task, activation=act, loss=loss, optimizer=optimizer, feedback=feedback, hidden=(3,), steps=3, length=3
        )
        found, expected = (made(experiment, by=way) for way in (Double, Autograd))
        close(found.gradient, expected.gradient)
        close(found.theta, expected.theta)


def test_float32_is_no_worse_than_pytorch_s():
    """The error of a gradient against float64, of its largest number: the median and the 99th percentile."""
    errors = {Compiled: [], Autograd: []}
    for experiment, seed in itertools.product(PRESETS.values(), range(25)):
        exact = made(experiment.changed(optimizer="sgd"), by=Autograd, seed=seed)
        for way, found in errors.items():
            said = made(experiment.changed(optimizer="sgd"), by=way, seed=seed, number=torch.float32)
            found.append(np.abs(said.gradient - exact.gradient).max() / np.abs(exact.gradient).max())
    for share in (0.5, 0.99):
        ours, theirs = (np.quantile(found, share) for found in errors.values())
        assert ours <= 2 * theirs, f"{ours:.1e} against {theirs:.1e}"


# Against what is no PyTorch.


def by_numpy(experiment, theta, x, y):
    """Loss of x (T, N, n) and y (T, N, k) and its gradient: forward and BPTT of an Elman network, squared error."""
    (n, m, k), α = experiment.sizes, experiment.feedback.gain
    W, V, B, b, c = np.split(theta, np.cumsum([m * n, k * m, m * m, m]))
    W, V, B = W.reshape(m, n), V.reshape(k, m), B.reshape(m, m)
    states, losses = [np.zeros((x.shape[1], m))], []
    for x_t in x:
        states.append(np.tanh(x_t @ W.T + b + α * states[-1] @ B.T))
    answers = [s @ V.T + c for s in states[1:]]
    losses = [0.5 * ((u - y_t) ** 2).mean() for u, y_t in zip(answers, y, strict=True)]
    dW, dV, dB, db, dc = (np.zeros_like(part) for part in (W, V, B, b, c))
    ds = np.zeros_like(states[0])
    for t in reversed(range(len(x))):
        du = (answers[t] - y[t]) / y[t].size / len(x)
        dz = (du @ V + ds) * (1 - states[t + 1] ** 2)
        dV, dc = dV + du.T @ states[t + 1], dc + du.sum(0)
        dW, dB, db = dW + dz.T @ x[t], dB + α * dz.T @ states[t], db + dz.sum(0)
        ds = α * dz @ B
    return np.mean(losses), np.concatenate([part.ravel() for part in (dW, dV, dB, db, dc)])


def whole(experiment):
    """A kernel in float64 at random weights, that looks at all examples, and has them: x (T, N, n), y (T, N, k)."""
    train_examples, _ = examples(experiment, torch.device("cpu"))
    parts = tuple(part.double() for part in train_examples)
    network = build(experiment).double()
    step = Double(experiment, network, None, parts)
    step.memory.theta[:] = np.random.default_rng(1).normal(size=len(step.memory.theta)) * 0.7
    x = network.over_time(parts[0]).numpy()
    y = parts[1].numpy().swapaxes(0, 1) if parts[1].ndim == 3 else np.broadcast_to(parts[1], (len(x), *parts[1].shape))
    return step, x, y


@pytest.mark.parametrize("task", ["plane", "delay", "three"])
def test_the_gradient_is_that_of_formulas_written_down_in_numpy(task):
    experiment = Experiment().changed(task=task, loss="mean_squared", hidden=(6,), gain=1.3, optimizer="sgd", batch=90)
    step, x, y = whole(experiment)
    loss, gradient = by_numpy(experiment, step.memory.theta.copy(), x[:, :90], y[:, :90])
    _, objective = step(torch.arange(90), 90)

    assert objective == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(step.memory.gradient, gradient, rtol=0, atol=1e-12 * np.abs(gradient).max())


@pytest.mark.parametrize(
    "changed", [{}, {"loss_steps": "last", "damping": 0.4}, {"task": "three"}, {"l1": 0.1, "l2": 0.2}]
)
@pytest.mark.parametrize("feedback", FEEDBACKS)
def test_the_gradient_is_that_of_central_differences(feedback, changed):
    experiment = Experiment().changed(feedback=feedback, hidden=(4, 3), optimizer="sgd", learning_rate=1e-4, **changed)
    step, _, _ = whole(experiment)
    order, began, h = torch.arange(20), step.memory.theta.copy(), 1e-6

    def objective(theta):
        step.memory.theta[:] = theta
        return step(order, 20)[1]

    objective(began)
    gradient = step.memory.gradient.copy()
    steps = h * np.eye(len(began))
    numeric = np.array([(objective(began + e) - objective(began - e)) / (2 * h) for e in steps])
    np.testing.assert_allclose(gradient, numeric, atol=1e-7)


# The parts that formulas are compiled over.


@pytest.mark.parametrize("name", ["tanh", "sin", "cos"])
def test_the_functions_for_float32_are_near_the_exact_ones(name):
    z = np.linspace(-30, 30, 100_001).astype(np.float32)
    said = np.array([getattr(single, name)(number) for number in z])
    np.testing.assert_allclose(said, getattr(np, name)(z.astype(np.float64)), rtol=0, atol=4e-7)


def test_far_out_tanh_is_one_and_what_is_no_number_stays_none():
    assert [single.tanh(np.float32(z)) for z in (9.5, -9.5, math.inf, -math.inf)] == [1, -1, 1, -1]
    for name in ("tanh", "sin", "cos"):
        assert math.isnan(getattr(single, name)(np.float32(math.nan)))


@pytest.mark.parametrize("entry", [*ACTIVATIONS.values()], ids=lambda entry: entry.name)
def test_the_slope_of_an_activation_is_the_one_autograd_finds(entry):
    z = torch.linspace(-6, 6, 1001, dtype=torch.float64).requires_grad_()
    a = entry.f(z, torch)
    a.sum().backward()
    torch.testing.assert_close(torch.tensor(entry.slope(z.detach().numpy(), a.detach().numpy(), np)), z.grad)


@pytest.mark.parametrize("entry", [*LOSSES.values()], ids=lambda entry: entry.name)
def test_the_slope_of_a_loss_is_the_one_autograd_finds(entry):
    u = torch.linspace(-6, 6, 1000, dtype=torch.float64).requires_grad_()
    y = torch.where(torch.arange(1000) % 2 == 0, 1.0, -1.0).double()
    entry.f(u, y, torch).sum().backward()
    torch.testing.assert_close(torch.tensor(entry.slope(u.detach().numpy(), y.numpy(), np)), u.grad)


# A run.

SHORT = Experiment().changed(updates=60, points=100, engine="compiled")
MANY = [{}, {"batch": 100}, {"spectral_norm": 0.8}, {"optimizer": "rmsprop", "clip": 0.1}, {"task": "parity"}]


def weights(run):
    return torch.cat([W.detach().flatten() for W in run.network.parameters()])


@pytest.mark.parametrize("changed", MANY, ids=str)
def test_a_run_is_the_same_however_it_is_looked_at(changed):
    experiment = SHORT.changed(**changed)
    ends = [list(train(experiment, show=show))[-1] for show in (every(1), every(7), lambda update: update == 13)]

    assert ends[0].engine == "compiled"
    for other in ends[1:]:
        assert str(other.history) == str(ends[0].history)
        np.testing.assert_array_equal(other.boundary, ends[0].boundary)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_run_goes_on_from_a_checkpoint_bit_for_bit(optimizer):
    experiment = SHORT.changed(optimizer=optimizer)
    run = Run(experiment)
    for _ in range(13):
        run.update()
    kept = checkpoints.unpacked(checkpoints.packed(run.checkpoint()))
    for again in (Run(experiment, kept), Run(experiment, run.checkpoint())):
        for _ in range(9):
            again.update()
        others = Run(experiment)
        while others.updates < 22:
            others.update(22 - others.updates)
        torch.testing.assert_close(weights(again), weights(others), rtol=0, atol=0)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("first", "then"), [("torch", "compiled"), ("compiled", "torch")])
def test_either_engine_goes_on_from_a_checkpoint_of_the_other(optimizer, first, then):
    experiment = SHORT.changed(optimizer=optimizer)
    run = Run(experiment.changed(engine=first))
    for _ in range(5):
        run.update()
    alone = Run(experiment.changed(engine=first), run.checkpoint())
    other = Run(experiment.changed(engine=then), run.checkpoint())
    for _ in range(5):
        alone.update(), other.update()
    assert (alone.step.name, other.step.name) == (first, then)
    torch.testing.assert_close(weights(other), weights(alone), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({}, "compiled"),
        ({"engine": "torch"}, "torch"),
        ({"gradient": "implicit"}, "torch"),
        ({"jacobian_penalty": 0.1}, "torch"),
        ({"hidden": (64,) * 6, "batch": 2000}, "torch"),
        ({"hidden": (64,) * 6, "batch": 2000, "engine": "compiled"}, "compiled"),
    ],
)
def test_the_engine_is_what_was_asked_for_or_the_one_that_serves(changed, name):
    assert Run(Experiment().changed(**changed).fitted()).step.name == name


def test_a_loss_or_an_optimizer_that_the_kernel_does_not_know_is_left_to_pytorch(monkeypatch):
    monkeypatch.setitem(LOSSES, "of_tomorrow", LOSSES["mean_squared"])
    assert Run(Experiment().changed(loss="of_tomorrow")).step.name == "torch"


# Where it is kept.


def test_what_cannot_be_had_is_told_once_and_runs_go_on(monkeypatch, caplog):
    monkeypatch.setattr("fbviz.learning.compiled.loading.ENTRY", "fbviz.no_such_module")
    kernel = Kernel()
    monkeypatch.setattr("fbviz.learning.compiled.update.KERNEL", kernel)
    for _ in range(2):
        assert Run(Experiment().changed(engine="compiled")).step.name == "torch"
    assert "no_such_module" in kernel.broken
    assert caplog.text.count("PyTorch alone") == 1


def test_who_is_in_a_hurry_does_not_wait_for_it(monkeypatch):
    kernel = Kernel()
    kernel.patient = False
    monkeypatch.setattr("fbviz.learning.compiled.update.KERNEL", kernel)
    assert Run(Experiment()).step.name == "torch"
    kernel.load()
    assert Run(Experiment()).step.name == "compiled"


def elsewhere(**changed):
    """The engine of a run in a process of its own, and what it says, with these variables of the environment."""
    program = (
        "from fbviz.learning.run import Run; from fbviz.experiment import Experiment as E; print(Run(E()).step.name)"
    )
    env = {name: value for name, value in os.environ.items() if name not in changed} | {
        name: value for name, value in changed.items() if value is not None
    }
    return subprocess.Popen(
        [sys.executable, "-c", program], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_without_a_home_it_is_compiled_all_the_same():
    told, _ = elsewhere(FBVIZ_CACHE="/proc/none", HOME=None).communicate()
    assert told.strip() == "compiled"


def test_two_that_begin_at_once_fill_one_cache(tmp_path):
    both = [elsewhere(FBVIZ_CACHE=str(tmp_path)) for _ in range(2)]
    assert [process.communicate()[0].strip() for process in both] == ["compiled", "compiled"]
    assert len(list(tmp_path.rglob("*.nbc"))) == len(list(tmp_path.rglob("*.nbi")))


def test_a_cache_that_is_spoiled_is_made_anew_or_left(tmp_path):
    elsewhere(FBVIZ_CACHE=str(tmp_path)).communicate()
    for path in tmp_path.rglob("*.nb?"):
        path.write_bytes(b"no cache")
    told, _ = elsewhere(FBVIZ_CACHE=str(tmp_path)).communicate()
    assert told.strip() in ("compiled", "torch")


def test_the_kernel_is_here():
    assert KERNEL.ready(), KERNEL.broken


# What is looked at.

LOOKED = [
    {},
    {"damping": 0.4, "loss_steps": "last"},
    {"task": "parity"},
    {"task": "three"},
    {"hidden": (5, 4), "steps": 1},
]


@pytest.mark.parametrize("changed", LOOKED, ids=str)
@pytest.mark.parametrize("feedback", ["output", "hidden"])
def test_it_sees_what_pytorch_sees(feedback, changed):
    """‖∂L/∂s_t‖ and ∂s_T/∂s_{T−1}, also where its own gradient is truncated."""
    settings = changed | {"feedback": feedback, "gradient": "truncated", "truncation": 2}
    run = Run(SHORT.changed(**settings))
    other = Run(SHORT.changed(**settings, engine="torch"), run.checkpoint())
    x, y = (part[:50] for part in run.train_examples)

    assert (run.step.name, other.step.name) == ("compiled", "torch")
    torch.testing.assert_close(run.step.pulls(x, y), other.step.pulls(x, y), rtol=1e-4, atol=1e-7)
    with torch.no_grad():
        torch.testing.assert_close(run.step.jacobian(x), other.step.jacobian(x), rtol=1e-4, atol=1e-5)
