import itertools
import math

import numpy as np
import pytest
import torch

from fbviz.chapters.closing_the_loop.sequence_table import Ensemble
from fbviz.chapters.closing_the_loop.twins import Twins
from fbviz.chapters.closing_the_loop.twins import holds as verdicts
from fbviz.chapters.closing_the_loop.values import LONG, LOOPS, ROWS, SEEDS, SETTINGS, TRAINED, Row
from fbviz.examples import draw
from fbviz.experiment import Experiment
from fbviz.learning import metrics, probes
from fbviz.learning.run import Run
from fbviz.learning.training import train
from fbviz.montage import HIGH, SIDE, montage
from fbviz.tasks import TASKS
from fbviz.worker.evaluation import judged
from tests.learning.runners import Asking, frames, played


def last(program, query="", **more):
    *_, frame = frames(program, query, **more)
    return frame


def by_hand(run, x):
    """The network over x (T, N, n), in numpy and float64: the outputs u (T, N, k), the states s (T, N, r)."""
    weights = [
        (layer.weight.detach().double().numpy(), layer.bias.detach().double().numpy()) for layer in run.network.layers
    ]
    B, alpha = run.network.back.weight.detach().double().numpy(), run.experiment.feedback.gain
    kind, read = run.experiment.feedback.feedback, run.experiment.task.outputs
    s, outputs, states = np.zeros((x.shape[1], B.shape[1])), [], []
    for x_t in x:
        h = x_t + alpha * s @ B.T if kind == "output" else x_t
        z = h @ weights[0][0].T + weights[0][1]
        h = np.tanh(z + alpha * s @ B.T if kind == "hidden" else z)
        u = h @ weights[1][0].T + weights[1][1]
        s = np.tanh(u) if kind == "output" else h
        outputs.append(u[:, :read])
        states.append(s)
    return np.array(outputs), np.array(states)


# The loop, step by step.


@pytest.mark.parametrize("feedback", ["output", "hidden"])
def test_what_is_shown_of_step_t_is_the_network_unrolled_by_hand(feedback):
    query = f"feedback={feedback}&updates=20&points=60&task=xor"
    shown = last("unrolled", query, values={"t": 9})
    experiment, _ = Experiment.from_query(dict(pair.split("=") for pair in query.split("&")))
    run = Run(experiment)
    for _ in range(20):
        run.update()
    _, (x, y) = draw(experiment.data)
    u, s = by_hand(run, np.broadcast_to(x, (64, *x.shape)))
    moved = np.linalg.norm(np.diff(s, axis=0, prepend=0 * s[:1]), axis=2).mean(1)

    np.testing.assert_allclose(shown.arrays["unrolled.residuals"], moved, atol=1e-5)
    np.testing.assert_allclose(shown.arrays["unrolled.score"], ((u > 0) == (y > 0)).mean((1, 2)), atol=1e-6)
    low, high = experiment.task.domain
    place = np.array([[low + (high - low) * 40 / 49, low + (high - low) * 11 / 49]])
    p = 1 / (1 + np.exp(-by_hand(run, np.broadcast_to(place, (9, 1, 2)))[0][-1, 0, 0]))
    assert shown.arrays["unrolled.field"][11, 40] == pytest.approx(255 * p, abs=1.01)
    corner = np.broadcast_to(np.array([[low, low]]), (9, 1, 2))
    units = shown.arrays["unrolled.units"]
    assert units[len(units) - HIGH, 0] == pytest.approx(by_hand(run, corner)[1][-1, 0, 0], abs=1e-5)


def test_a_moved_step_is_answered_after_training_without_another_update():
    shown = list(frames("unrolled", "updates=5&points=20", then=[{"t": 30}, {"t": 64}]))[-3:]

    assert [(f.arrays["unrolled.t"][0], f.facts["update"], f.facts["idle"]) for f in shown] == [
        (1, 5, True),
        (30, 5, True),
        (64, 5, True),
    ]


