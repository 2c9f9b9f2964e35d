"""A second network, a second way of updating, a third kind of task: one file and one entry each, and all goes on."""

import numpy as np
import pytest
import torch
from torch import nn

from fbviz.chapters.closing_the_loop.sequence_table import Ensemble
from fbviz.chapters.closing_the_loop.values import Row
from fbviz.chapters.figures import FIGURES
from fbviz.choices import FEEDBACKS, OPTIMIZERS
from fbviz.experiment import Experiment
from fbviz.figures.plane import bands, class_colours
from fbviz.learning import update
from fbviz.learning.gradients import jacobian, spectral_radius
from fbviz.learning.networks import NETWORKS, Network, serves
from fbviz.learning.run import Run
from fbviz.learning.training import every, train
from fbviz.picture import FIELD, Picture, lined
from fbviz.tasks import TASKS
from fbviz.tasks.kinds import CLASSES, Kind, levels
from tests.learning.runners import frames

PLAYGROUND = ("boundary", "network", "losses", "gradients", "steps", "neuron")


def drawn(picture, *names):
    """Figures as the browser gets them, checked by Plotly."""
    return {name: FIGURES[name].f(picture).to_json() for name in names}


def aside(monkeypatch, table, name):
    """Let a test enter `name` in a table; afterwards it is not there."""
    monkeypatch.setitem(table, name, None)
    del table[name]


# A network of another class.


@pytest.fixture
def gated(monkeypatch):
    """A choice of feedback whose network lets a gate decide how far its state moves (Cho et al. 2014, in short)."""
    for table in (FEEDBACKS, NETWORKS):
        aside(monkeypatch, table, "gated")

    @FEEDBACKS.add(label="gated", source=-2, target=1)
    def gated():
        """A gate decides how far the state moves."""

    @serves("gated")
    class Gated(Network):
        def __init__(self, experiment):
            super().__init__(experiment)
            n, r, k = experiment.sizes
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(experiment.training.seed)
                self.layers = nn.ModuleList([nn.Linear(n, r), nn.Linear(r, k)])
                self.back = nn.Linear(r, r, bias=False)
                self.gate = nn.Linear(n + r, r)

        def parts(self):
            candidate, out = self.layers
            return {"layer 1": candidate, "output": out, "gate": self.gate, "feedback": self.back}

        def turn(self, x, s):
            z = torch.sigmoid(self.gate(torch.cat([x, s], -1)))
            s = torch.lerp(s, torch.tanh(self.layers[0](x) + self.back(s)), z)
            return [s, self.layers[1](s)], s

        def hold(self, norm):
            raise NotImplementedError

    return Experiment().changed(feedback="gated", updates=120, learning_rate=0.02)


@pytest.mark.parametrize("task", ["circle", "three", "bumps", "parity"])
def test_a_network_of_another_class_trains_and_is_drawn(gated, task):
    *_, last = train(gated.changed(task=task).fitted(), show=every(60))

    assert last.ended.word == "finished"
    assert set(last.gradient_norms) == {"layer 1", "output", "gate", "feedback"}
    assert all(norm > 0 for norm in last.gradient_norms.values())
    assert last.train_loss < last.history[0]["train_loss"]
    drawn(Picture.of(last), *PLAYGROUND)


@pytest.mark.parametrize("gradient", ["bptt", "truncated", "implicit"])
def test_every_way_to_a_gradient_goes_through_another_class(gated, gradient):
    *_, last = train(gated.changed(gradient=gradient, truncation=2, jacobian_penalty=0.1), show=every(60))

    assert last.ended.word == "finished"
    assert last.metrics["accuracy"] > 0.8
    assert np.isfinite(last.spectral_radius)


def test_it_goes_on_from_a_checkpoint_with_the_same_numbers(gated):
    run = Run(gated)
    for _ in range(30):
        run.update()
    again = Run(gated, run.checkpoint())
    assert [run.update() for _ in range(20)] == [again.update() for _ in range(20)]


@pytest.mark.parametrize("program", ["twins", "portrait", "spectrum", "stability", "three_gradients", "unrolled"])
def test_chapters_look_into_another_class_as_into_ours(gated, program):
    shown = next(frames(program, "feedback=gated&hidden=4&updates=3"))
    assert shown.arrays


