import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from fbviz.chapters.gradients_back import four_loops, free_and_held, gains, three_gradients
from fbviz.chapters.gradients_back.saved import saved
from fbviz.chapters.gradients_back.values import GAINS, WHY, GainsDials
from fbviz.chapters.inside_the_loop import landscape, portrait, spectrum, stability
from fbviz.chapters.inside_the_loop.landscape import Landscape
from fbviz.chapters.inside_the_loop.values import PortraitDials
from fbviz.experiment import Experiment
from fbviz.frames import pack, unpack
from fbviz.learning import probes
from fbviz.learning.gradients import NoFixedPointError, implicit, jacobian
from fbviz.learning.networks import FeedbackNetwork
from fbviz.learning.run import Run
from fbviz.worker import watching
from tests.learning.runners import NEVER, Asking, frames, played
from tests.strategies import experiments

STRONG = Experiment().changed(hidden=(2,), gain=3.0, weight_scale=4.0, points=40)
LOOPS = [
    Experiment().changed(hidden=(2,), seed=1, gain=gain, weight_scale=scale, points=40)
    for gain, scale in itertools.product((1.0, 4.0), (1.0, 4.0))
]


def query(experiment):
    return "&".join(f"{name}={value}" for name, value in experiment.to_query().items())


def drawn(experiment, x=(0.3, -0.4), launched=()):
    return portrait.drawn(Landscape(Run(experiment)), torch.tensor([x], dtype=torch.float64), list(launched))


# The portrait.


@pytest.mark.parametrize("experiment", [*LOOPS, Experiment().changed(feedback="output", spare=1, gain=4.0)])
def test_an_arrow_of_a_portrait_is_a_step_of_the_network(experiment):
    """All of them shorter, or longer, by one factor: the longest, in halves of the picture, is as long as a cell."""
    arrays, network = drawn(experiment), FeedbackNetwork(experiment).double()
    shown = landscape.plane(Run(experiment), network)
    grid = shown.grid(portrait.COARSE)
    with torch.no_grad():
        after = network.step(torch.tensor([[0.3, -0.4]], dtype=torch.float64).expand(len(grid), -1), grid)[1]
    steps = (after - grid).numpy()
    strokes = np.stack([arrays["portrait.arrow.x"], arrays["portrait.arrow.y"]], 1).reshape(len(grid), 6, 2)
    factor = 2 / (portrait.COARSE - 1) / np.linalg.norm(steps / shown.reach.numpy(), axis=1).max()

    np.testing.assert_allclose(strokes[:, 0], grid, atol=1e-6)
    np.testing.assert_allclose(strokes[:, 1] - strokes[:, 0], factor * steps, atol=1e-6)
    assert np.isnan(strokes[:, 5]).all()


@pytest.mark.parametrize("experiment", [*LOOPS, Experiment(), STRONG.changed(feedback="output", hidden=(8,))])
def test_every_fixed_point_that_is_shown_is_one(experiment):
    arrays, network = drawn(experiment), FeedbackNetwork(experiment).double()
    assert len(arrays["fixed.residual"]) >= 1  # tanh keeps states in a box, so one must be there (Brouwer)
    assert arrays["fixed.residual"].max() < 1e-6
    if network.state_size == 2:
        s = torch.tensor(np.stack([arrays["fixed.a"], arrays["fixed.b"]], 1), dtype=torch.float64)
        x = torch.tensor([[0.3, -0.4]], dtype=torch.float64).expand(len(s), -1)
        assert (network.step(x, s)[1] - s).norm(dim=1).max() < 1e-6
        slopes = np.linalg.eigvals(jacobian(network, x, s).numpy())
        leading = np.abs(slopes).max(1)
        shown = np.hypot(arrays["fixed.re1"], arrays["fixed.im1"])
        np.testing.assert_allclose(shown, leading, atol=1e-5)
        assert ((arrays["fixed.type"] % 3 == 0) == (leading < 1)).all()


