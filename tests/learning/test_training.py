import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from sklearn.linear_model import LogisticRegression

from fbviz.choices import ACTIVATIONS, FEEDBACKS, LOSSES, OPTIMIZERS
from fbviz.examples import draw
from fbviz.experiment import Experiment
from fbviz.learning import metrics, penalties
from fbviz.learning.gradients import jacobian, spectral_radius
from fbviz.learning.networks import FeedbackNetwork
from fbviz.learning.run import Run
from fbviz.learning.training import advance, every, train
from fbviz.snapshot import ENDINGS
from tests.strategies import experiments

SHORT = Experiment().changed(updates=12, points=40)


def never(update):
    return False


def numbers(snapshot):
    """A snapshot without what cannot be compared by ==."""
    plain = {name: getattr(snapshot, name) for name in ("update", "train_loss", "test_loss", "metrics")}
    seen = {"boundary": snapshot.boundary.tobytes(), "W": [W.tobytes() for W in snapshot.weights]}
    return plain | seen | {"history": repr(snapshot.history)}


@pytest.mark.parametrize("settings", [{}, {"jacobian_penalty": 0.5}, {"task": "parity"}, {"patience": 500}])
def test_a_run_gives_the_same_numbers_however_often_it_is_watched(settings):
    experiment = SHORT.changed(**settings)
    often = {s.update: numbers(s) for s in train(experiment, show=every(1))}
    seldom = {s.update: numbers(s) for s in train(experiment, show=every(5))}

    assert seldom == {update: often[update] for update in (5, 10, 12)}


def test_the_untrained_network_can_be_shown():
    assert [s.update for s in train(SHORT, show=lambda update: update in (0, 3))] == [0, 3, 12]


