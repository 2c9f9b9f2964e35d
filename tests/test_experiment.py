import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fbviz.experiment import PRESETS, SETTINGS, Experiment, Feedback
from fbviz.texts import read
from fbviz.words import SaidError, english, translator
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
    assert Experiment.from_json(fitted.to_json()) == (fitted, [])
    assert Experiment.from_json(experiment.to_json()) == (fitted, experiment.replaced())


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
def test_any_strings_whatever_are_an_experiment_and_a_notice_for_those_that_are_none(query):
    experiment, notices = Experiment.from_query(query)

    assert isinstance(experiment, Experiment)
    assert bool(notices) >= any(name not in NAMES for name in query)


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


def test_a_text_longer_than_any_value_is_not_even_read():
    for setting in SETTINGS:
        assert setting.rule.longest >= len(setting.rule.write(setting.default))
        with pytest.raises(ValueError, match="…"):
            read(setting.rule, "1" * 24_000)
    assert Experiment.from_query({"seed": "1" * 24_000})[0].training.seed == 0


def test_five_hundred_names_that_are_none_are_one_sentence():
    _, (notice,) = Experiment.from_query({f"junk{i}": "" for i in range(500)})

    assert str(notice) == "Not a setting, so ignored: junk0, junk1, junk2 and 497 more."
    assert notice.say(translator("zh")) == "没有这样的设置，已忽略：junk0, junk1, junk2 等，另有 497 个。"


@pytest.mark.parametrize("asked", [Experiment.from_query, lambda q: Experiment.from_json(json.dumps({"data": q}))])
def test_a_choice_that_cannot_serve_the_task_is_replaced_and_said(asked):
    experiment, (*_, notice) = asked({"task": "plane", "loss": "hinge"})

    assert experiment.loss.loss == "mean_squared"
    assert "hinge" in str(notice)


def test_hidden_feedback_needs_a_hidden_layer():
    assert Experiment().changed(hidden=(), feedback="hidden").fitted().feedback.feedback == "output"


@pytest.mark.parametrize("bad", [{"gain": 9.0}, {"steps": 0}, {"steps": 1.5}, {"feedback": "nowhere"}, {"gain": "1"}])
def test_an_experiment_cannot_hold_what_is_not_allowed(bad):
    with pytest.raises(ValueError, match=f"{next(iter(bad))} is .* it can be"):
        Feedback(**bad)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "3",
        '{"data": 3}',
        '{"data": {"junk": 1}}',
        '{"feedback": {"gain": 9}}',
        "[" * 90_000,
        " " * 10_000_000,
        '{"data": {"points": null}}',
        '{"data": {"points": true}}',
        '{"data": {"points": NaN}}',
        f'{{"data": {{"points": 1{"0" * 400}}}}}',
        f'{{"data": {{"points": 1{"0" * 5000}}}}}',
        f'{{"data": {{"points": {"[" * 900}{"]" * 900}}}}}',
        '{"data": {"self": 1}}',
        '{"data": {"\\ud800\\u202e\\u001b": 1}}',
        '{"network": {"hidden": [true]}}',
        '{"network": {"hidden": {}}}',
        b"\xff",
        b"{\x00",
    ],
    ids=lambda text: repr(text[:30]),
)
def test_a_file_that_is_no_experiment_is_refused_with_a_sentence(text):
    with pytest.raises(SaidError) as why:
        Experiment.from_json(text)

    for t in (english, translator("zh")):
        said = why.value.sentence.say(t)
        assert said.isprintable()
        assert 0 < len(said) <= 400


@pytest.mark.parametrize(
    "value",
    [None, True, [8], {}, 10**400, -(10**5000), float("nan"), b"8", "8", object()],
    ids=lambda v: type(v).__name__,
)
@pytest.mark.parametrize("setting", SETTINGS, ids=NAMES)
def test_an_experiment_holds_no_value_of_another_kind(setting, value):
    with pytest.raises(SaidError, match=f"^{setting.name} is .{{1,60}}; it can be"):
        Experiment().changed(**{setting.name: value})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"data": {"gain": 2}}', "In another part than its own, but taken: data.gain."),
        ('{"more": {"gain": 2}}', "Not a part of an experiment, but its settings were taken: more."),
        ('{"feedback": {"gain": 9, "gain": 2}}', "More than once in the file, so the last counts: gain."),
        ('{"feedback": 1, "feedback": {"gain": 2}}', "More than once in the file, so the last counts: feedback."),
    ],
)
def test_what_stands_where_it_should_not_is_taken_and_said(text, said):
    experiment, (notice,) = Experiment.from_json(text)

    assert experiment == Experiment().changed(gain=2.0)
    assert str(notice) == said
    assert notice.say(translator("zh")) != said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_a_file_is_read_in_whatever_unicode_it_is_written(encoding):
    asked = Experiment().changed(task="moons", gain=1.5)

    assert Experiment.from_json(asked.to_json().encode(encoding)) == (asked, [])
    assert Experiment.from_json("\ufeff" + asked.to_json()) == (asked, [])


def test_a_file_has_every_setting_by_part():
    parts = json.loads(Experiment().to_json())

    assert set(parts) == {field.name for field in dataclasses.fields(Experiment)}
    assert [name for part in parts.values() for name in part] == NAMES


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_a_preset_fits(preset):
    assert preset.fitted() == preset
