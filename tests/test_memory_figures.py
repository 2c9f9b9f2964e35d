"""The figures of memory and of thinking longer take what their programs give, and nothing else."""

import pytest

from fbviz.chapters.figures import FIGURES
from fbviz.chapters.thinking_longer import puzzles, thinking
from fbviz.experiment import Experiment
from fbviz.picture import Picture
from fbviz.words import english
from tests.learning.runners import frames
from tests.shown import check, every_cell_is_filled, figures_of

SHOWN = figures_of("associative-memory", "thinking-longer")
CASES = [(program, name) for program, names in SHOWN.items() for name in names]


@pytest.fixture(scope="module")
def last():
    """The last frame of each program, trained a little."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thinking.Practice, "enough", property(lambda self: 21, lambda self, value: None), raising=False)
        patch.setattr(puzzles, "PIECES", 1)
        return {program: list(frames(program, values={"size": 8, "neurons": 100}))[-1] for program in SHOWN}


@pytest.mark.parametrize(("program", "name"), CASES)
def test_a_blank_figure_with_the_arrays_it_names_is_the_figure(program, name, last):
    check(name, Experiment(), last[program])
    assert every_cell_is_filled(name, Experiment(), last[program])


@pytest.mark.parametrize(("name", "value"), [("drawn_pattern", "cell"), ("maze", "wall"), ("parity_string", "bit")])
def test_what_can_be_clicked_lies_on_a_heatmap_that_hears(name, value):
    figure = FIGURES[name].f(Picture(Experiment()), english)

    assert figure.layout.meta["cells"] == value
    assert figure.data[0].type == "heatmap"
    assert figure.data[0].hoverinfo != "skip"


def test_the_colours_of_a_maze_have_sharp_edges():
    scale = FIGURES["maze"].f(Picture(Experiment()), english).data[0].colorscale

    for code in range(5):
        middle = (code + 0.5) / 5
        below = [colour for at, colour in scale if at < middle][-1]
        above = next(colour for at, colour in scale if at > middle)
        assert below == above