def test_a_moved_step_is_answered_while_training_stands_still():
    runner = Asking({"t": 1})
    pulled = played("unrolled", "updates=5&points=20", runner)
    first = next(pulled)
    runner.values["t"] = 12
    second = next(pulled)

    assert (first.arrays["unrolled.t"][0], second.arrays["unrolled.t"][0]) == (1, 12)
    assert first.facts["update"] == second.facts["update"] == 0


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("feedback", ["none", "output", "hidden"])
def test_every_task_can_be_looked_at_step_by_step(task, feedback):
    experiment = Experiment().changed(task=task, feedback=feedback).fitted()
    shown = last("unrolled", f"task={task}&feedback={feedback}&updates=2&points=20&loss={experiment.loss.loss}")

    assert shown.arrays["unrolled.residuals"].shape == shown.arrays["unrolled.score"].shape == (64,)
    assert np.isfinite(shown.arrays["unrolled.score"]).all()


def test_a_run_that_breaks_ends_with_its_reason():
    query = "activation=linear&gain=4&steps=64&weight_scale=8&loss=mean_squared&learning_rate=10"

    assert last("unrolled", query).facts["ended"]["word"] == "diverged"


def test_a_montage_keeps_every_field_where_it_belongs():
    fields = np.arange(6 * SIDE * SIDE, dtype=np.float32).reshape(6, SIDE, SIDE)
    shown = montage(fields)

    assert shown.shape == (2 * HIGH, 4 * SIDE + 3)
    np.testing.assert_array_equal(shown[HIGH : HIGH + SIDE, :SIDE], fields[0])
    np.testing.assert_array_equal(shown[:SIDE, SIDE + 1 : 2 * SIDE + 1], fields[5])


# Twins.


def weights(run):
    return [p.detach().clone() for p in run.network.parameters()]


@pytest.mark.parametrize("settings", [{}, {"task": "delay", "feedback": "output"}, {"jacobian_penalty": 0.1}])
def test_the_twin_without_a_loop_is_a_plain_run_bit_for_bit(settings):
    experiment = Experiment().changed(updates=25, points=60, **settings)
    shown = last("twins", "&".join(f"{k}={v}" for k, v in experiment.to_query().items()))
    *_, alone = train(experiment.without_loop(), show=lambda update: False)

    assert experiment.without_loop().feedback.gain == 0
    assert shown.arrays["twins.plain.train_loss"][-1] == alone.train_loss
    assert shown.arrays["twins.plain.test_loss"][-1] == alone.test_loss
    np.testing.assert_array_equal(shown.arrays["twins.plain.boundary"], alone.boundary)


def test_the_twin_with_the_loop_is_the_experiment_bit_for_bit():
    shown = last("twins", "updates=25&points=60")
    *_, alone = train(Experiment().changed(updates=25, points=60), show=lambda update: False)

    assert shown.arrays["twins.loop.test_loss"][-1] == alone.test_loss
    np.testing.assert_array_equal(shown.arrays["twins.loop.boundary"], alone.boundary)


def test_twins_begin_alike_and_learn_from_the_same_batches():
    experiment = Experiment().changed(points=60, feedback="output", jacobian_penalty=0.1)
    one, other = Run(experiment.without_loop()), Run(experiment)
    for a, b in zip(weights(one), weights(other), strict=True):
        assert torch.equal(a, b)
    pair = Twins(one, other)
    for _ in range(7):
        pair.advance()
    for _ in range(5):
        for a, b in zip(one.batch(), other.batch(), strict=True):
            assert torch.equal(a, b)


def test_a_twin_measures_what_the_claims_are_about():
    experiment = Experiment().changed(points=60, updates=40, learning_rate=1.0)
    twins, run, looks, norms = Twins(Run(experiment)), Run(experiment), [], []
    for _ in range(40):
        twins.advance()
        run.update()
        norms.append(torch.cat([p.grad.flatten() for p in run.network.parameters()]).norm().item())
        if run.updates % 10 == 0:
            x, y = run.train_examples
            looks.append(run.objective.losses(run.network(run.network.over_time(x)).outputs, y).mean().item())
    [(twin, measures)] = twins.measured.items()
    measured = measures.numbers(probes.snapshot(twin))

    assert measured["gradient"] == pytest.approx(np.mean(norms), rel=1e-5)
    assert measured["gradient_spread"] == pytest.approx(np.std(norms), rel=1e-4)
    assert measured["jump"] == pytest.approx(max(0, *np.diff(looks)), rel=1e-5)
    assert measured["milliseconds"] > 0