def test_a_loop_of_two_switches_has_nine_fixed_points_four_of_them_stable():
    """s′ = tanh(2 s) in each of two dimensions: three rests a dimension, the outer two of which hold."""
    run = Run(STRONG.changed(gain=1.0))
    with torch.no_grad():
        for parameter in run.network.parameters():
            parameter.zero_()
        run.network.back.weight.copy_(2 * torch.eye(2))
    arrays = portrait.drawn(Landscape(run), torch.zeros(1, 2, dtype=torch.float64), [])

    assert len(arrays["fixed.residual"]) == 9
    assert [len(arrays[f"portrait.{kind}.x"]) for kind in ("stable", "saddle", "unstable")] == [4, 4, 1]
    assert sorted(np.abs(arrays["portrait.stable.x"]).round(4)) == [0.9575] * 4
    quarters = arrays["portrait.basin"][np.ix_([5, 35], [5, 35])]
    assert len(set(quarters.ravel())) == 4
    assert 0 not in quarters


def test_a_path_is_what_the_loop_runs_through():
    experiment = LOOPS[3]
    network, x = FeedbackNetwork(experiment).double(), torch.tensor([[0.3, -0.4]], dtype=torch.float64)
    states = network(x.expand(portrait.LONG, 1, 2)).states[:, 0].detach()

    arrays = drawn(experiment)
    np.testing.assert_allclose(arrays["portrait.own.x"][:-1], [0, *states[:, 0]], atol=1e-6)
    assert np.isnan(arrays["portrait.own.x"][-1])


def test_the_last_twelve_clicks_stay():
    clicks = [{"start": [[0.1 * i, 0.0]]} for i in range(20)]
    *_, last = frames("portrait", query(STRONG.changed(updates=1)), then=clicks)
    starts = last.arrays["portrait.path.x"][:: portrait.LONG + 2]

    np.testing.assert_allclose(starts, [0.1 * i for i in range(8, 20)], atol=1e-6)


@pytest.mark.parametrize("junk", ["x", None, True, [1], float("nan"), [1, 2], {"a": 1}])
def test_no_value_from_outside_harms_a_portrait(junk):
    *_, last = frames("portrait", query(STRONG.changed(updates=1)), {"x1": junk, "start": junk})

    assert np.isfinite(last.arrays["portrait.arrow.x"].reshape(-1, 6)[:, :5]).all()  # the sixth is a gap


FLIP_FLOP = "task=flip_flop&feedback=output&spare=1&hidden=10&updates=150"  # already two valleys


def colours(arrays):
    """The colour under each stable point of a portrait, by its place."""
    nearest = [
        np.abs(arrays[f"portrait.{axis}"][:, None] - arrays[f"portrait.stable.{to}"]).argmin(0)
        for axis, to in zip("ab", "xy", strict=True)
    ]
    places = zip(arrays["portrait.stable.x"].tolist(), arrays["portrait.stable.y"].tolist(), strict=True)
    return dict(zip(places, arrays["portrait.basin"][nearest[1], nearest[0]].tolist(), strict=True))


def test_a_basin_keeps_its_colour_while_the_input_moves_over_the_whole_slider():
    """From one place of the slider to the next, a stable point is the one that is nearest to where it was."""
    rule = PortraitDials.rules()["x1"]
    moves = [{"x1": float(round(x, 2))} for x in np.arange(rule.low, rule.high + rule.step / 2, rule.step)]
    seen = [f for f in frames("portrait", FLIP_FLOP, then=moves, step=NEVER) if f.facts.get("idle")]
    assert len(seen) == len(moves) + 1
    shown = [colours(frame.arrays) for frame in seen[1:]]

    assert {len(there) for there in shown} == {1, 2}
    for before, after in itertools.pairwise(shown):
        for place, colour in before.items():
            near = min(after, key=lambda other: math.dist(place, other))
            if math.dist(place, near) < 0.2:
                assert after[near] == colour
    assert len({colour for there in shown for colour in there.values()}) == 2


