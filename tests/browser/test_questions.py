"""How a chapter asks: the reader commits, is brought to the run, is answered in a sentence, and it is remembered."""

import csv
import itertools
import json
import re
import time

import pytest
from playwright.sync_api import expect

from fbviz.chapters.rooms import chapters
from tests.browser.reading import click_away, view, whole

SLUG = "logistic-regression"
KEY = f"{SLUG}-thousand"
UNMEASURED = {"cleared": 0, "given": {KEY: [0, None, False]}}
PHONE = {"width": 390, "height": 844}
WORDS = {
    "en": {
        "first": "Question 1 of 4",
        "second": "Question 2 of 4",
        "wrong": "two",
        "said": "You said: two",
        "verdict": "The answer is “three”. After 1000 steps, 75 % of the four points are right.",
        "left": "Questions left: 3.",
        "next": "Next",
    },
    "zh": {
        "first": "第 1 题，共 4 题",
        "second": "第 2 题，共 4 题",
        "wrong": "两个",
        "said": "两个",
        "verdict": "答案是“三个”。1000 步之后，四个点判对了 75%。",
        "left": "还剩 3 个问题。",
        "next": "下一章",
    },
}


def question(tab, key=KEY):
    return tab.page.locator(f".st-key-question-{key}")


def answer(tab, choice, key=KEY):
    """Commit to a choice."""
    question(tab, key).get_by_text(choice, exact=True).click()
    tab.page.locator(f".st-key-commit-{key} button").click()


def why(tab):
    return tab.page.get_by_test_id("stExpanderDetails").get_by_text("(2, 3)")


