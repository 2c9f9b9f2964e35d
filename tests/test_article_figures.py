"""The figures of the tutorial, checked: each names only what its program sends, and draws it as it came."""

from functools import cache

import numpy as np
import plotly.graph_objects as go
import pytest

from fbviz.experiment import Experiment
from fbviz.figures import FIGURES
from fbviz.figures.base import Grid
from fbviz.picture import Picture
from fbviz.words import translator
from tests.learning.desks import frames

LOGISTIC = "task=article&hidden=0&feedback=none&steps=1&optimizer=sgd&learning_rate=0.01"
PROGRAMS = {  # each with the figures that show it, and values that make it short
    "derivation": (("derivation", "tutorial_formulas"), {}),
    "derivation_trials": (("derivation_trials",), {}),
    "surface": (("loss_surface", "sigmoid_curve", "milestones", "boundary", "losses"), {"updates": 5}),
    "printed": (("printed_program", "printed_answers", "layer_influence", "printed_loss"), {}),
    "band": (("loss_band", "loss_band_table", "outputs_at_test"), {"seeds": 2}),
    "repairs": (("repair_table", "repair_losses"), {"one_output": 1}),
}
CASES = [(program, name) for program, (names, _) in PROGRAMS.items() for name in names]


@cache
def last(program):
    *_, frame = frames(program, LOGISTIC, PROGRAMS[program][1])
    return frame


def picture(program):
    return Picture(Experiment.from_query(dict(p.split("=") for p in LOGISTIC.split("&")))[0], last(program).arrays)


def cells(grid):
    return [cell for row in grid.rows for cell in row if not isinstance(cell, str)]


@pytest.mark.parametrize(("program", "name"), CASES)
def test_a_blank_figure_names_only_what_its_program_sends(program, name):
    blank = FIGURES[name].f(Picture(picture(program).experiment), translator("zh"))
    if isinstance(blank, go.Figure):
        named = [array for trace in blank.data for array in (trace.meta or {}).values()]
        assert set(named) <= set(last(program).arrays)
    else:
        assert isinstance(blank, Grid)
        for cell in cells(blank):
            assert found(cell, last(program))
        assert all(len(row) == len(blank.columns) for row in blank.rows)
        assert blank.to_json()


def found(cell, frame):
    """Is there something for this cell?"""
    if "fact" in cell:
        value = frame.facts
        for part in cell["fact"].split("."):
            value = value[part]
        return True
    array = frame.arrays[cell.get("array") or cell["mark"]]
    return array.ndim == 1 and cell["at"] < len(array)


@pytest.mark.parametrize(("program", "name"), CASES)
def test_a_filled_figure_is_the_blank_one_and_what_the_program_sent(program, name):
    whole = FIGURES[name].f(picture(program), translator("zh"))
    for trace in whole.data if isinstance(whole, go.Figure) else []:
        for attribute, array in (trace.meta or {}).items():
            value = trace
            for part in attribute.split("."):
                value = value[part]
            np.testing.assert_array_equal(np.asarray(value), last(program).arrays[array])
