"""Dials: declared once, named in the chapters, read by the programs; whatever a browser says of them is made safe."""

import dataclasses
import math
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fbviz import dials
from fbviz.chapters.lesson import OWN, Run, read
from fbviz.dials import DIALS, Dial, Menu, UnrolledDials
from fbviz.figures.stage import LOOK
from fbviz.words import catalogue, english, translator
from fbviz.worker.programs import load
from tests.learning.runners import Asking, played
from tests.shown import blocks

RUNS = {name: block for name, block in blocks().items() if isinstance(block, Run)}
ANYTHING = (
    st.none() | st.booleans() | st.text(max_size=4) | st.floats() | st.integers() | st.lists(st.integers(), max_size=2)
)


def told(program, *names, language="en", **start):
    return dials.given(program, names, start, translator(language))


def every(kind):
    """All dials of a kind, by program and name."""
    found = {(program, name): rule for program in DIALS for name, rule in DIALS[program].rules().items()}
    return {place: rule for place, rule in found.items() if isinstance(rule, kind)}


# Declared once.


def test_every_dial_stands_in_some_chapter_and_every_dial_of_a_chapter_is_declared():
    named = {(block.program, name) for block in RUNS.values() for name in block.dials}
    named |= {(program, name) for program in ("training", "training_beside") for name in LOOK}  # the Playground's
    assert named == set(every(Dial))


class Heard(dict):
    """Values that know which of them were asked for."""

    def __init__(self):
        super().__init__()
        self.asked = set()

    def __getitem__(self, name):
        self.asked.add(name)
        return super().__getitem__(name)


@pytest.mark.parametrize("program", load())
def test_a_program_reads_the_dials_that_are_declared_for_it_and_no_other(program):
    query = next((block.experiment for block in blocks().values() if block.program == program), "")
    runner = Asking({})
    runner.values = Heard()
    assert [*islice(played(program, "" if query == OWN else query, runner), 2)]
    assert runner.values.asked == set(DIALS[program].rules() if program in DIALS else ())


@pytest.mark.parametrize("name", RUNS)
def test_a_slider_begins_at_a_place_where_it_can_stand(name):
    block = RUNS[name]
    for dial in told(block.program, *block.dials, **block.values)["sliders"]:
        ends = (dial["value"] - dial["low"]) / dial["step"], (dial["high"] - dial["low"]) / dial["step"]
        assert ends == pytest.approx([round(end) for end in ends]), dial["name"]
        assert 0 <= ends[0] <= ends[1]


def test_what_is_said_of_every_dial_is_translated():
    said = {rule.label for rule in every(Dial).values()}
    said |= {label for rule in every(Menu).values() for label in rule.labels}
    assert said <= set(catalogue("zh"))


# As the component is given them.


def test_the_component_is_given_a_slider_and_a_menu_in_the_language_of_the_reader():
    assert told("flood_fill", "seed", "tool", language="zh", seed=82) == {
        "sliders": [{"name": "seed", "label": "第几座迷宫", "low": 0, "high": 99, "step": 1, "value": 82}],
        "choices": [{"name": "tool", "label": "点击的作用", "options": ["砌墙或拆墙", "移动起点"], "value": 0}],
    }


def test_a_dial_of_which_nothing_is_seen_before_the_next_update_says_so():
    assert [told("gains", name)["sliders"][0].get("later") for name in ("clip", "damping")] == [True, None]


def test_a_menu_begins_at_the_place_of_its_default():
    [menu] = told("derivation", "y")["choices"]
    assert (menu["options"], menu["value"]) == (["0", "1"], 1)
    [slider] = told("derivation", "b")["sliders"]
    assert slider["value"] == -0.35


def test_dials_are_given_in_the_order_in_which_a_chapter_names_them():
    assert [dial["name"] for dial in told("derivation", "x2", "w1", "b")["sliders"]] == ["x2", "w1", "b"]
    assert told("portrait") == {"sliders": [], "choices": []}


# As a program reads them.


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        *((7, 7), (7.4, 7), (-3, 1), (1e300, 64), (10**400, 64)),
        *(("7", 1), (None, 1), ([1, 2], 1), ({}, 1), (math.nan, 1), (math.inf, 1), (True, 1)),
    ],
)
def test_a_value_from_outside_is_a_whole_number_within_its_bounds_or_the_default(value, taken):
    assert UnrolledDials.of({"t": value, "speed": 9}) == UnrolledDials(t=taken)


