"""Every page, run by Streamlit's own AppTest, in both languages."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fbviz.chapters.lesson import Predict
from fbviz.chapters.rooms import chapters
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.live.seats import Seat
from fbviz.snapshot import Ended
from fbviz.ui import run_view
from fbviz.ui.answers import SKIPPED, Answers, Guess
from fbviz.words import LANGUAGES

SITE = Path(__file__).resolve().parents[2] / "fbviz/ui/site.py"


def site(**query):
    """The app as a link opens it."""
    at = AppTest.from_file(SITE, default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def chapter(slug, language):
    """One chapter, alone."""
    at = AppTest.from_string(f"from fbviz.ui import lesson_view\nlesson_view.page({slug!r})", default_timeout=60)
    at.query_params["lang"] = language
    return at.run()


def said(at):
    return " ".join(
        str(element.value) for kind in ("markdown", "caption", "title", "subheader") for element in at.get(kind)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_playground_has_a_control_for_every_part(language):
    at = site(lang=language)

    assert not at.exception
    assert len(at.sidebar.selectbox) >= 6
    assert len(at.sidebar.slider) >= 6
    labels = " ".join(widget.label for widget in [*at.sidebar.selectbox, *at.sidebar.slider])
    assert bool(re.search(r"[\u4e00-\u9fff]", labels)) == (language == "zh")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", [lesson.slug for lesson in chapters("en")])
def test_a_chapter_opens_on_its_first_question_and_shows_no_later_one(slug, language):
    at = chapter(slug, language)
    lesson = next(lesson for lesson in chapters(language) if lesson.slug == slug)
    questions = [block for block in lesson.blocks if isinstance(block, Predict)]

    assert not at.exception
    assert at.title[0].value == lesson.title
    assert len(at.radio) == min(1, len(questions))
    for first in questions[:1]:
        assert first.ask in said(at)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", [lesson.slug for lesson in chapters("en")])
def test_who_skips_every_question_sees_the_whole_chapter(slug, language):
    at = chapter(slug, language)
    lesson = next(lesson for lesson in chapters(language) if lesson.slug == slug)
    for _ in range(sum(isinstance(block, Predict) for block in lesson.blocks)):
        skip = next(button for button in at.button if button.key.startswith("skip-"))
        at = skip.click().run()
        assert not at.exception

    assert not at.radio


def answered(language, **given):
    """A chapter with these answers, by the keys of its questions."""
    at = chapter("logistic-regression", language)
    at.session_state["fbviz"].answers.given = {f"logistic-regression-{key}": guess for key, guess in given.items()}
    return at.run()


def test_an_answer_is_told_in_the_language_the_page_is_read_in():
    at = answered("en", thousand=Guess(0, 0.75), test_point=Guess(SKIPPED))
    assert "You said: **two**" in said(at)
    assert at.info[0].value == "The answer is “three”. After 1000 steps, **75 %** of the four points are right."
    assert [why.proto.expanded for why in at.expander if why.label == "Why?"] == [True]
    assert "Question 3 of 4" in said(at)

    at.session_state["fbviz"].language = "zh"
    at = at.run()
    assert "**两个**" in said(at)
    assert at.info[0].value == "答案是“三个”。1000 步之后，四个点判对了 **75%**。"
    assert list(at.dataframe[0].value.iloc[0])[2:] == ["两个", "三个（75%）", "✗"]


def test_why_stays_folded_for_a_reader_who_was_right():
    at = answered("en", thousand=Guess(1, 0.75))
    assert at.success[0].value.startswith("Right. After 1000 steps")
    assert [why.proto.expanded for why in at.expander if why.label == "Why?"] == [False]


def test_answers_that_are_cleared_leave_every_question_open():
    at = answered("en", thousand=Guess(1, 0.75))
    next(button for button in at.button if button.label == "Clear my answers …").click().run()
    at.button(key="forget").click().run()

    assert at.session_state["fbviz"].answers == Answers(cleared=1)
    assert "Question 1 of 4" in said(at)
    assert len(at.radio) == 1
    assert not at.expander


def test_a_run_that_broke_off_is_told_and_can_be_run_again(monkeypatch):
    ended, heard = Ended("killed", {"signal": 9}), []
    monkeypatch.setattr(run_view, "result", lambda _: Frame({"right": 0.5, "ended": ended.facts}))
    monkeypatch.setattr(Seat, "hear", lambda seat, message: heard.append(message))
    at = answered("en", thousand=Guess(1))

    assert "broke off" in at.warning[0].value
    assert "signal 9" in at.warning[0].value
    at.button(key="again-logistic-regression-thousand").click().run()
    assert heard == ['{"do":"play"}']
    assert at.session_state["fbviz"].answers.given["logistic-regression-thousand"].measured is None


def test_a_link_sets_every_control():
    at = site(task="xor", hidden="6-3", gain="1.5", lang="en")

    assert at.selectbox(key="set_task").value == "xor"
    assert [at.slider(key=f"set_hidden_{i}").value for i in range(2)] == [6, 3]
    assert at.slider(key="set_gain").value == 1.5


def test_a_task_that_does_not_fit_the_loss_changes_it_and_says_so():
    at = site(task="plane", loss="hinge", lang="en")

    assert at.selectbox(key="set_loss").value == "mean_squared"
    assert "hinge" in at.warning[0].value


def test_a_control_that_is_not_drawn_keeps_its_value():
    at = site(gain="2", lang="en")
    at.selectbox(key="set_feedback").select("none").run()
    assert not [slider for slider in at.slider if slider.key == "set_gain"]
    at.selectbox(key="set_feedback").select("hidden").run()
    assert at.slider(key="set_gain").value == 2


@pytest.mark.parametrize(
    "query",
    [{"steps": "900"}, {"what": "1"}, {"hidden": "0-99"}, {"task": "<b>"}, {"gain": "nan"}, {"points": "1e400"}],
)
def test_a_hostile_link_is_told_what_was_wrong(query):
    at = site(lang="en", **query)

    assert not at.exception
    assert len(at.warning) == 1
    assert next(iter(query)) in at.warning[0].value


CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")  # a code span of CommonMark (6.1)
NOISY = [
    "![x](//host/a.png)",
    "[Log in](https://host)",
    ":red[x]",
    "$x$",
    "https://host",
    ":material/home:",
    "`x`",
    "<b>",
]


@pytest.mark.parametrize("text", NOISY)
@pytest.mark.parametrize("asked", [lambda text: {text: "1"}, lambda text: {"task": text}], ids=["name", "value"])
def test_what_a_link_says_is_shown_as_it_is_written(asked, text):
    at = site(lang="en", **asked(text))

    markdown = at.warning[0].value
    assert text in [span.strip() for _, span in CODE.findall(markdown)]
    assert text not in CODE.sub("", markdown)


def shape(at):
    """Where everything stands in the page, but for what stands in the notices' own place."""
    return [(place, type(block).__name__, block.type) for place, block in at.main.children.items()]


