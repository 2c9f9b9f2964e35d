"""What the tutorial says and what is so: its own settings, run."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from fbviz.chapters.logistic_regression import surface
from fbviz.chapters.logistic_regression.values import HIGH, LOW, SIDE, DerivationDials
from fbviz.experiment import PRESETS
from tests.learning.runners import NEVER, Asking, frames, played

LOGISTIC = "task=article&hidden=0&feedback=none&steps=1&optimizer=sgd&learning_rate=0.01"


def last(program, query="", **values):
    *_, frame = frames(program, query, values, step=NEVER)
    return frame


# The derivation.


def test_each_line_of_the_derivation_agrees_with_autograd_and_with_finite_differences():
    frame = last("derivation")

    np.testing.assert_allclose(frame.arrays["derivation.formula"], frame.arrays["derivation.autograd"], rtol=1e-12)
    np.testing.assert_allclose(frame.arrays["derivation.formula"], frame.arrays["derivation.difference"], rtol=1e-6)
    assert frame.arrays["derivation.agrees"].tolist() == [1.0] * 7
    assert frame.facts["idle"]


def test_at_the_label_1_and_the_answer_0_3_the_slope_is_minus_a_third_of_ten_and_the_tutorial_has_plus():
    b = math.log(0.3 / 0.7)
    frame = last("derivation", w1=0.0, w2=0.0, b=b, y=1)

    assert frame.arrays["derivation.forward"][1] == pytest.approx(0.3)
    assert frame.arrays["derivation.autograd"][0] == pytest.approx(-10 / 3)
    assert frame.arrays["tutorial.formula"][0] == pytest.approx(10 / 3)
    assert frame.arrays["derivation.autograd"][6] == pytest.approx(0.8473, abs=1e-4)  # ∂L/∂y = ln(0.7 / 0.3)
    assert frame.arrays["tutorial.formula"][1] == pytest.approx(-10 / 3)


def test_the_tutorial_s_chain_rule_goes_through_the_label_and_gives_nothing():
    frame = last("derivation")

    assert frame.arrays["tutorial.formula"][2:4].tolist() == [0.0, 0.0]
    assert not frame.arrays["tutorial.agrees"].any()


def test_read_with_z_in_the_place_of_y_the_tutorial_s_chain_rule_has_the_wrong_sign():
    frame = last("derivation")

    np.testing.assert_allclose(frame.arrays["tutorial.formula"][4:], -frame.arrays["tutorial.autograd"][4:])


def test_the_marks_are_found_and_not_written_down():
    """Where x₁ is 0 no formula for ∂L/∂w₁ can be wrong, not even the tutorial's."""
    assert last("derivation", x1=0.0).arrays["tutorial.agrees"].tolist() == [0, 0, 1, 0, 1, 0]


def test_it_is_told_what_is_wrong_with_each_of_the_tutorial_s_lines():
    """A sign; another number; a factor of 0, twice; and the sign again, where z stands for y."""
    assert last("derivation").arrays["tutorial.fault"].tolist() == [1, 3, 2, 2, 1, 1]
    assert last("derivation", x1=0.0).arrays["tutorial.fault"].tolist() == [1, 3, 0, 2, 0, 1]


place = st.builds(dict, **{name: st.floats(dial.low, dial.high) for name, dial in DerivationDials.rules().items()})


@settings(max_examples=80)
@given(place)
def test_wherever_the_sliders_stand_the_lines_agree_and_the_tutorial_s_sign_does_not(values):
    frame = last("derivation", **values)

    assert frame.arrays["derivation.agrees"].all()
    assert not frame.arrays["tutorial.agrees"][0]


@pytest.mark.parametrize("value", [math.nan, math.inf, -1e300, "3", None, [1, 2], True])
def test_nothing_that_a_slider_sends_breaks_the_derivation(value):
    frame = last("derivation", w1=value, x1=value, y=value)

    assert frame.arrays["derivation.agrees"].all()


def test_a_moved_slider_is_heard():
    first, second = frames("derivation", "", {"b": 0.0}, then=[{"b": 1.0}])

    assert (second.arrays["derivation.forward"] - first.arrays["derivation.forward"])[0] == pytest.approx(1.0)


def test_at_a_thousand_places_every_line_holds_and_none_of_the_tutorial_s():
    *before, frame = frames("derivation_trials")

    assert frame.facts["update"] == 1000
    assert frame.arrays["trials.ours"].tolist() == [1.0] * 7
    assert frame.arrays["trials.tutorial"].tolist() == [0.0] * 6
    assert frame.facts["tutorial"] == 0.0
    assert frame.facts["ended"]["word"] == "finished"
    assert before[0].facts["update"] == 0


# Logistic regression.


def by_hand(seed, updates):
    """The script in plain PyTorch: its model, and the share of points that are right after each update."""
    x = torch.tensor([[1.0, 2], [2, 3], [3, 4], [4, 5]])
    y = torch.tensor([[0.0], [0], [1], [1]])
    torch.manual_seed(seed)
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    right = []
    for _ in range(updates):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy(torch.sigmoid(model(x)), y).backward()
        optimizer.step()
        right.append(((model(x) > 0) == (y > 0.5)).float().mean().item())
    return model, right


