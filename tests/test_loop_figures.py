import itertools
import re
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest

from fbviz.experiment import Experiment
from fbviz.figures import FIGURES
from fbviz.figures.base import Grid
from fbviz.picture import Picture
from fbviz.sequence_rows import ROWS, SETTINGS
from fbviz.tasks import TASKS
from fbviz.words import translator
from tests.learning.desks import frames

SHOWS = {
    "unrolled": ("boundary_at_step", "residual_per_step", "accuracy_per_step", "state_at_step"),
    "twins": ("twin_boundaries", "twin_losses", "twin_claims"),
    "walk": ("walk_network", "walk_numbers"),
    "evaluation": ("confusion", "class_scores", "boundary", "losses"),
}
CASES = [*itertools.product(SHOWS, TASKS, ["none", "output", "hidden"])]


def cells(grid):
    """Every array and fact that a grid's cells name, with the place in it."""
    for cell in itertools.chain.from_iterable(grid.rows):
        if isinstance(cell, dict):
            for key in ("array", "spread", "mark"):
                if key in cell:
                    yield cell[key], cell["at"]


def facts(grid):
    return [
        cell["fact"] for cell in itertools.chain.from_iterable(grid.rows) if isinstance(cell, dict) and "fact" in cell
    ]


def at(path, facts):
    for part in path.split("."):
        facts = facts[int(part)] if isinstance(facts, list) else facts[part]
    return facts


def check(name, experiment, frame):
    """Blank and filled it is one figure, and everything it names is in the frame."""
    blank, whole = (FIGURES[name].f(Picture(experiment, arrays), translator("zh")) for arrays in ({}, frame.arrays))
    if isinstance(whole, Grid):
        assert blank == whole
        assert {len(row) for row in whole.rows} == {len(whole.columns)}
        assert all(place < len(frame.arrays[array]) for array, place in cells(whole))
        assert all(isinstance(at(path, frame.facts), str) for path in facts(whole))
        return
    assert len(blank.data) == len(whole.data)
    for trace in whole.data:
        for attribute, array in (trace.meta or {}).items():
            value = trace
            for part in attribute.split("."):
                value = value[part]
            np.testing.assert_array_equal(np.asarray(value), frame.arrays[array])


@pytest.mark.parametrize(("program", "task", "feedback"), CASES)
def test_a_blank_figure_with_the_arrays_it_names_is_the_figure(program, task, feedback):
    experiment = Experiment().changed(task=task, feedback=feedback, spare=1, updates=2, points=20).fitted()
    query = "&".join(f"{name}={value}" for name, value in experiment.to_query().items())
    *_, frame = frames(program, query)
    for name in SHOWS[program]:
        check(name, experiment, frame)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_chapter_opens_every_row_of_the_table(language):
    lessons = Path(__file__).resolve().parents[1] / "fbviz" / "lessons"
    text = (lessons / language / "closing-the-loop.md").read_text(encoding="utf-8")
    links = [dict(parse_qsl(link)) for link in re.findall(r"\(playground\?([^)]*)\)", text)]

    assert links == [row.experiment.to_query() for row in ROWS]


def test_the_table_of_sequences_has_a_row_for_each_of_its_experiments(monkeypatch):
    monkeypatch.setitem(SETTINGS, "updates", 1)
    *_, frame = frames("sequence_table")
    check("sequence_table", Experiment(), frame)

    assert len(FIGURES["sequence_table"].f(Picture(Experiment())).rows) == len(ROWS)


@pytest.mark.parametrize(("table", "rows"), [("kinds_scores", 4), ("twin_claims", 3)])
def test_a_score_that_is_undefined_is_called_so_in_a_table(table, rows):
    regression = Picture(Experiment().changed(task="bumps", loss="mean_squared"))
    grid = FIGURES[table].f(regression, translator("zh"))

    assert sum("无定义" in str(row) for row in grid.rows) == rows