def test_a_notice_moves_nothing_and_stays_until_something_is_set():
    plain, told = site(lang="en"), site(lang="en", what="1")
    assert shape(plain) == shape(told)

    told.session_state["language"] = "zh"
    told = told.run()
    assert len(told.warning) == 1
    told.slider(key="set_gain").set_value(2.0).run()
    assert not told.warning
    assert shape(told) == shape(plain)


@pytest.fixture
def broken(monkeypatch):
    """A live view that cannot draw the spiral."""
    live = run_view.live

    def failing(experiment, *args, **more):
        if experiment.data.task == "spiral":
            raise RuntimeError("a hole in the page")
        live(experiment, *args, **more)

    monkeypatch.setattr(run_view, "live", failing)


def test_a_page_that_fails_is_left_with_one_click(broken, caplog):
    at = site(lang="en", gain="2")
    at.selectbox(key="set_task").select("spiral").run()

    assert not at.exception
    assert "could not be drawn" in at.error[0].value
    assert "a hole in the page" in caplog.text
    at.button(key="back").click().run()
    assert not at.error
    assert at.selectbox(key="set_task").value == "circle"
    assert at.slider(key="set_gain").value == 2


def test_a_link_whose_page_fails_leads_to_the_default(broken):
    at = site(lang="zh", task="spiral")

    assert re.search(r"[\u4e00-\u9fff]", at.error[0].value)
    at.button(key="back").click().run()
    assert at.selectbox(key="set_task").value == "circle"


def test_a_file_that_is_no_experiment_is_told_and_changes_nothing():
    at = site(lang="en", gain="2")
    at.file_uploader(key="upload").upload("e.json", b'{"data": {"points": null}}').run()

    assert "points" in at.warning[0].value
    assert at.slider(key="set_gain").value == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_sets_everything_in_whatever_unicode_it_is_written(encoding):
    at = site(lang="en", gain="2")
    file = Experiment().changed(task="xor").to_json().encode(encoding)
    at.file_uploader(key="upload").upload("e.json", file).run()

    assert not at.warning
    assert at.selectbox(key="set_task").value == "xor"
    assert at.slider(key="set_gain").value == 1
