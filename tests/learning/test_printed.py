"""The tutorial's network as it is printed: every claim about it, by running it."""

import itertools
import warnings
from functools import cache

import numpy as np
import pytest
import torch
from torch import nn

from fbviz.chapters.the_printed_network import repairs
from fbviz.chapters.the_printed_network.band import Fleet, beyond, within
from fbviz.chapters.the_printed_network.printed import PrintedNetwork, PrintedRun, heard, influence
from fbviz.chapters.the_printed_network.tutorial import points
from fbviz.chapters.the_printed_network.values import REPAIR, REPORTED, RepairsDials
from fbviz.frames import pack, unpack
from tests.learning.runners import Asking, frames, played

SWITCHES = ("one_output", "cross_entropy", "real_test", "feedback")


class Patient(Asking):
    """A runner whose reader looks at nothing before the end."""

    def wanted(self, update):
        return False


@cache
def last(program, **values):
    *_, frame = played(program, "", Patient(values))
    return frame


def by_hand(seed):
    """The printed network in plain PyTorch."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, 10), nn.Tanh(), nn.Linear(10, 2), nn.Tanh(), nn.Linear(2, 2))


# As it is printed.


def test_it_is_the_network_that_is_printed():
    x, _, _ = points()

    assert torch.equal(PrintedNetwork(3)(x), by_hand(3)(x))


def test_its_run_is_the_run_of_plain_pytorch():
    x, y, _ = points()
    model = by_hand(1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    run, losses = PrintedRun(1), []
    for _ in range(100):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y.repeat(1, 2))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        run.advance()

    assert run.losses == pytest.approx(losses, rel=1e-4)


def test_it_has_58_parameters():
    assert last("printed").arrays["printed.numbers"][0] == (2 * 10 + 10) + (10 * 2 + 2) + (2 * 2 + 2) == 58


def test_with_a_bias_at_every_edge_there_would_be_88():
    weights = sum(layer.weight.numel() for layer in PrintedNetwork(0).layers)

    assert 2 * weights == 88


def test_its_outputs_are_4_by_2_and_its_targets_4_by_1_and_the_loss_warns():
    facts = last("printed").facts
    x, y, _ = points()

    assert (facts["output_shape"], facts["target_shape"]) == ("4 × 2", "4 × 1")
    with pytest.warns(UserWarning, match="different to the input size") as told:
        nn.MSELoss()(by_hand(0)(x), y)
    assert facts["warning"] == f"UserWarning: {told[0].message}"
    assert "torch.Size([4, 1])" in facts["warning"]
    assert "torch.Size([4, 2])" in facts["warning"]


def test_the_loss_is_that_of_every_label_written_twice_and_then_nothing_warns():
    for frame in (next(frames("printed")), last("printed")):
        broadcast, repeated = frame.arrays["printed.losses"]

        assert broadcast == repeated
        assert frame.arrays["printed.same"][0] == 1
    _, targets, _ = points()
    assert heard(nn.MSELoss(), torch.zeros(4, 2), targets.repeat(1, 2))[1] == ""


def test_both_outputs_learn_the_same_label():
    first, trained = next(frames("printed")), last("printed")

    assert trained.facts["apart"] < 0.1 < first.facts["apart"]
    for name in ("first", "second"):
        np.testing.assert_allclose(trained.arrays[f"printed.{name}"], trained.arrays["printed.target"], atol=0.1)


def test_two_numbers_are_not_one_and_torch_says_so():
    with pytest.raises(RuntimeError) as told:
        torch.zeros(1, 2).item()

    assert last("printed").facts["error"] == f"RuntimeError: {told.value}"
    assert "2 elements cannot be converted to Scalar" in str(told.value)
    assert last("printed").facts["one_number"] == 0
    assert last("printed").arrays["printed.same"][1] == 0


def test_it_prints_epochs_1_to_901_and_not_those_that_are_reported():
    frame = last("printed")

    assert frame.arrays["printed.log_epochs"].tolist() == list(range(1, 1000, 100))
    assert frame.facts["printed"] == "1, 101, … 901"
    assert list(REPORTED) == [100, 200, 300, 400, 500, 600, 700, 800, 900]
    assert frame.arrays["printed.same"][2] == 0


def test_no_edge_leads_back():
    frame = last("printed")
    table = frame.arrays["printed.influence"]

    assert frame.facts["back"] == 0
    assert not np.triu(table, 1).any()
    assert (np.tril(table, -1)[np.tril_indices(4, -1)] > 0).all()
    np.testing.assert_allclose(np.diag(table), np.sqrt([8, 40, 8, 8]), rtol=1e-6)  # of identities, over four points


def test_influence_is_the_norm_of_the_jacobian():
    network, (x, _, _) = PrintedNetwork(0), points()
    table, _ = influence(network.activities(x.clone().requires_grad_()))
    exact = torch.stack([torch.autograd.functional.jacobian(network, point[None])[0, :, 0] for point in x])

    assert table[3, 0] == pytest.approx(exact.norm().item(), rel=1e-5)


def test_an_edge_back_would_be_seen():
    y = torch.ones(4, 2, requires_grad=True)
    h = torch.tanh(y)

    assert influence([h, y])[1] == 1


def test_another_seed_begins_again():
    runner, seen = Asking({"seed": 0}), []
    for frame in itertools.islice(played("printed", "", runner), 5):
        seen.append((frame.facts["update"], frame.arrays["printed.test"].tolist()))
        runner.values["seed"] = 7 if len(seen) > 2 else 0
    runs, expected = {seed: PrintedRun(seed) for seed in (0, 7)}, []
    for seed, update in [(0, 0), (0, 1), (0, 2), (7, 0), (7, 1)]:
        if update:
            runs[seed].advance()
        expected.append((update, runs[seed].frame(runs[seed].status).arrays["printed.test"].tolist()))

    assert seen == expected


# What is reported, and what is measured.


@pytest.fixture(scope="module")
def twenty():
    return last("band")


def test_the_fleet_is_as_many_runs_of_the_printed_network():
    fleet, runs = Fleet(3), [PrintedRun(seed) for seed in range(3)]
    for _ in range(60):
        fleet.advance()
        for run in runs:
            run.advance()

    np.testing.assert_allclose(np.array(fleet.losses).T, [run.losses for run in runs], rtol=1e-3)


def test_twenty_seeds_are_the_default(twenty):
    assert len(twenty.arrays["band.seeds"]) == 20
    assert twenty.facts["ended"]["word"] == "finished"


@pytest.mark.parametrize(
    ("epoch", "low", "high"),
    [(100, 0.011, 0.075), (200, 0.0003, 0.033), (300, 0.0002, 0.013), (400, 0.00003, 0.0044), (500, 0.00001, 0.0021)],
)
def test_the_losses_of_twenty_seeds_span(twenty, epoch, low, high):
    row = epoch // 100 - 1

    assert twenty.arrays["band.at_low"][row] == pytest.approx(low, rel=0.5)
    assert twenty.arrays["band.at_high"][row] == pytest.approx(high, rel=0.1)
    assert twenty.arrays["band.at_low"][row] < twenty.arrays["band.at_median"][row] < twenty.arrays["band.at_high"][row]


def test_at_epoch_900_the_losses_are_below_0_0005(twenty):
    assert 0 <= twenty.arrays["band.at_low"][8] < 5e-6
    assert twenty.arrays["band.at_high"][8] == pytest.approx(0.0004, rel=0.1)


def test_no_seed_is_at_the_reported_loss_after_100_epochs(twenty):
    assert twenty.facts["as_low"] == 0
    assert twenty.arrays["band.at_low"][0] > 6 * REPORTED[100]
    assert twenty.arrays["band.inside"].tolist() == [0, 1, 1, 1, 1, 1, 1, 1, 1]
    assert twenty.arrays["band.beyond"].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0]


def test_the_test_outputs_lie_between_0_85_and_1_03(twenty):
    assert twenty.arrays["band.test"][[0, 2]] == pytest.approx([0.85, 1.03], abs=0.005)
    assert len(twenty.arrays["band.test_first"]) == len(twenty.arrays["band.test_second"]) == 20


def test_a_band_is_the_least_the_median_and_the_most():
    fleet = Fleet(5)
    for _ in range(100):
        fleet.advance()
    frame = fleet.frame(fleet.status)
    seeds = fleet.losses[99]

    measured = [frame.arrays[f"band.at_{name}"][0] for name in ("low", "median", "high")]
    assert measured == pytest.approx([seeds.min(), np.median(seeds), seeds.max()])
    assert np.isnan(frame.arrays["band.at_low"][1:]).all()
    assert frame.arrays["band.epochs"].tolist() == [*range(1, 100, 10), 100]


def test_a_rounded_number_is_within_if_what_it_was_rounded_from_can_be():
    assert within(np.array([0.0001]), np.array([0.00014]), np.array([1.0])).tolist() == [1]
    assert within(np.array([0.0001]), np.array([0.00016]), np.array([1.0])).tolist() == [0]


def test_what_lies_outside_a_band_lies_below_or_above():
    low, high = np.array([0.1, 0.1, 0.1]), np.array([0.2, 0.2, 0.2])
    assert beyond(np.array([0.05, 0.15, 0.3]), low, high).tolist() == [1, 0, 2]


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (500, 50), (7.4, 7), (float("nan"), 20), ("9", 20), (True, 20)])
def test_a_slider_is_brought_within_its_bounds(asked, given):
    assert next(frames("band", "", {"seeds": asked})).arrays["band.seeds"].tolist() == list(range(given))


# Repairs, one switch at a time.


@pytest.fixture(scope="module")
def repaired():
    """(numbers by name, the error) of the second column, by the switches thrown."""

    def outcome(*thrown):
        frame = last("repairs", **dict.fromkeys(thrown, 1))
        return dict(zip(REPAIR, frame.arrays["repairs.after"], strict=True)), frame.facts["after"]["error"]

    return {thrown: outcome(*thrown) for thrown in [(), *itertools.combinations(SWITCHES, 1), SWITCHES[:3], SWITCHES]}


@pytest.mark.filterwarnings("ignore:Using a target size")
def test_without_a_switch_it_is_the_printed_network(repaired):
    numbers, error = repaired[()]
    x, _, _ = points()
    trial = repairs.Trial(RepairsDials())
    trial.update()

    assert torch.equal(repairs.Repaired(RepairsDials(seed=5))(x), PrintedNetwork(5)(x))
    assert numbers["parameters"] == 58
    assert (numbers["runs"], numbers["silent"], numbers["edge"]) == (0, 0, 0)
    assert error.startswith("RuntimeError")
    assert trial.warning.startswith("UserWarning")


def test_one_output_ends_the_warning_and_the_crash(repaired):
    numbers, error = repaired[("one_output",)]

    assert (numbers["outputs"], numbers["silent"], numbers["runs"], numbers["right"]) == (1, 1, 1, 1)
    assert error == ""


def test_cross_entropy_alone_refuses_the_shapes_that_the_squared_error_let_pass(repaired):
    numbers, error = repaired[("cross_entropy",)]
    with pytest.raises(ValueError, match="must be the same as input size") as told:
        nn.BCEWithLogitsLoss()(torch.zeros(4, 2), torch.zeros(4, 1))

    assert error == f"ValueError: {told.value}"
    assert numbers["runs"] == 0
    assert np.isnan(numbers["loss"])


def test_a_real_test_asks_for_no_single_number(repaired):
    numbers, _ = repaired[("real_test",)]

    assert numbers["runs"] == 1
    assert numbers["share"] >= 0.95


def test_a_feedback_edge_is_one_that_autograd_follows(repaired):
    numbers, _ = repaired[("feedback",)]

    assert numbers["edge"] > 0.1
    assert numbers["parameters"] == 58
    assert numbers["right"] == 1


def test_on_four_points_in_a_row_the_loop_is_no_better(repaired):
    without, _ = repaired[SWITCHES[:3]]
    with_loop, _ = repaired[SWITCHES]

    assert without["share"] == 1.0
    assert 0.9 <= with_loop["share"] <= without["share"]


def test_a_repaired_loop_is_written_out_as_its_formula():
    network, (x, _, _) = repairs.Repaired(RepairsDials(feedback=True)), points()
    W1, b1, W2, b2, W3, b3 = (p.detach().double().numpy() for p in network.parameters())
    s = np.zeros((4, 2))
    for _ in range(5):
        u = np.tanh((x.numpy() + s @ W3.T + b3) @ W1.T + b1) @ W2.T + b2
        s = np.tanh(u)

    np.testing.assert_allclose(network(x).detach(), u, atol=1e-5)


def test_a_switch_thrown_while_it_trains_begins_again():
    runner, seen = Asking({"one_output": 0}), []
    for frame in itertools.islice(played("repairs", "", runner), 4):
        seen.append((frame.facts["update"], frame.arrays["repairs.after"][0]))
        runner.values["one_output"] = int(len(seen) > 2)

    assert seen == [(0, 0), (1, 0), (2, 0), (0, 1)]


@pytest.mark.parametrize("program", ["printed", "band", "repairs", "derivation", "derivation_trials", "surface"])
def test_every_frame_can_cross_to_a_browser(program):
    for frame in itertools.islice(frames(program, "task=article&hidden=0"), 3):
        there = unpack(pack(frame))

        assert there.arrays.keys() == frame.arrays.keys()
        assert all(0 < array.ndim < 3 for array in there.arrays.values())


def test_what_pytorch_warns_of_is_heard_and_not_passed_on():
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        PrintedRun(0).advance()

    assert not told