def test_a_basin_has_the_same_colour_wherever_the_reader_has_been_before():
    jumped, walked = (
        [*frames("portrait", FLIP_FLOP, start, then, step=NEVER)][-1]
        for start, then in (({"x1": 0.3}, []), ({"x1": -1.0}, [{"x1": 1.0}, {"x1": 0.3}]))
    )

    np.testing.assert_array_equal(jumped.arrays["portrait.basin"], walked.arrays["portrait.basin"])


def test_a_large_state_is_seen_along_its_principal_components():
    run = Run(Experiment().changed(hidden=(6,), points=40))
    network = run.network.double()
    visited = landscape.visits(run, network)
    shown = landscape.plane(run, network)
    spread = np.linalg.eigvalsh(np.cov(visited.numpy().T))[::-1]

    np.testing.assert_allclose(shown.place(visited).var(0), spread[:2], rtol=1e-9)


# Eigenvalues.


def test_eigenvalues_of_a_spectrum_are_those_of_numpy():
    run = Run(Experiment().changed(steps=4, weight_scale=3.0))
    arrays = spectrum.eigenvalues(run)
    x = run.test_examples[0][:1]
    s = run.network.start(x)
    for t in range(4):
        J = jacobian(run.network, x, s)[0].double().numpy()
        shown = arrays["spectrum.re"].reshape(4, 8)[t] + 1j * arrays["spectrum.im"].reshape(4, 8)[t]
        np.testing.assert_allclose(np.sort_complex(shown), np.sort_complex(np.linalg.eigvals(J)), atol=1e-5)
        s = run.network.step(x, s)[1].detach()


def test_the_last_spectral_radius_is_that_of_a_snapshot():
    run = Run(Experiment().changed(weight_scale=3.0))
    shown = spectrum.eigenvalues(run)["spectrum.radius"]

    assert shown[-1] == pytest.approx(probes.spectral_radius(run), rel=1e-4)


def test_a_spectrum_ends_with_its_run():
    *_, last = frames("spectrum", "updates=3&points=40")

    assert last.facts["ended"]["word"] == "finished"
    assert last.arrays["spectrum.update"].tolist() == [0, 1, 2, 3]


# The map of loops.


@pytest.mark.parametrize("feedback", ["output", "hidden"])
@pytest.mark.parametrize(("row", "column"), [(5, 10), (17, 30), (40, 8), (59, 59)])
def test_a_cell_of_the_map_is_a_network_computed_plainly(feedback, row, column):
    experiment = Experiment().changed(feedback=feedback, hidden=(5, 4), spare=1)
    cell = torch.stack([stability.GAINS[column], stability.SCALES[row]])
    x = stability.inputs(experiment)
    charted = stability.charted(stability.unit(experiment), x, cell[None])

    network = FeedbackNetwork(experiment.changed(gain=cell[0].item(), weight_scale=cell[1].item()))
    with torch.no_grad():
        s = network(x.expand(stability.STEPS, *x.shape)).states[-1]
        still = (network.step(x, s)[1] - s).norm(dim=1) < stability.STILL
    J = jacobian(network, x[:1], s[:1])[0]
    assert charted.radius.item() == pytest.approx(np.abs(np.linalg.eigvals(J.numpy())).max(), rel=1e-3, abs=1e-5)
    assert charted.share.item() == still.float().mean().item()


def test_the_map_has_gains_as_columns_and_scales_as_rows():
    [frame] = itertools.islice(frames("stability", "hidden=4"), 1)

    assert (frame.arrays["stability.radius"][:, 0] == 0).all()  # no gain, no loop
    assert (frame.arrays["stability.radius"][0] == 0).all()  # no weights, no loop
    assert (frame.arrays["stability.share"][:, 0] == 1).all()
    assert frame.arrays["stability.radius"].shape == (60, 60)


# The way back.


def test_the_way_back_is_what_the_probe_measures():
    experiment = Experiment().changed(steps=6, loss_steps="last", points=40)
    [frame] = itertools.islice(frames("gains", query(experiment)), 1)
    for i, gain in enumerate(GAINS):
        expected = probes.step_gradients(Run(experiment.changed(gain=gain)))
        np.testing.assert_allclose(frame.arrays[f"gains.norms.{i}"], expected, rtol=1e-5)