EVEN = {
    "train_loss": 1.0,
    "score": 0.9,
    "gap": 0.05,
    "jump": 0.1,
    "gradient": 1.0,
    "gradient_spread": 0.5,
    "milliseconds": 2.0,
}


@pytest.mark.parametrize(
    ("loop", "holds"),
    [
        ({}, [0, 0, 0, 0, 0]),
        ({"train_loss": 0.9, "jump": 0.2, "gradient_spread": 0.6, "milliseconds": 3.0}, [1, 0, 1, 1, 1]),
        (
            {"train_loss": 0.99, "jump": 0.101, "gradient_spread": 0.51, "milliseconds": 2.05},
            [0, 0, 0, 0, 0],
        ),  # the same
        ({"gradient": 2.0, "gradient_spread": 1.0}, [0, 0, 0, 0, 0]),  # relative to its mean
        ({"score": 0.95, "gap": 0.02}, [0, 1, 0, 0, 0]),
        ({"score": 0.95, "gap": 0.1}, [0, 0, 0, 0, 0]),  # it fits its training examples more than it has learned
        ({"score": 0.85, "gap": 0.0}, [0, 0, 0, 0, 0]),
        ({"milliseconds": math.nan}, [math.nan] * 5),  # before the first update
    ],
)
def test_a_verdict_on_twins_is_one_that_can_be_signed(loop, holds):
    np.testing.assert_array_equal(verdicts(EVEN, EVEN | loop), holds)


def test_where_nothing_returns_the_twin_hears_its_answer():
    assert last("twins", "feedback=none&updates=3&points=20").facts["twins"]["difference"] is not None


# The table of sequences.


def test_runs_trained_together_are_the_runs_trained_alone():
    rows = [Row(task, "spare").experiment.changed(points=100, batch=30) for task in ("parity", "delay")]
    experiments = [row.changed(seed=seed) for row in rows for seed in (3, 4)]
    together = Ensemble(experiments)
    alone = Run(experiments[2])
    for _ in range(40):
        together.update()
        alone.update()

    for name, stacked in together.parameters.items():
        torch.testing.assert_close(stacked[2], alone.network.get_parameter(name), rtol=1e-3, atol=1e-4)
    x, y = alone.test_examples
    with torch.no_grad():
        right = (alone.network(x.transpose(0, 1)).outputs > 0) == (y.transpose(0, 1) > 0)
    assert together.accuracy(TRAINED)[2] == pytest.approx(right.float().mean().item(), abs=2e-3)


def test_a_row_is_an_experiment_that_a_link_can_carry():
    for row in ROWS:
        experiment, notices = Experiment.from_query(row.experiment.to_query())
        assert experiment == row.experiment
        assert not notices
    assert len(set(ROWS)) == 3 * len(LOOPS)


def alone(row, seed):
    """What the plain train() reaches on the row's own link: accuracy at length 40."""
    experiment, _ = Experiment.from_query(row.experiment.to_query() | {"seed": str(seed)})
    run = Run(experiment)
    for _ in range(experiment.training.updates):
        run.update()
    _, (x, y) = draw(experiment.changed(length=LONG).data)
    with torch.no_grad():
        said = run.network(torch.tensor(x).float().transpose(0, 1)).outputs
    return ((said.transpose(0, 1).numpy() > 0) == (y > 0)).mean()


CLAIMS = [
    ("flip_flop", "answer", 0.98, 1.0),
    ("parity", "answer", 0.98, 1.0),
    ("delay", "spare", 0.98, 1.0),
    ("delay", "answer", 0.0, 0.75),
    ("flip_flop", "nothing", 0.0, 0.75),
    ("parity", "nothing", 0.0, 0.75),
    ("delay", "nothing", 0.0, 0.75),
]