def test_the_jacobian_of_another_class_is_its_own(gated):
    run = Run(gated.changed(hidden=(3,)))
    x, s = run.train_examples[0][:4], torch.rand(4, 3)
    J = jacobian(run.network, x, s)
    h = 1e-3
    for j in range(3):
        e = torch.zeros(3)
        e[j] = h
        with torch.no_grad():
            difference = (run.network.step(x, s + e)[1] - run.network.step(x, s - e)[1]) / (2 * h)
        torch.testing.assert_close(J[..., j], difference, atol=1e-3, rtol=1e-2)
    assert (spectral_radius(J) >= 0).all()


# Another way of updating.


class ByHand(update.Autograd):
    """Logistic regression on all examples by gradient descent, its gradient written down: σ(w x + b) − y."""

    @staticmethod
    def serves(experiment):
        return not experiment.network.hidden and experiment.training.optimizer == "sgd"

    def step(self, x, y):
        (layer,) = self.network.layers
        with torch.no_grad():
            u = layer(x)
            wrong = (torch.sigmoid(u) - (y > 0).float()) / len(x)  # (N, 1)
            layer.weight.grad, layer.bias.grad = wrong.T @ x, wrong.sum(0)
            loss = torch.nn.functional.softplus(-y * u).mean().item()
            for W in layer.parameters():
                W -= self.settings.learning_rate * W.grad
        return loss


def test_another_way_of_updating_is_one_entry_and_says_what_pytorch_says(monkeypatch):
    experiment = Experiment().changed(
        task="gauss", hidden=(), feedback="none", steps=1, optimizer="sgd", batch=2000, updates=100
    )
    *_, expected = train(experiment.changed(engine="torch"), show=every(100))
    monkeypatch.setattr(update, "UPDATES", [ByHand, *update.UPDATES])
    assert isinstance(Run(experiment).step, ByHand)
    *_, found = train(experiment, show=every(100))

    np.testing.assert_allclose(found.weights[0], expected.weights[0], rtol=1e-5)
    for mine, theirs in zip(found.history, expected.history, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-4, abs=1e-6, nan_ok=True)


def test_what_it_does_not_serve_is_updated_by_pytorch(monkeypatch):
    monkeypatch.setattr(update, "UPDATES", [ByHand, *update.UPDATES])
    assert not isinstance(Run(Experiment()).step, ByHand)


# Other tasks, and another kind.


def entered(monkeypatch, name, **facts):
    """A task of that name for the time of a test: points by their angle, in as many sectors as there are outputs."""
    outputs = facts["outputs"]

    def f(n, noise, rng):
        """Sectors of a disc."""
        angle, r = rng.uniform(0, 2 * np.pi, n), rng.uniform(0.3, 1, n)
        sector = (angle / (2 * np.pi) * outputs).astype(int)
        y = np.where(sector[:, None] == np.arange(outputs), 1.0, -1.0) if outputs > 1 else sector[:, None] - 1.0
        return np.stack([r * np.cos(angle), r * np.sin(angle)], 1), y

    f.__name__ = name
    aside(monkeypatch, TASKS, name)
    TASKS.add(**facts)(f)