def test_a_gradient_that_halves_at_each_step_back_has_a_factor_of_a_half():
    assert gains.factor(np.array([0.125, 0.25, 0.5, 1.0])) == pytest.approx(0.5)
    assert gains.factor(np.array([0.0, 0.0, 3.0, 1.0])) == pytest.approx(3.0)
    assert math.isnan(gains.factor(np.array([np.nan, 0.0])))


def test_a_switch_begins_the_way_back_anew():
    updates = [f.facts["update"] for f in frames("gains", "updates=2&points=20&steps=3", then=[{"init": 1}])]

    assert updates == [0, 1, 2, 0, 1, 2]


def test_what_is_not_touched_stays_the_experiments():
    experiment = Experiment().changed(clip=2.0, damping=0.5, init="he")

    assert gains.switches({}, experiment) == GainsDials(clip=2.0, damping=0.5, init="he")
    assert gains.switches({"init": 1, "clip": 99}, experiment) == GainsDials(clip=5.0, damping=0.5, init="orthogonal")


# Three gradients.


def test_truncated_as_long_as_the_loop_points_where_bptt_does():
    arrays = three_gradients.Comparison(Run(Experiment().changed(gain=2.0, weight_scale=2.0))).arrays(k=8)

    np.testing.assert_allclose(arrays["three_gradients.truncated.cosine"][:4], 1, atol=1e-6)  # T = 1, 2, 4, 8
    assert (arrays["three_gradients.truncated.cosine"][4:] < 1 - 1e-6).all()


def test_the_implicit_gradient_points_where_bptt_of_a_long_loop_does():
    cosines = three_gradients.Comparison(Run(Experiment())).arrays(k=1)["three_gradients.implicit.cosine"]

    assert cosines[-1] == pytest.approx(1, abs=1e-5)
    assert cosines[0] < 0.99


@pytest.mark.parametrize(
    ("settings", "k", "why"),
    [
        ({"spectral_norm": 0.5}, 1, ["whole", "short", "at rest"]),
        ({"spectral_norm": 0.5}, 64, ["whole", "whole", "at rest"]),
        ({"weight_scale": 8.0, "gain": 4.0}, 1, ["whole", "short", "moves"]),
        ({"task": "delay"}, 1, ["whole", "short", "sequence"]),
    ],
)
def test_it_is_told_of_which_loss_a_gradient_is_one_and_why_it_is_none(settings, k, why):
    arrays = three_gradients.Comparison(Run(Experiment().changed(**settings))).arrays(k=k)

    assert [WHY[int(word)] for word in arrays["three_gradients.why"]] == why
    assert arrays["three_gradients.right"].tolist() == [word in ("whole", "at rest") for word in why]
    T, numbers = Run(Experiment().changed(**settings)).experiment.unroll_steps, arrays["three_gradients.why.number"]
    assert numbers[:2].tolist() == [T, k if k < T else T]
    assert why[2] != "moves" or numbers[2] > 1e-4


def test_truncated_bptt_costs_less_where_a_loop_is_long():
    arrays = three_gradients.Comparison(Run(Experiment())).arrays(k=1)
    full, short, _ = arrays["three_gradients.long.kb"]

    assert full == arrays["three_gradients.bptt.kb"][-1] > 20 * short


@pytest.mark.parametrize(
    "experiment", [Experiment().changed(weight_scale=8.0, gain=4.0), Experiment().changed(task="delay")]
)
def test_a_gradient_without_a_right_has_no_number(experiment):
    arrays = three_gradients.Comparison(Run(experiment)).arrays(k=1)

    assert arrays["three_gradients.right"].tolist() == [1, 0, 0]
    assert [len(arrays[f"three_gradients.implicit.{column}"]) for column in ("cosine", "ms", "kb")] == [0, 0, 0]
    assert len(arrays["three_gradients.own.cosine"]) == 2