def until(holds):
    """Wait until it does."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def kept(page, given, cleared=0):
    """Wait until the browser keeps exactly these answers."""
    until(lambda: json.loads(page.evaluate("localStorage['fbviz.answers']")) == {"cleared": cleared, "given": given})


def in_sight(found, tab):
    """Is its top to be seen, below the header?"""
    top = found.bounding_box()["y"]
    head = tab.page.get_by_test_id("stHeader").bounding_box()
    return head["y"] + head["height"] - 2 <= top < tab.page.viewport_size["height"]


@pytest.mark.parametrize(("language", "other"), [("en", "zh"), ("zh", "en")])
def test_an_answer_is_told_in_a_sentence_and_survives_a_reload_and_another_language(visit, language, other):
    words, others = WORDS[language], WORDS[other]
    tab = visit(f"{SLUG}?lang={language}")
    expect(question(tab)).to_contain_text(words["first"])
    expect(tab.page.get_by_role("link", name=re.compile(words["next"]))).to_have_count(0)
    answer(tab, words["wrong"])
    expect(question(tab)).to_contain_text(words["verdict"])
    expect(why(tab)).to_be_visible()
    expect(tab.page.get_by_text(words["left"])).to_be_visible()
    expect(tab.page.locator(".fbviz-answered .full")).to_have_count(1)
    found = view(tab.page, SLUG, "thousand")
    expect(found.locator(".fbviz-status")).to_contain_text("1000")
    assert not re.search(r"1\.000|0\.\d\d", found.locator(".fbviz-status").inner_text())
    kept(tab.page, {KEY: [0, 0.75, False]})

    tab.page.reload()
    expect(question(tab)).to_contain_text(words["verdict"])
    expect(tab.page.get_by_text(words["second"])).to_be_visible()
    expect(view(tab.page, SLUG, "thousand")).to_have_attribute("data-state", "ready")  # it is not run again

    tab.page.get_by_role("radiogroup").get_by_text({"en": "English", "zh": "中文"}[other]).click()
    expect(question(tab)).to_contain_text(others["verdict"])
    expect(question(tab)).to_contain_text(others["said"])


def test_the_predictions_can_be_taken_away_and_cleared(visit, tmp_path):
    tab = visit(f"{SLUG}?lang=en")
    answer(tab, "three")
    expect(question(tab)).to_contain_text("Right. After 1000 steps, 75 % of the four points are right.")
    expect(why(tab)).to_be_hidden()
    tab.page.get_by_text("My predictions: 1 of 1 right").click()
    with tab.page.expect_download() as download:
        tab.page.get_by_test_id("stDownloadButton").get_by_role("button").click()
    download.value.save_as(tmp_path / "log.csv")
    (row,) = csv.DictReader((tmp_path / "log.csv").read_text(encoding="utf-8").splitlines())
    assert (row["Predicted"], row["Measured"], row["Right"]) == ("three", "three (75 %)", "✓")

    tab.page.get_by_role("button", name="Clear my answers").click()
    tab.page.locator(".st-key-forget button").click()
    expect(tab.page.locator(f".st-key-commit-{KEY}")).to_be_visible()
    kept(tab.page, {}, cleared=1)
    answer(tab, "two")
    expect(question(tab)).to_contain_text(WORDS["en"]["verdict"])
    kept(tab.page, {KEY: [0, 0.75, False]}, cleared=1)


def test_two_tabs_add_to_what_the_other_knows_and_clear_it_together(visit):
    one = visit(f"{SLUG}?lang=en")
    other = one.open(one.home + "associative-memory?lang=en")
    skip = other.locator(".st-key-skip-associative-memory-spoiled button")
    skip.click()
    expect(skip).to_have_count(0)
    answer(one, "three")
    expect(question(one)).to_contain_text("Right.")
    expect(other.get_by_text("My predictions: 1 of 1 right")).to_be_visible()
    kept(one.page, {"associative-memory-spoiled": [-1, None, False], KEY: [1, 0.75, False]})
    other.get_by_text("My predictions: 1 of 1 right").click()
    other.get_by_role("button", name="Clear my answers").click()
    other.locator(".st-key-forget button").click()
    expect(skip).to_be_visible()
    expect(one.page.locator(f".st-key-commit-{KEY}")).to_be_visible()
    kept(one.page, {}, cleared=1)


def test_what_is_no_answer_in_the_browsers_storage_is_left_out(visit):
    tab = visit(f"{SLUG}?lang=en")
    good = {f"{SLUG}-first": [-1, None, False]}
    for bad in ([99, 0.5, False], "x" * 100_000):
        text = json.dumps({"cleared": 0, "given": {KEY: bad, **good}})
        tab.page.evaluate("text => localStorage.setItem('fbviz.answers', text)", text)
        tab.page.reload()
        expect(tab.page.locator(f".st-key-commit-{KEY}")).to_be_visible()
        expect(tab.page.get_by_test_id("stException")).to_have_count(0)
    answer(tab, "three")
    expect(question(tab)).to_contain_text("Right.")
    kept(tab.page, {KEY: [1, 0.75, False]})

    tab.page.evaluate("text => localStorage.setItem('fbviz.answers', text)", json.dumps(UNMEASURED))
    tab.page.reload()
    expect(question(tab)).to_contain_text(WORDS["en"]["verdict"])  # what was not measured yet is run by itself


@pytest.mark.parametrize(
    ("language", "viewport", "calm"),
    [("en", {"width": 1280, "height": 800}, "no-preference"), ("zh", PHONE, "reduce")],
    ids=["wide", "phone"],
)
def test_who_commits_is_brought_to_the_run_and_who_skips_is_not(visit, language, viewport, calm):
    tab = visit(f"{SLUG}?lang={language}", viewport=viewport)
    tab.page.emulate_media(reduced_motion=calm)
    tab.page.evaluate("""() => {
        window.moves = [];
        const { scrollTo } = Element.prototype;
        Element.prototype.scrollTo = function (to) { window.moves.push(to.behavior); scrollTo.call(this, to); };
    }""")
    tab.page.locator(f".st-key-skip-{KEY} button").click()
    following = f"{SLUG}-test_point"
    expect(question(tab, following)).to_be_attached()
    assert tab.page.evaluate("moves") == []

    choice = question(tab, following).locator("[role=radiogroup] label").first
    choice.scroll_into_view_if_needed()
    choice.click()
    tab.page.locator(f".st-key-commit-{following} button").click()
    said, run = tab.page.locator(f".st-key-said-{following}"), tab.page.locator(f".st-key-{following} .fbviz")
    expect(run).not_to_have_attribute("data-frames", "0")
    until(lambda: in_sight(said, tab) and in_sight(run, tab))
    assert set(tab.page.evaluate("moves")) == {{"reduce": "instant", "no-preference": "smooth"}[calm]}
    assert tab.page.evaluate("document.activeElement.className.includes('st-key-said-')")


def test_at_the_end_of_a_chapter_the_next_is_well_visible_on_a_phone(visit):
    tab = visit("inside-the-loop?lang=zh", viewport=PHONE)
    expect(tab.page.locator(".st-key-next a")).to_have_count(0)
    whole(tab.page, "inside-the-loop")
    following = tab.page.locator(".st-key-next a")
    following.scroll_into_view_if_needed()
    assert following.bounding_box()["height"] >= 44
    expect(tab.page.locator(".fbviz-answered i:not(.full)")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "slug", "block", "choice", "verdict"),
    [
        ("en", "seven-steps", "count", "15", "Right. Numbers to learn: 15."),
        ("zh", "seven-steps", "count", "15 个", "要学的数一共有 15 个。"),
        ("en", "gradients-back", "free", "all 600: it keeps it", "The answer is “fewer than 100”."),
    ],
)
def test_an_answer_that_is_known_before_the_run_is_over_is_told_while_it_goes_on(
    visit, language, slug, block, choice, verdict
):
    tab = visit(f"{slug}?lang={language}")
    key = f"{slug}-{block}"
    lesson = next(lesson for lesson in chapters("en") if lesson.slug == slug)
    for before in itertools.takewhile(lambda question: question.key != block, lesson.questions):
        click_away(tab.page.locator(f".st-key-skip-{slug}-{before.key} button"))
    answer(tab, choice, key)
    expect(question(tab, key)).to_contain_text(verdict)
    found = tab.page.locator(f".st-key-{key} .fbviz")
    expect(found).to_have_attribute("data-state", "playing")
    expect(found).to_have_attribute("data-over", "false")
    expect(tab.page.locator(f".st-key-on-{key}")).to_have_count(0)  # there is nothing to wait for
    shown = found.get_attribute("data-update"), found.locator(".fbviz-status").inner_text()
    until(lambda: (found.get_attribute("data-update"), found.locator(".fbviz-status").inner_text()) != shown)
    expect(question(tab, key)).to_contain_text(verdict)


def test_a_run_that_is_killed_before_it_was_measured_says_so_and_runs_again(visit, server):
    others = server.workers()
    tab = visit("closing-the-loop?lang=en")
    key = "closing-the-loop-twins"
    answer(tab, "within 3 points", key)
    found = tab.page.locator(f".st-key-{key} .fbviz")
    speed = found.locator(".fbviz-bar select")
    expect(found).not_to_have_attribute("data-frames", "0")
    speed.select_option("1")
    expect(question(tab, key)).to_contain_text("It is being measured")
    (worker,) = [worker for worker in server.workers() if worker not in others]
    worker.kill()

    expect(question(tab, key)).to_contain_text("broke off before this was measured")
    expect(question(tab, key)).to_contain_text("signal 9")
    speed.select_option("0")
    question(tab, key).get_by_role("button", name="Run it again").click()
    expect(question(tab, key)).to_contain_text(re.compile("Right.|The answer is"), timeout=120_000)
    expect(tab.page.get_by_test_id("stException")).to_have_count(0)
