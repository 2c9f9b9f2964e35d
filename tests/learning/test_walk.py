import contextlib
import itertools
import math
import re
import threading
from dataclasses import replace
from multiprocessing import Pipe

import numpy as np
import pytest
import torch

from fbviz.chapters.seven_steps import values, walk
from fbviz.chapters.seven_steps.values import ROWS
from fbviz.chapters.seven_steps.walk import BACKWARD, FORWARD, Walk
from fbviz.choices import ACTIVATIONS, LOSSES
from fbviz.commands import Begin, Load, Play, Reset, Set, Step, Want, packed
from fbviz.examples import draw
from fbviz.experiment import Experiment
from fbviz.frames import unpack
from fbviz.learning.networks import FeedbackNetwork
from fbviz.learning.run import Run
from fbviz.worker.programs import load
from fbviz.worker.runner import Runner
from tests.learning.runners import Asking, frames, played

SGD = {"task": "xor", "hidden": (3,), "feedback": "output", "steps": 3, "optimizer": "sgd", "learning_rate": 0.5}
CASES = [
    SGD,
    SGD | {"feedback": "hidden", "damping": 0.6, "gain": 2.0, "weight_scale": 2.0},
    SGD | {"feedback": "none", "loss_steps": "last"},
    SGD | {"spare": 1, "hidden": (2, 3), "damping": 0.5},
    SGD | {"task": "delay", "length": 3, "optimizer": "adam"},
    SGD | {"task": "three", "loss_steps": "last"},
    SGD | {"task": "plane", "loss": "mean_squared", "activation": "sigmoid", "hidden": (2,)},
    SGD | {"hidden": (), "loss": "hinge"},
    SGD | {"task": "plane", "loss": "huber", "hidden": (2,)},
    SGD | {"task": "bumps", "loss": "huber", "hidden": (2,), "weight_scale": 8.0},
]


def walk_of(settings):
    return Walk(Experiment().changed(**settings).fitted())


def every_row(path):
    return [(place, row) for place in path.places for row in place.rows]


def by_hand(network, x):
    """Outputs (T, k + spare) over x (T, n) in numpy, float64, λ and α of the experiment, any depth."""
    experiment = network.experiment
    layers = [
        (layer.weight.detach().double().numpy(), layer.bias.detach().double().numpy()) for layer in network.layers
    ]
    kind, alpha, damping = experiment.feedback.feedback, experiment.feedback.gain, experiment.feedback.damping
    B = network.back.weight.detach().double().numpy() if network.back else None
    s, said = np.zeros(network.state_size), []
    for x_t in x:
        h = x_t + alpha * B @ s if kind == "output" else x_t
        for depth, (W, b) in enumerate(layers, start=1):
            z = W @ h + b + (alpha * B @ s if kind == "hidden" and depth == 1 else 0)
            previous, h = h, z if depth == len(layers) else ACTIVATIONS[experiment.network.activation].f(z, np)
        if B is not None:
            s = (1 - damping) * s + damping * (np.tanh(h) if kind == "output" else previous)
        said.append(h)
    return np.array(said)


@pytest.mark.parametrize("settings", CASES)
def test_the_tape_says_what_the_network_says_by_hand_and_by_torch(settings):
    tape = walk_of(settings).before
    (x, _), _ = draw(tape.experiment.data)
    x = x[0] if x.ndim == 3 else np.tile(x[0], (len(tape.x), 1))
    known = np.array([tape.values[f"u@{t}"].numpy() for t in range(1, len(x) + 1)])

    np.testing.assert_allclose(known, by_hand(tape.network, x.astype(np.float32)), atol=1e-12)
    with torch.no_grad():
        torched = FeedbackNetwork(tape.experiment).double()(tape.x[:, None]).outputs[:, 0]
    np.testing.assert_allclose(known[:, : tape.network.read], torched, atol=1e-12)


@pytest.mark.parametrize("settings", CASES)
def test_the_gradients_are_those_of_a_batch_of_one_example(settings):
    tape = walk_of(settings).before
    run = Run(tape.experiment)
    run.network.double()
    x, y = (part[:1].double() for part in run.train_examples)
    run.objective(x, y).backward()
    known = [tape.gradients[name] for name in tape.parameters]

    assert tape.values["L"].item() == pytest.approx(run.objective(x, y).item(), rel=1e-12)
    for a, parameter in zip(known, run.network.parameters(), strict=True):
        torch.testing.assert_close(a, parameter.grad)