def test_the_implicit_gradient_is_refused_where_a_loop_does_not_hold():
    """s′ = tanh(2 s) begun at its fixed point 0, where the slope is 2."""
    network = FeedbackNetwork(Experiment().changed(hidden=(1,)))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        network.back.weight.fill_(2.0)
    with pytest.raises(NoFixedPointError) as refused:
        implicit(network, torch.zeros(1, 3, 2))

    assert refused.value.radius == pytest.approx(2.0)


def test_truncation_of_a_linear_scalar_loop_points_the_same_way_and_is_too_short():
    """Along s_t = a s_{t−1} + w x, BPTT through k of T steps is (1 − aᵏ) / (1 − aᵀ) of the truth."""
    a, T, k = 0.8, 40, 3
    experiment = Experiment().changed(
        task="plane", hidden=(1,), activation="linear", steps=T, loss_steps="last", truncation=k, gradient="truncated"
    )
    slopes = {}
    for name in ("bptt", "truncated"):
        run = Run(experiment.changed(gradient=name))
        network = run.network.double()
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.zero_()
            network.back.weight.fill_(a)
            network.layers[1].weight.fill_(1.0)
        x = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
        run.objective.unroll(network, network.over_time(x))[-1].sum().backward()
        slopes[name] = network.layers[0].weight.grad[0, 0].item()

    assert slopes["truncated"] / slopes["bptt"] == pytest.approx((1 - a**k) / (1 - a**T), rel=1e-12)


def test_memory_of_bptt_grows_with_the_steps_and_that_of_its_last_stretch_does_not():
    def kept(gradient, steps):
        run = Run(Experiment().changed(steps=steps, gradient=gradient, truncation=2, loss_steps="last"))
        x = run.train_examples[0]
        return saved(lambda: run.objective.unroll(run.network, run.network.over_time(x)), run.network)[1]

    assert kept("bptt", 60) > 1.9 * kept("bptt", 30)
    assert kept("truncated", 60) == kept("truncated", 30)
    assert kept("implicit", 60) == kept("implicit", 30)


def test_each_memory_counts_once_and_weights_do_not():
    W = torch.nn.Linear(3, 4, bias=False)
    x = torch.randn(5, 3)

    _, kept = saved(lambda: torch.tanh(W(x)), W)
    assert kept == 4 * (5 * 3 + 5 * 4)  # x for ∂/∂W, and tanh's own output


# Kinds of loop, free and held.


@pytest.mark.parametrize("task", ["spiral", "three", "bumps", "delay"])
@pytest.mark.parametrize("width", [1, 6, 8, 12, 64])
def test_kinds_have_the_same_number_of_parameters_to_within_a_twentieth(task, width):
    experiment = Experiment().changed(task=task, hidden=(width,), spare=1)
    counts = [four_loops.parameters(alike) for alike in four_loops.matched(experiment).values()]

    assert max(counts) / min(counts) < 1.05


def test_kinds_are_trained_each_for_all_updates():
    *_, last = frames("four_loops", "updates=3&points=40")

    boundaries = [name for name in last.arrays if name.endswith(".boundary")]
    assert boundaries == [f"four_loops.{name}.boundary" for name in ("none", "output", "hidden", "equilibrium")]
    assert last.facts["ended"] == {"word": "finished", "values": {"updates": 3}}
    plain = [*frames("training", "updates=3&points=40&feedback=none&steps=1&hidden=24")][-1]
    assert last.arrays["four_loops.width"][0] == 24
    assert last.arrays["four_loops.loss"][0] == pytest.approx(plain.facts["test_loss"], rel=1e-5)


def test_a_free_loop_loses_its_fixed_point_and_a_held_one_keeps_it():
    *_, last = frames("free_and_held", "task=spiral&hidden=16&steps=10&updates=70&learning_rate=0.02")

    assert last.arrays["free_and_held.free.lost.radius"] > 1
    assert last.arrays["free_and_held.free.update"][-1] < 70
    assert last.facts["free_and_held"]["free"]["updates"] < 70
    assert last.arrays["free_and_held.held.radius"].max() < 0.9 + 1e-5
    assert last.arrays["free_and_held.held.update"][-1] == 70


