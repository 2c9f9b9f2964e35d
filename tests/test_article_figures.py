"""The figures of the tutorial, checked: each names only what its program sends, and draws it as it came."""

from functools import cache

import pytest

from fbviz.chapters.lesson import experiment
from tests.learning.runners import frames
from tests.shown import check, every_cell_is_filled, figures_of

LOGISTIC = "task=article&hidden=0&feedback=none&steps=1&optimizer=sgd&learning_rate=0.01"
SHOWN = figures_of("logistic-regression", "the-printed-network")
SHORT = {"surface": {"updates": 5}, "band": {"seeds": 2}, "repairs": {"one_output": 1}}  # values that make it short
CASES = [(program, name) for program, names in SHOWN.items() for name in names]


@cache
def last(program):
    *_, frame = frames(program, LOGISTIC, SHORT.get(program))
    return frame


@pytest.mark.parametrize(("program", "name"), CASES)
def test_a_figure_takes_what_its_program_has_sent_at_its_end_as_it_came(program, name):
    check(name, experiment(LOGISTIC), last(program))
    assert every_cell_is_filled(name, experiment(LOGISTIC), last(program))