@pytest.mark.parametrize("settings", CASES)
def test_every_gradient_is_its_central_difference(settings):
    path = walk_of(settings)
    compared = 0
    for _, row in every_row(path):
        if row.slope:
            found = path.before.gradients[row.name][row.index].item()
            assert path.before.difference(row.name, row.index) == pytest.approx(found, rel=1e-6, abs=1e-8)
            compared += 1
    assert compared > 20


@pytest.mark.parametrize("settings", CASES)
def test_every_parameter_and_every_layer_of_every_step_has_its_row(settings):
    path = walk_of(settings)
    tape = path.before
    whole = {(row.name, row.index) for place, row in every_row(path) if place.step == BACKWARD and place.t == 0}
    each = {(row.name, row.index) for place, row in every_row(path) if place.step == BACKWARD and place.t}
    parameters = {(name, tuple(i)) for name, value in tape.parameters.items() for i in np.ndindex(*value.shape)}
    steps = range(1, len(tape.x) + 1)

    assert whole == parameters
    assert {(f"{name}@{t}", index) for name, index in parameters for t in steps} <= each
    for name in (n for n in tape.gradients if "@" in n and n[0] in "rzhu"):
        assert {(name, i) for i in np.ndindex(*tape.values[name].shape)} <= each, name
    counts = [sum(place.step == FORWARD and place.t == t for place in path.places) for t in steps]
    assert min(counts) >= len(tape.network.layers)


@pytest.mark.parametrize("settings", CASES)
def test_a_formula_in_numbers_gives_the_number_of_its_row(settings):
    """Worked out by Python from the text a reader sees, to the four digits it is written in."""
    path = walk_of(settings)
    names = {name: (lambda f: lambda z: float(f(np.float64(z), np)))(entry.f) for name, entry in ACTIVATIONS.items()}
    loss = LOSSES[path.experiment.loss.loss].of
    names |= {"log": math.log, "exp": math.exp, "max": max, "l": lambda u, y: loss(np.array(u), np.array(y), np)}
    checked = 0
    for place, row in every_row(path):
        if not row.numbers:
            continue
        text = re.sub(r"\|(.+?)\|", r"abs(\1)", row.numbers)
        text = text.replace("−", "-").replace("·", "*").replace("²", "**2")
        slope = row.slope and place.step == BACKWARD
        expected = path.before.gradients[row.name][row.index].item() if slope else row.value
        assert eval(text, {}, names) == pytest.approx(expected, rel=3e-2, abs=3e-3), row
        checked += 1
    assert checked > 30


@pytest.mark.parametrize("task", ["xor", "three", "plane", "parity"])
@pytest.mark.parametrize("loss", [*LOSSES, "of_tomorrow"])
def test_every_loss_has_its_formula_and_its_numbers_in_the_seven_steps(loss, task, monkeypatch):
    monkeypatch.setitem(LOSSES, "of_tomorrow", replace(LOSSES["mean_squared"], name="of_tomorrow"))
    path = walk_of({"task": task, "loss": loss})
    said = [row for _, row in every_row(path) if row.quantity.startswith("ℓ")]

    assert said
    assert all(row.formula and re.search(r"\d", row.numbers) for row in said), said


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_step_is_that_of_the_optimizer_on_the_one_example(optimizer):
    path = walk_of(SGD | {"optimizer": optimizer})
    run = Run(path.experiment.changed(engine="torch"))
    x, y = (part[:1] for part in run.train_examples)
    run.objective(x, y).backward()
    run.step.optimizer.step()

    for name, parameter in zip(path.after.parameters, run.network.parameters(), strict=True):
        torch.testing.assert_close(path.after.values[name].float(), parameter.detach(), rtol=1e-4, atol=1e-6)
    if optimizer == "sgd":
        assert path.after.values["L"] < path.before.values["L"]


def test_a_large_experiment_is_made_small_enough_to_read():
    large = Experiment().changed(hidden=(40, 30, 20), steps=60, spare=4, feedback="output", l2=0.5, spectral_norm=0.9)
    small = values.small(large)

    assert (small.network.hidden, small.feedback.steps, small.feedback.spare) == ((3, 3), 3, 1)
    assert small.loss.l2 == small.feedback.spectral_norm == 0
    assert all(len(place.rows) <= ROWS for place in Walk(large).places)


def test_the_walk_goes_through_the_seven_steps_in_order():
    shown = list(frames("walk", "hidden=3&feedback=output&steps=3"))
    steps = [frame.arrays["walk.step"][0] for frame in shown]

    assert list(dict.fromkeys(steps)) == [1, 2, 3, 4, 5, 6, 7]
    assert steps == sorted(steps)
    assert [frame.facts["place"] for frame in shown] == list(range(1, shown[-1].facts["places"] + 1))
    assert all(len(frame.facts["rows"]) == len(frame.arrays["walk.value"]) == ROWS for frame in shown)
    assert all(np.nanmin(np.append(frame.arrays["walk.right"], 1)) == 1 for frame in shown)


