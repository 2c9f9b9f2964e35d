import json
from urllib.parse import parse_qsl

import pytest

from fbviz.chapters.figures import FIGURES
from fbviz.experiment import Experiment
from fbviz.picture import Picture
from tests.learning.runners import frames
from tests.shown import check, figures_of

SHOWN = figures_of("inside-the-loop", "gradients-back")
QUERIES = [
    "hidden=2&weight_scale=4&gain=3",
    "feedback=output",
    "task=three&feedback=output&spare=2",
    "task=bumps&loss=mean_squared&hidden=4-3",
    "task=delay&length=6",
    "feedback=none",
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("program", SHOWN)
def test_a_program_fills_every_array_that_its_figures_name(program, query):
    *_, frame = frames(program, f"{query}&updates=2&points=20")
    experiment, _ = Experiment.from_query(dict(parse_qsl(query)))
    for name in SHOWN[program]:
        check(name, experiment, frame)


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
