"""Where one looks: what is measured at a step, and of a neuron, is what NumPy says of the same weights."""

import numpy as np
import pytest

from fbviz.experiment import Experiment
from fbviz.learning import probes
from fbviz.learning.run import Run
from fbviz.picture import FIELD, Picture
from fbviz.snapshot import Gaze
from fbviz.worker.training import training, training_beside
from tests.learning.runners import Asking, frames


def trained(**settings):
    run = Run(Experiment().changed(points=40, **settings).fitted())
    for _ in range(3):
        run.update()
    return run


def weights(run):
    return [(W.weight.detach().double().numpy(), W.bias.detach().double().numpy()) for W in run.network.layers]


def places(domain):
    axis = np.linspace(*domain, FIELD)
    return np.array([(x, y) for y in axis for x in axis])


@pytest.mark.parametrize("t", [1, 2, 4])
def test_the_boundary_and_a_neuron_at_a_step_are_those_of_a_loop_in_numpy(t):
    run = trained(hidden=(3,), steps=4)
    (W, b), (V, c) = weights(run)
    B = run.network.back.weight.detach().double().numpy()
    x, s = places(run.experiment.task.domain), 0.0
    for _ in range(t):
        h = np.tanh(x @ W.T + b + s @ B.T if np.ndim(s) else x @ W.T + b)
        s, u = h, h @ V.T + c
    seen = probes.snapshot(run, gaze=Gaze(t=t, layer=1, neuron=2))

    assert seen.gaze.t == t
    said = 255 / (1 + np.exp(-u[:, 0]))
    np.testing.assert_allclose(seen.boundary.ravel(), said, atol=1.01)
    np.testing.assert_allclose(seen.closely.ravel(), 127 * np.tanh(h[:, 2]) + 128, atol=1.01)


def test_a_gaze_outside_of_the_network_is_brought_inside():
    run = trained(hidden=(3,), steps=4)
    for gaze in (Gaze(), Gaze(t=64, layer=7, neuron=5), Gaze(t=0, layer=-1, neuron=0)):
        assert probes.snapshot(run, gaze=gaze).gaze == Gaze(t=4, layer=2, neuron=0)


@pytest.mark.parametrize("settings", [{"hidden": (3, 2)}, {"task": "delay", "hidden": (4,)}])
def test_the_gradient_of_each_weight_is_a_finite_difference_of_the_objective_of_its_batch(settings):
    run = trained(optimizer="sgd", learning_rate=1e-4, batch=2000, **settings)
    before = [W.weight.detach().clone() for W in run.network.layers]
    run.update()
    moved = [(old - W.weight.detach()).numpy() / 1e-4 for old, W in zip(before, run.network.layers, strict=True)]

    for slope, step in zip(probes.snapshot(run).weight_gradients, moved, strict=True):
        np.testing.assert_allclose(slope, step, atol=2e-3)  # plain descent moves a weight by its gradient


def test_a_neuron_is_shown_with_what_leads_to_it():
    run = trained(hidden=(3, 2))
    arrays = Picture.of(probes.snapshot(run, gaze=Gaze(layer=2, neuron=1))).arrays
    W, b = weights(run)[1]

    np.testing.assert_allclose(arrays["neuron.weights"], W[1], rtol=1e-6)
    np.testing.assert_allclose(arrays["neuron.told"], [[2, 2, b[1]]], rtol=1e-6)
    assert np.isnan(Picture.of(probes.snapshot(Run(run.experiment))).arrays["neuron.gradients"]).all()


@pytest.mark.parametrize("task", ["circle", "delay"])
def test_what_learns_beside_a_loop_is_the_experiment_without_it(task):
    link = f"task={task}&points=40&updates=20"
    *_, pair = frames("training_beside", link)
    experiment, _ = Experiment.from_query(dict(part.split("=") for part in link.split("&")))
    alone = Run(experiment.without_loop())
    for _ in range(20):
        alone.update()
    seen = probes.snapshot(alone)
    *_, single = frames("training", link)

    np.testing.assert_array_equal(pair.arrays["plain.boundary"], seen.boundary)
    assert pair.arrays["plain.test_loss"][-1] == seen.test_loss
    np.testing.assert_array_equal(pair.arrays["boundary"], single.arrays["boundary"])


class Waiting(Asking):
    """A runner at which nothing is played yet."""

    unplayed, moving, more = True, False, False

    def wanted(self, update):
        return True


def test_a_glimpse_of_what_will_come_is_the_run_that_comes_and_leaves_it_as_it_was():
    experiment = Experiment().changed(points=40, updates=5)
    runner = Waiting({"preview": 1})
    told = training(experiment, runner)
    first, glimpse, begun = (next(told) for _ in range(3))
    *_, end = frames("training", "points=40&updates=5")

    assert (first.facts["preview"], glimpse.facts["preview"], begun.facts["preview"]) == (0, 5, 0)
    assert (glimpse.facts["update"], begun.facts["update"]) == (0, 0)
    np.testing.assert_array_equal(glimpse.arrays["boundary"], end.arrays["boundary"])
    np.testing.assert_array_equal(begun.arrays["boundary"], first.arrays["boundary"])
    *_, last = (frame for frame, _ in zip(told, range(6), strict=False))
    np.testing.assert_array_equal(last.arrays["boundary"], end.arrays["boundary"])


def test_a_glimpse_is_given_up_as_soon_as_somebody_plays():
    class Played(Waiting):
        moving = True

    told = training(Experiment().changed(points=40, updates=100_000), Played({"preview": 1}))
    assert [next(told).facts["preview"] for _ in range(2)] == [0, 0]
    assert next(training_beside(Experiment(), Waiting({}))).facts["preview"] == 0