@pytest.mark.parametrize("program", DIALS)
@given(data=st.data())
def test_wherever_a_browser_says_that_dials_stand_they_stand_where_they_can(program, data):
    kind = DIALS[program]
    values = data.draw(st.dictionaries(st.sampled_from([*kind.rules(), "start"]), ANYTHING))
    stand = kind.of(values)

    for field in dataclasses.fields(kind):
        rule, asked, value = kind.rules()[field.name], values.get(field.name), getattr(stand, field.name)
        assert type(value) is type(field.default)
        if type(asked) in (int, float) and math.isfinite(asked):
            brought = min(max(asked, rule.low), rule.high)
            assert rule.said(value) == (round(brought) if rule.whole else brought)
        else:
            assert value == field.default


def test_an_option_is_read_by_its_own_name():
    memory = DIALS["recall"]
    assert [memory.of({"rule": place}).rule for place in (0, 1, 2)] == ["classical", "modern", "modern"]
    assert [DIALS["repairs"].of({"feedback": place}).feedback for place in (0, 1)] == [False, True]


def test_a_dial_that_was_not_moved_stands_where_the_experiment_has_it_whatever_that_is():
    assert UnrolledDials.of({}, t=900).t == 900
    assert UnrolledDials.of({"t": "much"}, t=900).t == 900
    assert UnrolledDials.of({"t": 5}, t=900).t == 5


# As a chapter names them.

HEAD = '+++\norder = 1\ntitle = "T"\nquestion = "Q"\n+++\n'
PREDICT = 'ask = "A"\nchoices = ["x", "y"]\nmeasure = "m"\nedges = [1]\nanswer = 0\nwhy = "W"\ntold = "T"\n'


def chapter(folder, kind, body):
    """A chapter of one block."""
    fence = f'```{kind}\nkey = "k"\nfigures = []\n{PREDICT if kind == "predict" else ""}{body}\n```\n'
    (folder / "broken.md").write_text(HEAD + fence, encoding="utf-8")
    return read(folder, "broken").blocks[0]


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("run", 'program = "unrolled"\ndials = ["t", "speed"]', "unrolled has no dial speed; it has t"),
        ("run", 'dials = ["speed"]', "training has no dial speed; it has t, layer, neuron"),
        ("run", 'program = "unrolled"\ndials = ["t"]\nvalues = { t = 65 }', "t is 65; it can be 1–64"),
        ("run", 'program = "unrolled"\ndials = ["t"]\nvalues = { t = 1.5 }', "t is 1.5; it can be 1–64"),
        ("run", 'program = "unrolled"\ndials = ["t"]\nvalues = { t = "5" }', "t is '5'; it can be 1–64"),
        ("run", 'program = "unrolled"\ndials = ["t"]\nvalues = { t = true }', "t is True; it can be 1–64"),
        ("run", 'program = "unrolled"\nvalues = { t = 5 }', "t begins at 5, but is not among the dials"),
        ("run", 'program = "recall"\ndials = ["rule"]\nvalues = { rule = 2 }', "rule is 2; it can be 0–1"),
        ("predict", 'program = "unrolled"\nvalues = { speed = 1 }', "unrolled has no dial speed; it has t"),
        ("predict", 'program = "unrolled"\nvalues = { t = 0 }', "t is 0; it can be 1–64"),
    ],
)
def test_a_wrong_dial_is_told_with_its_file_and_its_name(tmp_path, kind, body, why):
    with pytest.raises(ValueError, match=rf"/broken\.md: {why}"):
        chapter(tmp_path, kind, body)


def test_a_question_may_hold_a_dial_still(tmp_path):
    assert chapter(tmp_path, "predict", 'program = "unrolled"\nvalues = { t = 5 }').values == {"t": 5}


def test_a_block_says_where_its_dials_begin(tmp_path):
    block = chapter(tmp_path, "run", 'program = "unrolled"\ndials = ["t"]\nvalues = { t = 5 }')
    [slider] = dials.given(block.program, block.dials, block.values, english)["sliders"]
    assert slider == {"name": "t", "label": "step t", "low": 1, "high": 64, "step": 1, "value": 5}