@pytest.mark.parametrize("feedback", FEEDBACKS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("stop", [4, 5])
def test_a_run_that_stopped_goes_on_as_if_it_had_not(optimizer, feedback, stop):
    """Inside an epoch and at its end."""
    experiment = SHORT.changed(optimizer=optimizer, feedback=feedback, batch=5, points=40)
    straight = [numbers(s) for s in train(experiment)]
    run = Run(experiment)
    for _ in range(stop):
        advance(run)
    mark = run.checkpoint()
    advance(run)

    assert [numbers(s) for s in train(experiment, start=mark)] == straight[stop:]


def test_a_branch_may_learn_at_another_rate():
    run = Run(SHORT)
    run.update()
    branch = Run(SHORT.changed(learning_rate=1e-4), run.checkpoint())

    assert {group["lr"] for group in branch.step.optimizer.param_groups} == {1e-4}


def test_an_epoch_sees_each_example_once():
    run = Run(SHORT.changed(batch=3, points=40))
    seen = torch.cat([run.batch()[0] for _ in range(7)])

    assert sorted(map(tuple, seen.tolist())) == sorted(map(tuple, run.train_examples[0].tolist()))


def test_logistic_regression_with_l2_has_the_coefficients_of_scikit_learn():
    experiment = Experiment().changed(
        task="article", hidden=(), feedback="none", steps=1, l2=0.25, optimizer="sgd", learning_rate=0.1, updates=20_000
    )
    (x, y), _ = draw(experiment.data)
    known = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(x, y[:, 0])  # C = 1 / (λ₂ N)
    *_, last = train(experiment, show=never)

    np.testing.assert_allclose(last.weights[0], known.coef_, atol=1e-3)
    np.testing.assert_allclose(last.biases[0], known.intercept_, atol=1e-3)
    np.testing.assert_allclose(known.coef_, [[0.6806833, 0.6806833]], atol=1e-5)


def test_the_default_experiment_learns_its_circle():
    accuracy = [s.metrics["accuracy"] for s in train(Experiment().changed(updates=500), show=every(100))]

    assert max(accuracy) >= 0.99


# Endings.


def ending(**settings):
    *_, last = train(Experiment().changed(**settings), show=never)
    return last


def test_a_run_finishes():
    last = ending(updates=12)
    assert (last.update, last.ended.word, str(last.ended.sentence)) == (12, "finished", "It made all its 12 updates.")


def test_a_run_ends_at_its_target():
    last = ending(target_loss=0.2, updates=2000)
    assert last.ended.word == "converged"
    assert last.test_loss < 0.2


def test_a_run_ends_when_it_no_longer_improves():
    last = ending(patience=100, updates=5000, noise=0.4, hidden=(30,), learning_rate=0.1)
    assert last.ended.word == "plateau"
    assert last.update < 5000


def test_a_run_that_blows_up_says_where():
    last = ending(activation="linear", gain=4.0, steps=64, weight_scale=8.0, loss="mean_squared", learning_rate=10.0)
    assert last.ended.word == "diverged"
    assert last.ended.values["layer"] in last.gradient_norms


def broken(run, what):
    """The layers whose weights or gradients are not finite, in the order in which the gradient comes to them."""
    named = run.network.matrices()
    depth = len(run.network.layers) - 1
    order = ["output", *(f"layer {i}" for i in range(depth, 0, -1)), "feedback"]
    modules = {"output": run.network.layers[-1], "feedback": run.network.back}
    modules |= {f"layer {i}": layer for i, layer in enumerate(run.network.layers[:-1], start=1)}
    return [n for n in order if n in named and not all(what(p).isfinite().all() for p in modules[n].parameters())]


def largest(run):
    """The layer of the largest weight, where all gradients are finite, and only the loss was too large."""
    return max(run.network.way_back().items(), key=lambda layer: max(p.abs().max().item() for p in layer[1]))[0]


def first_broken(run):
    """Advance a run to its end, looking at every gradient as it comes and at every weight after the step."""
    seen, ended = [], None
    hooks = run.step.optimizer.register_step_pre_hook(lambda *_: seen.append(broken(run, lambda p: p.grad)))
    while ended is None:
        ended = advance(run)
        seen.append(broken(run, lambda p: p.detach()) or broken(run, lambda p: p.grad))
    hooks.remove()
    return ended, next((layers[0] for layers in seen if layers), None)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(
    "settings", [{}, {"clip": 1.0}, {"l2": 1.0, "feedback": "output"}, {"hidden": (4, 4)}], ids=str
)
def test_what_diverges_names_the_layer_that_broke_first_on_the_way_back(loss, settings):
    wild = {"points": 10, "steps": 20, "weight_scale": 8.0, "gain": 4.0, "learning_rate": 10.0, "updates": 6}
    told = []
    for optimizer, act in itertools.product(OPTIMIZERS, ("linear", "relu", "gelu")):
        run = Run(Experiment().changed(loss=loss, optimizer=optimizer, activation=act, **wild | settings))
        ended, layer = first_broken(run)
        if ended.word == "diverged":
            told.append((ended.values["layer"], layer or largest(run)))
            assert f"first in {told[-1][1]}." in str(ended.sentence)
        else:
            assert layer is None

    assert len(told) > 2
    assert [said for said, _ in told] == [true for _, true in told]


def test_where_all_is_finite_but_the_objective_the_largest_weights_are_named():
    run = Run(Experiment().changed(l2=1.0, hidden=(4, 4)))
    with torch.no_grad():
        run.network.layers[1].weight[0, 0] = 1e20  # its square is past float32
        run.network.layers[2].weight.zero_()

    assert advance(run).values == {"update": 1, "layer": "layer 2"}


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("xp", [np, torch], ids=["numpy", "torch"])
def test_an_activation_hands_on_what_is_no_number(name, xp):
    z = np.array([np.nan]) if xp is np else torch.tensor([math.nan])
    assert math.isnan(ACTIVATIONS[name].f(z, xp).item())


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_of_an_answer_that_is_no_number_is_none(name):
    u = torch.full((1, 1), math.nan)
    assert math.isnan(LOSSES[name].of(u, torch.ones(1, 1), torch).item())


def test_an_implicit_gradient_without_a_fixed_point_is_refused():
    last = ending(gradient="implicit", feedback="output", weight_scale=8.0, gain=4.0, task="spiral")
    assert last.ended.word == "no_fixed_point"


@settings(max_examples=60)
@given(experiments(points=60, updates=10, width=12, hidden=12, steps=8, length=8))
def test_any_experiment_trains_ten_updates_or_ends_with_a_reason(experiment):
    *_, last = train(experiment.changed(updates=min(10, experiment.training.updates)), show=every(4))

    assert last.ended.word in ENDINGS
    assert last.ended.sentence.say()


# What is paid, and what is held.


def test_penalties_are_those_of_the_formulas():
    run = Run(Experiment().changed(l1=0.3, l2=0.2, feedback="output"))
    weights = torch.cat([W.flatten() for W in run.network.matrices().values()])
    expected = 0.3 * weights.abs().sum() + 0.1 * (weights**2).sum()

    torch.testing.assert_close(
        penalties.of(run.network, run.experiment.loss, run.train_examples[0], run.dice), expected
    )


def test_the_jacobian_penalty_is_the_squared_norm_of_the_jacobian_on_average():
    experiment = Experiment().changed(feedback="hidden", hidden=(4,), gain=2.0)
    network, dice = FeedbackNetwork(experiment), torch.Generator().manual_seed(0)
    x = torch.randn(2000, 2, generator=dice)
    heard = network.over_time(x)
    exact = jacobian(network, x, network(heard[:-1]).states[-1]).pow(2).sum((1, 2)).mean()

    assert penalties.jacobian_norm(network, x, dice).item() == pytest.approx(exact.item(), rel=0.05)


@pytest.mark.parametrize("feedback", ["output", "hidden"])
@pytest.mark.parametrize("act", ["tanh", "gelu", "relu"])
def test_a_held_loop_stays_stable_while_it_learns(feedback, act):
    experiment = Experiment().changed(
        task="spiral",
        feedback=feedback,
        activation=act,
        spectral_norm=0.9,
        gain=3.0,
        weight_scale=3.0,
        hidden=(8, 8),
        learning_rate=0.1,
    )
    run = Run(experiment)
    x = torch.randn(100, 2, generator=torch.Generator().manual_seed(0)) * 2
    for _ in range(50):
        run.update()
        s = torch.randn(100, run.network.state_size)
        assert spectral_radius(jacobian(run.network, x, s)).max() < 0.9 + 1e-5


# Metrics.


def test_metrics_are_those_of_scikit_learn():
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, r2_score

    rng = np.random.default_rng(0)
    true, said = rng.integers(0, 3, 200), rng.integers(0, 3, 200)
    table = metrics.confusion(torch.tensor(said), torch.tensor(true), 3)
    report = metrics.report(table)

    np.testing.assert_array_equal(table, confusion_matrix(true, said))
    for name, values in zip(("precision", "recall", "f1"), precision_recall_fscore_support(true, said), strict=False):
        np.testing.assert_allclose(report[name], values)
    u, y = torch.tensor(rng.normal(size=(50, 1))), torch.tensor(rng.normal(size=(50, 1)))
    assert Experiment().changed(task="plane").task.kind.judge(u, y) == pytest.approx(r2_score(y, u))


@pytest.mark.parametrize("y", [torch.zeros(0, 1), torch.rand(1, 1), torch.full((7, 1), 0.1), torch.full((400, 1), 0.7)])
def test_r2_of_values_that_do_not_differ_is_undefined(y):
    assert math.isnan(Experiment().changed(task="plane").task.kind.judge(torch.rand_like(y), y))


@pytest.mark.parametrize("u", [1e30, math.inf, math.nan])
def test_r2_of_answers_past_counting_is_undefined(u):
    y = torch.rand(7, 1)
    assert math.isnan(Experiment().changed(task="plane").task.kind.judge(torch.full_like(y, u), y))


def test_the_accuracy_of_nothing_is_undefined():
    assert math.isnan(Experiment().task.kind.judge(torch.zeros(0, 1), torch.zeros(0, 1)))
    assert math.isnan(metrics.accuracy(torch.zeros(2, 2)))


# Probes.


def test_a_row_of_the_history_is_what_a_snapshot_of_that_update_says():
    experiment = SHORT.changed(hidden=(5, 4), feedback="output")
    *_, last = shown = list(train(experiment))

    assert [row["update"] for row in last.history] == list(range(13))
    for snapshot, row in zip(shown, last.history[1:], strict=True):
        assert row["test_loss"] == pytest.approx(snapshot.test_loss)
        assert row["train_accuracy"] == snapshot.metrics["train_accuracy"]
        assert row["gradient feedback"] == snapshot.gradient_norms["feedback"]


def test_a_snapshot_is_whole():
    *_, last = train(SHORT.changed(hidden=(5, 4)), show=never)

    assert last.boundary.shape == (50, 50)
    assert [len(n) for n in last.neurons] == [2, 5, 4, 1]
    assert list(last.gradient_norms) == ["layer 1", "layer 2", "output", "feedback"]
    assert len(last.step_gradient_norms) == len(last.residuals) == 5
    assert 0 <= last.spectral_radius < 1


def test_the_boundary_is_what_the_network_says():
    experiment = SHORT.changed(feedback="output")
    run = Run(experiment)
    *_, last = train(experiment, show=never)
    for _ in range(12):
        run.update()
    low, high = experiment.task.domain
    row, column = 11, 40
    place = torch.tensor([[low + (high - low) * column / 49, low + (high - low) * row / 49]])
    with torch.no_grad():
        p = run.network(run.network.over_time(place)).outputs[-1].sigmoid().item()

    assert last.boundary[row, column] == pytest.approx(255 * p, abs=1.01)


def test_step_gradients_are_finite_differences_of_the_loss():
    """The loss of a state nudged by h in the direction of its gradient rises by h times the norm."""
    experiment = SHORT.changed(feedback="hidden", steps=3, weight_scale=3.0, loss_steps="last")
    [first] = [s for s in train(experiment, show=lambda u: u == 0) if s.update == 0]
    run = Run(experiment)
    run.network.double()
    x, y = (part.double() for part in run.train_examples)
    heard = run.network.over_time(x)
    for t in range(3):
        s = run.network.start(heard)
        for i in range(t):
            s = run.network.step(heard[i], s)[1]
        s = s.detach()

        def loss(s, t=t):
            for i in range(t, 3):
                u, s = run.network.step(heard[i], s)
            return run.objective.losses(u[None], y).mean()

        direction = torch.autograd.grad(loss(s.requires_grad_()), s)[0]
        unit = direction / direction.norm()
        with torch.no_grad():
            slope = (loss(s + 1e-4 * unit) - loss(s - 1e-4 * unit)) / 2e-4
        assert first.step_gradient_norms[t] == pytest.approx(slope.item(), rel=1e-3)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU on this machine")
def test_a_gpu_learns_what_a_cpu_learns():
    last = {d: [*train(SHORT.changed(device=d), show=never)][-1] for d in ("cpu", "cuda:0")}

    assert last["cuda:0"].device == "cuda:0"
    assert last["cuda:0"].train_loss == pytest.approx(last["cpu"].train_loss, rel=1e-3)


def test_a_gpu_that_is_not_here_is_the_cpu():
    *_, last = train(SHORT.changed(device="cuda:7"), show=never)

    assert last.device == "cpu"