@pytest.mark.parametrize("classes", [4, 10])
def test_a_task_of_many_classes_trains_and_draws_with_every_figure_that_shows_classes(monkeypatch, classes):
    entered(monkeypatch, "sectors", kind=CLASSES, outputs=classes)
    experiment = Experiment().changed(task="sectors", updates=300, hidden=(16,))
    *_, last = train(experiment, show=every(100))

    assert last.metrics["accuracy"] > 2 / classes
    band = 256 // classes
    assert set(np.unique(last.boundary // band)) <= set(range(classes + 1))
    drawn(Picture.of(last), *PLAYGROUND)
    for program, names in {"evaluation": ["confusion", "class_scores"], "unrolled": ["boundary_at_step"]}.items():
        shown = next(frames(program, "task=sectors&updates=2"))
        drawn(Picture(experiment, shown.arrays), *names)


@pytest.mark.parametrize("classes", [3, 4, 7, 10])
def test_the_colour_of_a_place_is_that_of_its_class_at_every_level(classes):
    """What a field's colour scale says at the level of a certain answer is the colour of the examples of that class."""
    scale = bands(classes)
    for c, colour in enumerate(class_colours(classes)):
        certain = CLASSES.shade(torch.nn.functional.one_hot(torch.tensor([c]), classes) * 100.0)
        at = certain.item() / 255
        assert min(scale, key=lambda stop: abs(stop[0] - at))[1] == colour


@pytest.mark.parametrize("classes", [3, 4, 7])
def test_a_line_is_drawn_where_two_classes_are_as_likely_and_nowhere_else(classes):
    """Along many straight walks over a linear network: between which places it is, and how far from the first."""
    rng = np.random.default_rng(classes)
    u = 4 * (rng.normal(size=(2000, classes, 1)) + rng.normal(size=(2000, classes, 1)) * np.linspace(-6, 6, 50))
    u = u.swapaxes(1, 2)  # (walks, places, classes)
    lines = lined("field", CLASSES.shade(torch.tensor(u)).numpy(), classes)
    P, winner = np.exp(u) / np.exp(u).sum(-1, keepdims=True), u.argmax(-1)
    for c in range(classes - 1):
        side = lines[f"field.{c}"] - 127.5
        np.testing.assert_array_equal(side > 0, winner == c)
        walk, i = np.nonzero(np.diff(winner == c, axis=1))
        other = np.where(winner[walk, i] == c, winner[walk, i + 1], winner[walk, i])
        two = P[walk, i, c] + P[walk, i, other] > 0.98  # no third has a say there
        walk, i, other = walk[two], i[two], other[two]
        d = u[walk, :, c] - u[walk, :, other]
        here = np.arange(len(walk))
        true = d[here, i] / (d[here, i] - d[here, i + 1])
        seen = side[walk, i] / (side[walk, i] - side[walk, i + 1])
        assert len(true) > 100
        assert np.abs(seen - true).mean() < 0.07  # of a cell; 0.25 if it ran along the edges of cells


@pytest.mark.parametrize("program", ["training", "training_beside", "unrolled", "evaluation"])
def test_every_field_of_three_classes_has_its_lines_and_of_two_the_one(program):
    (name,) = {"unrolled": ["boundary_at_step"]}.get(program, ["boundary"])
    for task, lines in (("three", 2), ("circle", 1)):
        experiment = Experiment.from_query({"task": task, "feedback": "output", "updates": "1"})[0]
        figure = FIGURES[name].f(Picture(experiment, next(frames(program, f"task={task}&feedback=output")).arrays))
        assert [trace.z.shape for trace in figure.data if trace.type == "contour"] == lines * [(FIELD, FIELD)]


def test_a_third_kind_of_task_is_one_entry(monkeypatch):
    """Grades: ordered classes, answered by one number; judged by how many answers are nearest to their grade."""

    def nearest(u, y):
        return (u.round() == y).float().mean().item()

    grades = Kind(score="near", judge=nearest, shade=lambda u: levels((u[..., 0] + 1) / 2), classified=False)
    entered(monkeypatch, "grades", kind=grades, outputs=1)
    experiment = Experiment().changed(task="grades", updates=100).fitted()
    *_, last = train(experiment, show=every(50))

    assert experiment.loss.loss == "mean_squared"
    assert set(last.metrics) == {"near", "train_near"}
    assert last.history[-1]["near"] == last.metrics["near"]
    drawn(Picture.of(last), *PLAYGROUND)


# Runs that are updated together.


def test_an_ensemble_refuses_an_optimizer_that_mixes_weights_by_name(monkeypatch):
    aside(monkeypatch, OPTIMIZERS, "muon")

    @OPTIMIZERS.add(label="Muon")
    def muon(parameters, rate, optim):
        """Steps whose matrices are made orthogonal."""
        return optim.Muon(parameters, lr=rate)

    with pytest.raises(ValueError, match="muon"):
        Ensemble([Row("delay", "spare").experiment.changed(optimizer="muon")])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("clip", 1.0),
        ("l1", 0.1),
        ("l2", 0.1),
        ("jacobian_penalty", 0.5),
        ("spectral_norm", 0.9),
        ("gradient", "truncated"),
    ],
)
def test_an_ensemble_refuses_by_name_what_it_would_leave_out(name, value):
    with pytest.raises(ValueError, match="truncated" if name == "gradient" else name):
        Ensemble([Row("delay", "spare").experiment.changed(**{name: value})])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_ensemble_is_right_with_each_optimizer_there_is(optimizer):
    experiment = Row("delay", "spare").experiment.changed(points=60, batch=30, optimizer=optimizer, learning_rate=0.01)
    together, alone = Ensemble([experiment.changed(seed=seed) for seed in (3, 4)]), Run(experiment.changed(seed=4))
    for _ in range(20):
        together.update()
        alone.update()
    for name, stacked in together.parameters.items():
        torch.testing.assert_close(stacked[1], alone.network.get_parameter(name), rtol=1e-3, atol=1e-4)
