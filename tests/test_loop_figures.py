import itertools
import re
from urllib.parse import parse_qsl

import pytest

from fbviz.chapters.closing_the_loop.values import ROWS, SETTINGS
from fbviz.chapters.figures import FIGURES
from fbviz.experiment import Experiment
from fbviz.picture import Picture
from fbviz.tasks import TASKS
from fbviz.words import PACKAGE, translator
from tests.learning.runners import frames
from tests.shown import check, every_cell_is_filled, figures_of

SHOWN = figures_of("closing-the-loop", "seven-steps")
TABLE = "sequence_table"  # its experiments are its own
CASES = [*itertools.product([program for program in SHOWN if program != TABLE], TASKS, ["none", "output", "hidden"])]


@pytest.mark.parametrize(("program", "task", "feedback"), CASES)
def test_a_blank_figure_with_the_arrays_it_names_is_the_figure(program, task, feedback):
    experiment = Experiment().changed(task=task, feedback=feedback, spare=1, updates=2, points=20).fitted()
    query = "&".join(f"{name}={value}" for name, value in experiment.to_query().items())
    *_, frame = frames(program, query)
    for name in SHOWN[program]:
        check(name, experiment, frame)
        assert every_cell_is_filled(name, experiment, frame)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_chapter_opens_every_row_of_the_table(language):
    text = (PACKAGE / f"chapters/closing_the_loop/{language}.md").read_text(encoding="utf-8")
    links = [dict(parse_qsl(link)) for link in re.findall(r"\(playground\?([^)]*)\)", text)]

    assert links == [row.experiment.to_query() for row in ROWS]


def test_the_table_of_sequences_has_a_row_for_each_of_its_experiments(monkeypatch):
    monkeypatch.setitem(SETTINGS, "updates", 1)
    *_, frame = frames(TABLE)
    for name in SHOWN[TABLE]:
        check(name, Experiment(), frame)
        assert every_cell_is_filled(name, Experiment(), frame)

    assert len(FIGURES["sequence_table"].f(Picture(Experiment())).rows) == len(ROWS)


@pytest.mark.parametrize(("table", "rows"), [("kinds_scores", 4), ("twin_claims", 3)])
def test_a_score_that_is_undefined_is_called_so_in_a_table(table, rows):
    regression = Picture(Experiment().changed(task="bumps", loss="mean_squared"))
    grid = FIGURES[table].f(regression, translator("zh"))

    assert sum("无定义" in str(row) for row in grid.rows) == rows
