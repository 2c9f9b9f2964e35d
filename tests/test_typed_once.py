"""What a program and a figure both go by is typed once: a frame of the one fits the other, in names and in sizes."""

import numpy as np
import pytest

from fbviz.chapters.associative_memory.values import SIDE, glyph
from fbviz.chapters.closing_the_loop.values import TWINS
from fbviz.chapters.figures import FIGURES
from fbviz.chapters.gradients_back.values import WAYS
from fbviz.chapters.inside_the_loop.values import BASINS
from fbviz.chapters.thinking_longer import thinking
from fbviz.chapters.thinking_longer.values import PARAMETERS, SIDES
from fbviz.experiment import PARTS, SETTINGS, Experiment
from fbviz.picture import FIELD, SEQUENCES, Picture
from fbviz.tasks import TASKS
from fbviz.ui.controls import widget
from tests.learning.runners import frames


@pytest.mark.parametrize("task", ["circle", "three", "bumps"])
def test_the_field_a_run_sends_is_as_fine_as_the_one_a_figure_draws(task):
    *_, last = frames("training", f"task={task}&updates=1&points=20")
    assert last.arrays["boundary"].shape == (FIELD, FIELD)
    heatmap = FIGURES["boundary"].f(Picture(Experiment().changed(task=task), last.arrays)).data[0]
    low, high = TASKS[task].domain
    assert heatmap.x0 - heatmap.dx / 2 == pytest.approx(low)
    assert heatmap.x0 + (FIELD - 0.5) * heatmap.dx == pytest.approx(high)


def test_as_many_sequences_are_drawn_as_a_run_answers():
    *_, last = frames("training", "task=flip_flop&updates=1&points=200")
    assert len(last.arrays["boundary"]) == SEQUENCES


def test_each_parts_settings_have_a_control_each():
    assert {setting.part for setting in SETTINGS} == set(PARTS)
    for setting in SETTINGS:
        assert widget.dispatch(type(setting.rule)) is not widget.dispatch(object), setting.name


def test_the_table_of_mazes_names_the_parameters_that_its_networks_have():
    built = {"loop": thinking.FloodFill(), "forward": thinking.ForwardFill()}
    assert {name: sum(W.numel() for W in net.parameters()) for name, net in built.items()} == dict(PARAMETERS)
    grid = FIGURES["exact_shares"].f(Picture(Experiment()))
    assert [row[1] for row in grid.rows] == ["233", "14,629"]
    assert grid.columns[2:] == ["8 × 8", "16 × 16", "24 × 24"]
    assert SIDES == (8, 16, 24)


def test_a_basin_has_a_colour_whichever_fixed_point_it_belongs_to():
    *_, last = frames("portrait", "hidden=2&weight_scale=8&gain=4&updates=1&points=20")
    assert last.arrays["portrait.basin"].max() <= BASINS
    heatmap = FIGURES["phase_portrait"].f(Picture(Experiment())).data[0]
    assert heatmap.zmax == BASINS
    assert len({colour for _, colour in heatmap.colorscale}) == BASINS + 1


def test_each_gradient_is_sent_under_its_own_name():
    """At k = T truncated BPTT is BPTT; at k = 1 it is not; and the implicit one is the third."""
    *_, one = frames("three_gradients", "spectral_norm=0.5&updates=1&points=40", {"k": 1})
    *_, all_steps = frames("three_gradients", "spectral_norm=0.5&updates=1&points=40", {"k": 64})
    assert WAYS == ("bptt", "truncated", "implicit")
    np.testing.assert_allclose(one.arrays["three_gradients.bptt.cosine"], 1, atol=1e-6)
    np.testing.assert_allclose(all_steps.arrays["three_gradients.truncated.cosine"], 1, atol=1e-6)
    assert one.arrays["three_gradients.truncated.cosine"][-1] < 0.9999
    assert (
        one.arrays["three_gradients.implicit.kb"][0] == one.arrays["three_gradients.implicit.kb"][-1]
    )  # its memory does not grow
    assert one.arrays["three_gradients.bptt.kb"][-1] > 5 * one.arrays["three_gradients.bptt.kb"][0]


def test_the_plain_twin_is_the_one_without_a_loop():
    """Its answer does not depend on the gain; that of the other does."""
    plain, loop = TWINS
    ends = [list(frames("twins", f"gain={gain}&updates=3&points=20"))[-1].arrays for gain in (0.5, 3)]
    boundary = {name: [end[f"twins.{name}.boundary"] for end in ends] for name in TWINS}
    assert (boundary[plain][0] == boundary[plain][1]).all()
    assert (boundary[loop][0] != boundary[loop][1]).any()


def test_patterns_stand_in_the_picture_in_the_order_of_their_names():
    *_, last = frames("recall", values={"noise": 0})
    stored = last.arrays["recall.stored"]
    ticks = FIGURES["stored_patterns"].f(Picture(Experiment())).layout.xaxis
    for name, middle in zip(ticks.ticktext[:-1], ticks.tickvals[:-1], strict=True):
        left = round(middle - (SIDE - 1) / 2)
        np.testing.assert_array_equal(stored[:, left : left + SIDE], glyph(name))
