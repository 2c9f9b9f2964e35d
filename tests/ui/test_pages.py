"""Every page, run by Streamlit's own AppTest, in both languages."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fbviz.lessons import Predict, chapters
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