def test_an_input_is_seen_with_what_returns_as_soon_as_that_has_entered_and_no_two_steps_look_alike():
    path = walk_of(SGD)
    every = values.nodes(path.experiment)
    tape = path.before
    entered = [f"{tape.values[f'e@{t}'][j].item():.3f}" for t, layer, j in every if not layer]

    def inputs(place):
        shown = zip(walk.frame(path, place, None).arrays["walk.values"], every, strict=True)
        return [f"{value:.3f}" for value, (_, layer, _) in shown if not layer]

    first, *_, last = (i for i, place in enumerate(path.places, start=1) if place.step == FORWARD)
    assert inputs(first)[2:4] == [f"{x:.3f}" for x in tape.x[1]]
    assert inputs(last) == entered
    assert len({tuple(entered[i : i + 2]) for i in (0, 2, 4)}) == 3


def test_the_slider_goes_to_any_place_and_a_step_goes_on_from_there():
    runner = Asking({"place": 12})
    pulled = played("walk", "hidden=3&feedback=output&steps=3", runner)
    seen = [next(pulled).facts["place"] for _ in range(2)]
    runner.values["place"] = 5
    seen += [next(pulled).facts["place"] for _ in range(2)]
    runner.values["place"] = 10**9
    last = next(pulled).facts

    assert seen == [12, 13, 5, 6]
    assert last["place"] == last["places"]
    assert last["idle"]


@pytest.fixture
def browser():
    """What a browser says to a real runner in another thread, and the frames that come back."""
    here, there = Pipe()
    runner = Runner(there, load())

    def serve():
        with contextlib.suppress(EOFError, OSError):
            runner.serve()

    thread = threading.Thread(target=serve)
    thread.start()

    def say(command):
        here.send_bytes(packed(command))
        here.send_bytes(packed(Want()))
        assert here.poll(20)
        return unpack(here.recv_bytes())

    yield say
    here.close()
    thread.join(20)


def test_a_step_at_a_real_runner_goes_to_the_next_place_and_a_slider_to_any(browser):
    query = {"hidden": "3", "feedback": "output", "steps": "3"}
    first = browser(Begin(Load("walk", query, {"place": 3}), 1)).facts
    assert first["dials"] == {"place": [3, 3]}  # the reader put the slider there, and there it stands
    seen = [browser(Step()).facts["dials"]["place"] for _ in range(2)]
    seen += [browser(Set("place", place)).facts["dials"]["place"] for place in (20, 4, 4)]
    seen.append(browser(Step()).facts["dials"]["place"])
    seen.append(browser(Set("place", 4)).facts["dials"]["place"])  # where it was heard last, but stands no more
    again = browser(Reset(2)).facts
    end = browser(Set("place", first["places"])).facts

    assert (first["place"], first["state"]) == (3, "ready")
    assert seen == [[3, 4], [3, 5], [20, 20], [4, 4], [4, 4], [4, 5], [4, 4]]
    assert (again["place"], again["dials"]) == (1, {"place": [None, 1]})
    assert (end["place"], end["idle"]) == (first["places"], True)


def test_a_moved_step_at_a_real_runner_is_answered_when_training_is_over(browser):
    query = {"updates": "3", "points": "20"}
    browser(Begin(Load("unrolled", query, {"t": 2}), 1))
    shown = browser(Play())
    while not shown.facts.get("idle"):
        shown = browser(Play())
    moved = browser(Set("t", 40))

    assert (shown.facts["update"], shown.arrays["unrolled.t"][0]) == (3, 2)
    assert (moved.facts["update"], moved.arrays["unrolled.t"][0], moved.facts["idle"]) == (3, 40, True)


@pytest.mark.parametrize("settings", CASES)
def test_the_picture_shows_what_the_place_is_about(settings):
    path = walk_of(settings)
    query = "&".join(map("=".join, path.experiment.to_query().items()))
    runner = Asking({})
    pulled = played("walk", query, runner)
    every = values.nodes(path.experiment)
    for place in path.places:
        frame = next(pulled)
        active = {node[:2] for node, on in zip(every, frame.arrays["walk.active"], strict=True) if on}
        if place.step in (FORWARD, BACKWARD) and place.t:
            target = values.ends(path.experiment)[1] if place.layer == -1 else place.layer
            assert active == {(place.t, target)}
        known = np.isfinite(frame.arrays["walk.values.y"])
        for node, value in itertools.compress(zip(every, frame.arrays["walk.values"], strict=True), known):
            assert math.isfinite(value), node
    assert known.all()