def test_the_radius_of_a_held_run_is_that_at_its_fixed_points():
    run = Run(Experiment())
    x = run.train_examples[0][: free_and_held.ASKED]
    with torch.no_grad():
        s = run.network(x.expand(200, *x.shape)).states[-1]

    expected = np.abs(np.linalg.eigvals(jacobian(run.network, x, s).numpy())).max()
    assert free_and_held.radius(run) == pytest.approx(expected, rel=1e-3)


# What all of them share.


def test_a_slider_moved_while_a_run_is_paused_is_answered_without_an_update():
    runner = Asking({})
    pulled = played("portrait", "hidden=2&updates=5&points=20", runner)
    seen = [next(pulled)]
    for x1 in (0.5, 1.0):
        runner.values["x1"] = x1
        seen.append(next(pulled))
    seen.append(next(pulled))

    assert [frame.facts["update"] for frame in seen] == [0, 0, 0, 1]
    assert len({frame.arrays["portrait.arrow.x"].tobytes() for frame in seen}) == 4


def test_a_boundary_is_that_of_a_snapshot():
    for task in ("circle", "three", "delay"):
        run = Run(Experiment().changed(task=task, points=40))
        assert watching.boundary(run).tobytes() == probes.snapshot(run).boundary.tobytes()


def test_test_scores_are_those_of_a_snapshot():
    run = Run(Experiment().changed(points=40))
    snapshot = probes.snapshot(run)

    assert watching.test_scores(run) == pytest.approx((snapshot.metrics["accuracy"], snapshot.test_loss))


def test_a_trail_is_never_long_and_keeps_its_ends():
    trail = watching.Trail()
    for update in range(5000):
        trail.add(update, update / 2)

    assert len(trail.rows) <= watching.MOST
    assert (trail.column(0)[0], trail.column(0)[-1]) == (0, 4999)
    assert (np.diff(trail.column(0)) > 0).all()


@pytest.mark.parametrize("program", ["portrait", "spectrum", "gains", "three_gradients", "four_loops", "free_and_held"])
@settings(max_examples=12)
@given(experiments(points=30, updates=2, width=6, hidden=6, steps=6, length=6))
def test_any_experiment_can_be_looked_into(program, experiment):
    *_, last = frames(program, query(experiment.changed(device="cpu")), {"x1": 0.5, "start": [[0.1, 0.1]]})

    assert unpack(pack(last)).arrays.keys() == last.arrays.keys()
    if program == "portrait" and len(last.arrays["fixed.residual"]):
        assert last.arrays["fixed.residual"].max() < 1e-6


@pytest.mark.parametrize("activation", ["linear", "relu", "gelu"])
def test_a_loop_that_breaks_is_looked_into_without_an_error(activation):
    broken = f"activation={activation}&gain=4&weight_scale=8&steps=64&learning_rate=10&loss=mean_squared&points=20"
    for program in ("portrait", "spectrum", "gains", "three_gradients", "four_loops", "free_and_held"):
        *_, last = frames(program, f"{broken}&updates=2")
        assert unpack(pack(last)).arrays


@pytest.mark.parametrize("program", ["portrait", "three_gradients", "unrolled"])
@pytest.mark.parametrize(("query", "word"), [("updates=3", "finished"), ("target_loss=1&updates=50", "converged")])
def test_a_program_that_answers_on_says_why_its_run_is_over(program, query, word):
    *_, last = frames(program, query)

    assert last.facts["idle"]
    assert last.facts["done"]["word"] == word


def test_of_runs_side_by_side_the_one_that_went_furthest_says_why_they_are_over():
    *_, last = frames("free_and_held", "task=spiral&hidden=16&steps=30&updates=40&learning_rate=0.03&batch=50")

    assert len(last.arrays["free_and_held.free.lost.update"])
    assert last.facts["ended"] == {"word": "finished", "values": {"updates": 40}}


def test_a_spectrum_of_a_loop_that_broke_says_so():
    *_, last = frames("spectrum", "activation=linear&gain=4&steps=64&weight_scale=8&learning_rate=10&updates=200")

    assert last.facts["ended"]["word"] == "diverged"