@pytest.mark.parametrize(("task", "loop", "least", "most"), CLAIMS)
def test_a_loop_remembers_what_returns_over_sequences_five_times_as_long(task, loop, least, most):
    """Trained one by one, as the Playground does."""
    for seed in range(SEEDS):
        assert least <= alone(Row(task, loop), seed) <= most


@pytest.mark.parametrize(("task", "loop", "least", "most"), CLAIMS)
def test_the_table_says_the_same(task, loop, least, most):
    row = Row(task, loop).experiment
    together = Ensemble([row.changed(seed=seed) for seed in range(SEEDS)])
    for _ in range(row.training.updates):
        together.update()

    assert all(least <= share <= most for share in together.accuracy(LONG))


def test_the_table_fills_loop_by_loop(monkeypatch):
    monkeypatch.setitem(SETTINGS, "updates", 2)
    seen = list(frames("sequence_table"))
    shown = [f.arrays for f in seen]
    filled = [np.isfinite(f["sequence_table.40.mean"]).sum() for f in shown]

    assert filled[0] == 0
    assert filled == sorted(filled)
    assert filled[-1] == len(ROWS)
    assert (shown[-1]["sequence_table.done"] == 1).all()
    assert (shown[-1]["sequence_table.8.sd"] >= 0).all()
    assert [f.facts["share"] for f in seen] == pytest.approx(np.arange(len(seen)) / (len(seen) - 1))


# Evaluation.


@pytest.mark.parametrize("present", [(0, 1, 2), (0, 2), (1,)])
def test_scores_of_classes_are_those_of_scikit_learn(present):
    """Also where a class is never there, or never said."""
    from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

    rng = np.random.default_rng(1)
    for true, said in itertools.product([rng.choice(present, 50)], [rng.integers(0, 3, 50), np.zeros(50, int)]):
        table = metrics.confusion(torch.tensor(said), torch.tensor(true), 3)
        kwargs = {"labels": [0, 1, 2], "zero_division": 0}

        np.testing.assert_array_equal(table, confusion_matrix(true, said, labels=[0, 1, 2]))
        by_class = precision_recall_fscore_support(true, said, **kwargs)
        averaged = precision_recall_fscore_support(true, said, average="macro", **kwargs)
        for name, values, mean in zip(("precision", "recall", "f1"), by_class, averaged, strict=False):
            np.testing.assert_allclose(metrics.report(table)[name], values)
            assert metrics.macro(table)[name] == pytest.approx(mean)
        assert metrics.accuracy(table) == pytest.approx(accuracy_score(true, said))


@pytest.mark.parametrize("task", ["circle", "three", "parity"])
def test_the_confusion_matrix_is_that_of_the_answers(task):
    from sklearn.metrics import confusion_matrix

    run = Run(Experiment().changed(task=task, points=100))
    x, y = run.test_examples
    with torch.no_grad():
        u = run.network(run.network.over_time(x)).outputs
    u = u.transpose(0, 1) if task == "parity" else u[-1]
    if task == "three":
        said, true = u.argmax(-1), y.argmax(-1)
    else:
        said, true = u[..., 0] > 0, y[..., 0] > 0
    scores, arrays = judged(run)

    np.testing.assert_array_equal(arrays["evaluation.confusion"], confusion_matrix(true.flatten(), said.flatten()))
    assert arrays["evaluation.accuracy"][0] == pytest.approx((said == true).float().mean().item())
    assert arrays["evaluation.f1"][-1] == pytest.approx(scores.f1)


def test_values_have_no_classes():
    shown = last("evaluation", "task=bumps&loss=mean_squared&updates=2&points=40")

    assert np.isnan(shown.arrays["evaluation.confusion"]).all()
    assert np.isnan(shown.facts["scores"]["f1"])


def test_evaluation_trains_as_training_does():
    one, other = last("evaluation", "updates=12&points=40"), last("training", "updates=12&points=40")

    assert one.arrays["history.train_loss"][-1] == other.arrays["history.train_loss"][-1]
    assert one.arrays["evaluation.accuracy"][0] == pytest.approx(other.facts["metrics"]["accuracy"])
