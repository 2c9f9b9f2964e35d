import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fbviz.experiment import PRESETS, SETTINGS, Experiment, Feedback
from fbviz.words import translator
from tests.strategies import experiments

NAMES = [setting.name for setting in SETTINGS]


def test_a_setting_has_one_name_in_the_whole_experiment():
    assert len(NAMES) == len(set(NAMES))


def test_every_setting_is_explained():
    assert [s.name for s in SETTINGS if not s.rule.help] == []


@given(experiments())
def test_an_experiment_survives_its_link_and_its_file(experiment):
    fitted = experiment.fitted()

    assert Experiment.from_query(fitted.to_query()) == (fitted, [])
    assert Experiment.from_json(experiment.to_json()) == experiment


def test_a_link_says_only_what_differs():
    assert Experiment().changed(gain=2.0, hidden=(8, 4)).to_query() == {"gain": "2", "hidden": "8-4"}


@given(st.dictionaries(st.sampled_from([*NAMES, "junk", ""]), st.text(max_size=20) | st.floats().map(str)))
def test_no_link_can_break_an_experiment(query):
    experiment, notices = Experiment.from_query(query)

    assert Experiment.from_query(experiment.to_query()) == (experiment, [])
    for notice in notices:
        assert notice.say()
        assert notice.say(translator("zh"))


@given(st.dictionaries(st.text(), st.text()))
def test_any_strings_whatever_are_an_experiment_and_a_notice_for_each_that_is_none(query):
    experiment, notices = Experiment.from_query(query)

    assert isinstance(experiment, Experiment)
    assert len(notices) >= sum(name not in NAMES for name in query)


@pytest.mark.parametrize(
    ("query", "name", "value", "sentence"),
    [
        ({"steps": "900"}, "steps", 64, "steps is “900”; it can be 1–64. Took 64."),
        ({"steps": "2.4"}, "steps", 2, "steps is “2.4”; it can be 1–64. Took 2."),
        ({"gain": "nan"}, "gain", 1.0, "gain is “nan”; it can be 0–4. Took 1."),
        ({"hidden": "8-99"}, "hidden", (8, 64), "hidden is “8-99”; it can be 0–6 × 1–64 (8-4). Took 8-64."),
        ({"points": "9" * 5000}, "points", 400, f"points is “{'9' * 40}…”; it can be 10–2000. Took 400."),
        ({"task": "../../etc"}, "task", "circle", None),
    ],
)
def test_what_a_link_cannot_have_is_brought_near_and_said(query, name, value, sentence):
    experiment, (notice,) = Experiment.from_query(query)

    assert experiment[name] == value
    assert sentence is None or str(notice) == sentence


def test_a_choice_that_cannot_serve_the_task_is_replaced_and_said():
    experiment, (notice,) = Experiment.from_query({"task": "plane", "loss": "hinge"})

    assert experiment.loss.loss == "mean_squared"
    assert "hinge" in str(notice)


def test_hidden_feedback_needs_a_hidden_layer():
    assert Experiment().changed(hidden=(), feedback="hidden").fitted().feedback.feedback == "output"


@pytest.mark.parametrize("bad", [{"gain": 9.0}, {"steps": 0}, {"steps": 1.5}, {"feedback": "nowhere"}, {"gain": "1"}])
def test_an_experiment_cannot_hold_what_is_not_allowed(bad):
    with pytest.raises(ValueError, match=f"{next(iter(bad))} is .* it can be"):
        Feedback(**bad)


@pytest.mark.parametrize(
    "text", ["", "[]", "3", '{"data": 3}', '{"data": {"junk": 1}}', '{"feedback": {"gain": 9}}', "[" * 100_000]
)
def test_a_file_that_is_no_experiment_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match=r"\w"):
        Experiment.from_json(text)


def test_a_file_has_every_setting_by_part():
    parts = json.loads(Experiment().to_json())

    assert set(parts) == {field.name for field in dataclasses.fields(Experiment)}
    assert [name for part in parts.values() for name in part] == NAMES


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_a_preset_fits(preset):
    assert preset.fitted() == preset