def test_after_1000_updates_three_of_four_points_are_right():
    frame = last("surface", LOGISTIC + "&updates=1000")
    model, right = by_hand(0, 1000)

    assert frame.facts["right"] == right[-1] == 0.75
    assert frame.facts["first"] is None
    assert 0.40 <= frame.arrays["surface.numbers"][0] <= 0.51
    assert 0.85 <= frame.facts["test"] <= 0.92
    assert frame.facts["test"] == pytest.approx(torch.sigmoid(model(torch.tensor([[5.0, 6.0]]))).item(), abs=1e-5)


def test_all_four_points_are_right_first_after_1069_updates():
    frame = last("surface", LOGISTIC + "&updates=1500")
    _, right = by_hand(0, 1500)

    assert frame.facts["first"] == frame.arrays["surface.numbers"][8] == 1 + right.index(1.0) == 1069


def test_being_right_once_is_not_being_right_for_good():
    frame = last("surface", LOGISTIC, seed=1, updates=1100)
    _, right = by_hand(1, 1100)

    assert frame.facts["first"] == 1 + right.index(1.0) == 7
    assert frame.arrays["surface.numbers"][8] == 1063


def test_the_boundary_stands_left_of_the_second_point_after_1000_updates_and_right_of_it_after_1069():
    crossing = [last("surface", LOGISTIC, updates=n).arrays["surface.numbers"][4] for n in (1000, 1068, 1069)]

    assert crossing == sorted(crossing)
    assert crossing[1] < 2 < crossing[2] < 3


def test_the_surface_is_the_mean_surprise_of_scikit_learn():
    frame = last("surface", LOGISTIC, updates=40)
    axis, b = np.linspace(LOW, HIGH, SIDE), frame.arrays["surface.numbers"][3]
    x, y = np.array([[1, 2], [2, 3], [3, 4], [4, 5]]), [0, 0, 1, 1]
    for row, column in ((0, 0), (10, 45), (60, 60), (33, 20)):
        z = x @ [axis[column], axis[row]] + b
        expected = np.log10(log_loss(y, 1 / (1 + np.exp(-z))))
        assert frame.arrays["surface.loss"][row, column] == pytest.approx(expected, abs=1e-5)


def test_the_way_begins_at_the_first_weights_and_ends_at_the_last():
    frame = last("surface", LOGISTIC, updates=300)
    torch.manual_seed(0)
    first = torch.nn.Linear(2, 1).weight[0].tolist()
    path = np.stack([frame.arrays["surface.path_w1"], frame.arrays["surface.path_w2"]], 1)

    assert path[0].tolist() == pytest.approx(first)
    np.testing.assert_allclose(path[-1], frame.arrays["surface.numbers"][1:3], atol=1e-6)
    assert len(path) < 300


def test_points_stand_on_the_sigmoid():
    frame = last("surface", LOGISTIC + "&updates=10")
    for name in ("points", "test"):
        z, p = (frame.arrays[f"sigmoid.{name}_{key}"] for key in "zp")
        np.testing.assert_allclose(p, 1 / (1 + np.exp(-z)), rtol=1e-6)


def test_a_new_seed_begins_again_and_more_updates_go_on():
    changes = {3: {"updates": 50}, 6: {"seed": 4}}

    runner, seen = Asking({}), []
    for frame in played("surface", LOGISTIC + "&updates=5", runner):
        seen.append(frame.facts["update"])
        runner.values.update(changes.get(len(seen), {}))

    assert seen == [0, 1, 2, 2, 3, 4, *range(51)]  # a moved slider is answered at once


def test_a_run_that_is_made_longer_keeps_the_history_to_its_new_end(monkeypatch):

    descents = []

    class Kept(surface.Descent):
        def __init__(self, experiment):
            super().__init__(experiment)
            descents.append(self)

    monkeypatch.setattr(surface, "Descent", Kept)
    runner = Asking({"updates": 200})
    for frame in played("surface", LOGISTIC, runner):
        if frame.facts["update"] == 150:
            runner.values["updates"] = 1000
    last("surface", LOGISTIC, updates=1000)

    seen, expected = ([row["update"] for row in descent.run.history] for descent in descents)
    assert seen[-1] == 1000
    assert [update for update in seen if update > 150] == [update for update in expected if update > 150]


def test_the_surface_is_logistic_regression_whatever_the_link_asks():
    assert last("surface", "task=spiral&hidden=8-8&updates=3").facts["update"] == 3


def test_the_preset_is_the_tutorial_s_setting():
    preset = PRESETS["Four points, logistic regression"]

    assert preset.to_query() == dict(p.split("=") for p in (LOGISTIC + "&updates=1000").split("&"))


def test_the_four_points_can_be_divided():
    x, y = np.array([[1, 2], [2, 3], [3, 4], [4, 5]]), [0, 0, 1, 1]

    assert LogisticRegression(C=1.0).fit(x, y).score(x, y) == 1.0
