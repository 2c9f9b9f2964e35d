"""The figures of memory and of thinking longer take what their programs give, and nothing else."""

import json

import numpy as np
import pytest

from fbviz.experiment import Experiment
from fbviz.figures import FIGURES
from fbviz.figures.base import Grid
from fbviz.learning import puzzles, thinking
from fbviz.picture import Picture
from fbviz.words import english, translator
from tests.learning.desks import frames

SHOWN = {
    "memory": ("stored_patterns", "drawn_pattern", "recall", "energy"),
    "capacity": ("capacity_curve",),
    "two_neurons": ("swap",),
    "flood_fill": ("maze", "answer_over_steps", "thinking_losses"),
    "think_parity": ("parity_string", "answer_over_steps", "thinking_losses"),
    "flood_fill_peers": ("exact_shares", "thinking_losses"),
}
CASES = [(program, name) for program, names in SHOWN.items() for name in names]


@pytest.fixture(scope="module")
def last():
    """The last frame of each program, trained a little."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thinking.Practice, "enough", property(lambda self: 21, lambda self, value: None), raising=False)
        patch.setattr(puzzles, "PIECES", 1)
        return {program: list(frames(program, values={"size": 8, "neurons": 100}))[-1] for program in SHOWN}


def named(figure):
    """Every (trace, attribute, array) that a figure takes from a frame."""
    return [(i, *pair) for i, trace in enumerate(figure.data) for pair in (trace.meta or {}).items()]


@pytest.mark.parametrize(("program", "name"), CASES)
def test_a_blank_figure_with_the_arrays_it_names_is_the_figure(program, name, last):
    arrays = last[program].arrays
    blank, whole = (FIGURES[name].f(Picture(Experiment(), given), translator("zh")) for given in ({}, arrays))
    if isinstance(blank, Grid):
        cells = [cell for row in blank.rows for cell in row if not isinstance(cell, str)]
        assert all(cell["at"] < len(arrays[cell["array"]]) for cell in cells)
        return
    assert named(blank)
    assert named(blank) == named(whole)
    for i, attribute, array in named(whole):
        np.testing.assert_array_equal(np.asarray(whole.data[i][attribute]), arrays[array])
    assert json.loads(whole.to_json())


@pytest.mark.parametrize(("name", "value"), [("drawn_pattern", "cell"), ("maze", "wall"), ("parity_string", "bit")])
def test_what_can_be_clicked_lies_on_a_heatmap_that_hears(name, value):
    figure = FIGURES[name].f(Picture(Experiment()), english)

    assert figure.layout.meta == {"cells": value}
    assert figure.data[0].type == "heatmap"
    assert figure.data[0].hoverinfo != "skip"


def test_the_colours_of_a_maze_have_sharp_edges():
    scale = FIGURES["maze"].f(Picture(Experiment()), english).data[0].colorscale

    for code in range(5):
        middle = (code + 0.5) / 5
        below = [colour for at, colour in scale if at < middle][-1]
        above = next(colour for at, colour in scale if at > middle)
        assert below == above
