import json
from urllib.parse import parse_qsl

import numpy as np
import pytest

from fbviz.experiment import Experiment
from fbviz.figures import FIGURES
from fbviz.figures.base import Grid
from fbviz.picture import Picture
from fbviz.words import translator
from tests.learning.desks import frames
from tests.test_figures import seen

FIGURES_OF = {
    "portrait": ["phase_portrait", "fixed_points"],
    "spectrum": ["eigenvalues", "spectral_radius"],
    "stability": ["stability_map", "converging_share"],
    "way_back": ["gradient_way_back", "way_back_factors"],
    "three_gradients": ["gradient_cosine", "gradient_cost", "gradient_rights"],
    "kinds": ["kinds_boundaries", "kinds_scores"],
    "held": ["held_radius", "held_boundaries"],
}
QUERIES = [
    "hidden=2&weight_scale=4&gain=3",
    "feedback=output",
    "task=three&feedback=output&spare=2",
    "task=bumps&loss=mean_squared&hidden=4-3",
    "task=delay&length=6",
    "feedback=none",
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("program", FIGURES_OF)
def test_a_program_fills_every_array_that_its_figures_name(program, query):
    *_, frame = frames(program, f"{query}&updates=2&points=20")
    experiment, _ = Experiment.from_query(dict(parse_qsl(query)))
    for name in FIGURES_OF[program]:
        blank = FIGURES[name].f(Picture(experiment), translator("zh"))
        filled = FIGURES[name].f(Picture(experiment, frame.arrays))
        if isinstance(blank, Grid):
            cells = [cell for row in blank.rows for cell in row if not isinstance(cell, str)]
            named = {cell[part] for cell in cells for part in ("array", "mark", "re", "im") if part in cell}
            assert named
            assert named <= set(frame.arrays), name
            assert {len(row) for row in blank.rows} == {len(blank.columns)}
            continue
        named = [array for trace in blank.data for array in (trace.meta or {}).values()]
        assert named
        assert set(named) <= set(frame.arrays), name
        for _, array, value in seen(filled):
            np.testing.assert_array_equal(np.asarray(value), frame.arrays[array])


def test_a_click_on_the_portrait_starts_a_path_and_one_on_a_map_loads_a_cell():
    def meta(name):
        return json.loads(FIGURES[name].f(Picture(Experiment())).to_json())["layout"]["meta"]

    assert meta("phase_portrait") == {"click": "start"}
    loads = {"gain": "stability.gain.here", "weight_scale": "stability.weight_scale.here"}
    assert meta("stability_map") == meta("converging_share") == {"load": loads}
    assert list(meta("stability_map")["load"]) == ["gain", "weight_scale"]  # of x and of y


def test_a_portrait_of_a_large_state_says_what_it_shows():
    def said(query):
        experiment, _ = Experiment.from_query(dict(parse_qsl(query)))
        return [a.text for a in FIGURES["phase_portrait"].f(Picture(experiment)).layout.annotations]

    assert said("hidden=2") == []
    assert "principal components of a state of 8 numbers" in said("hidden=8")[0]
    assert "one number" in said("feedback=output")[0]
