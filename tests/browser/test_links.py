"""Links inside the app: followed in the same tab and session, and Back returns to the place that was left."""

import itertools
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import expect

from fbviz.chapters.glossary import entries
from fbviz.chapters.rooms import chapters
from fbviz.words import TAGS
from tests.browser.reading import whole

SLUGS = [lesson.slug for lesson in chapters("en")]
BOOKS = [*itertools.product(SLUGS, ("en", "zh"))]
CARD = ".fbviz-word:popover-open"
LINKS = "[class*=st-key-chapter-] .stMarkdown a[href]"
TOP = "document.querySelector('[data-testid=stMain]').scrollTop"

AT_ITS_PLACE = f"history.state.top > 0 && Math.abs({TOP} - history.state.top) < 70"  # but for a line that wraps


def not_found(page):
    return page.get_by_role("dialog").filter(has_text="not found")


def asked(url):
    """The experiment of a link."""
    return {name: value for name, value in parse_qsl(urlsplit(url).query) if name != "lang"}


@pytest.mark.parametrize("book", BOOKS, indirect=True, ids="-".join)
def test_every_link_of_a_chapter_opens_in_the_same_tab_and_back_returns_to_the_chapter(chapter):
    page, base = chapter.page, urlsplit(chapter.home).path
    links = page.locator(LINKS).evaluate_all("links => links.map((link) => link.href)")
    inside = {url: place for place, url in enumerate(links) if url.startswith(chapter.home)}
    assert {urlsplit(url).path for url in inside} <= {base, *(base + slug for slug in SLUGS)}
    for url in sorted(inside, key=lambda url: len(asked(url))):  # the reader's own experiment is the default, at first
        link = page.locator(LINKS).nth(inside[url])
        if urlsplit(url).path == base:
            follow(page, link, url)
        elif urlsplit(url).path == f"{base}words" and chapter.slug != "words":
            explained(page, link, entries(chapter.language)[urlsplit(url).fragment].term)
    assert len(page.context.pages) == 2  # the empty one of every browser, and this


def follow(page, link, url):
    """To the Playground with the experiment of a link, and back."""
    link.scroll_into_view_if_needed()
    link.click()
    expect(page.locator(".st-key-set_task")).to_be_attached()
    expect(page.locator("[data-layout=stage]")).to_be_attached()
    expect(not_found(page)).to_have_count(0)
    assert asked(page.url) == asked(url)
    assert urlsplit(page.url).path == urlsplit(url).path
    assert page.evaluate(TOP) == 0

    page.go_back()
    expect(link).to_be_attached()


def explained(page, link, term):
    """A word, in place; Escape goes back to it."""
    link.click()
    expect(page.locator(CARD)).to_contain_text(term)
    page.keyboard.press("Escape")
    expect(page.locator(CARD)).to_have_count(0)
    expect(link).to_be_focused()


@pytest.mark.parametrize(("language", "width", "touch"), [("en", 1280, False), ("zh", 390, True)])
def test_a_word_of_the_playground_is_explained_in_place(visit, language, width, touch):
    """By mouse or finger and by keyboard: in a title, beside a control, in its help; and the way to the glossary."""
    tab = visit(f"?lang={language}", viewport={"width": width, "height": 844}).ready()
    page, words = tab.page, entries(language)
    card = page.locator(CARD)
    assert page.evaluate("document.documentElement.lang") == TAGS[language]
    title = page.locator("[data-figure=boundary] h3 a")
    explained(page, title, words["boundary"].term)
    page.keyboard.press("Enter")
    expect(card).to_contain_text(words["boundary"].term)
    box = card.bounding_box()
    assert 0 <= box["x"] <= box["x"] + box["width"] <= width
    assert 0 <= box["y"] <= box["y"] + box["height"] <= 844
    card.get_by_role("button").click()
    expect(title).to_be_focused()
    if touch:
        return

    mark = page.locator(".st-key-set_gain [data-testid=stTooltipIcon] button")
    expect(page.get_by_role("slider", name="Feedback gain α")).to_have_count(1)
    expect(page.locator("[aria-label*='$']")).to_have_count(0)
    explained(page, mark, "α")
    page.locator(".st-key-set_hidden_depth [data-testid=stTooltipIcon] button").click()
    expect(card).to_contain_text(words["hidden-layer"].term)
    page.keyboard.press("Escape")
    page.locator(".st-key-set_feedback [data-testid=stTooltipIcon] button").hover()
    page.get_by_role("link", name=words["jordan-elman"].term).click()  # the choice that is made, below what is chosen
    expect(card).to_contain_text(words["jordan-elman"].term)
    page.keyboard.press("Escape")
    mark.click()
    assert card.locator("math").first.bounding_box()["width"] > 5
    card.get_by_role("link").last.click()
    expect(page.locator("#gain")).to_be_in_viewport()
    assert page.url.endswith("#gain")
    expect(card).to_have_count(0)
    page.go_back()
    expect(page.locator(".st-key-set_gain")).to_be_attached()


@pytest.mark.parametrize(("language", "word"), [("en", "update"), ("zh", "更新")])
def test_a_word_in_a_line_that_is_told_anew_is_explained_in_place_and_keeps_the_focus(visit, language, word):
    """The status of a run and the step that is looked at: while it trains, and when it is over."""
    tab = visit(f"?lang={language}&updates=300").ready()
    words, status, strip = entries(language), tab.view.locator(".fbviz-status"), tab.view.locator(".fbviz-steps output")
    expect(tab.view).to_have_attribute("data-preview", "true")  # its sentence has been told
    for line, keys in ((status, ("update", "loss", "accuracy")), (strip, ("unroll-step", "residual"))):
        for key in keys:
            explained(tab.page, line.locator(f"a[href='words#{key}']"), words[key].term)

    update = status.get_by_role("link", name=word, exact=True)
    tab.view.locator(".fbviz-bar select").select_option("100")
    tab.page.keyboard.press("r")
    update.focus()
    said = status.inner_text()
    tab.view.locator(".fbviz-play").evaluate("button => button.click()")
    tab.until_update(50)
    assert status.inner_text() != said
    expect(update).to_be_focused()
    tab.over()
    expect(status.locator("a[href='words#epoch']")).to_have_count(1)
    expect(update).to_be_focused()
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator(CARD)).to_contain_text(words["update"].term)


def test_a_word_in_an_entry_takes_its_place_and_one_that_does_not_come_is_looked_up(visit):
    tab = visit("seven-steps?lang=en")
    tab.page.get_by_role("button", name="Skip the question").click()
    neuron = tab.page.get_by_role("link", name="neuron", exact=True)
    neuron.click()
    card = tab.page.locator(CARD)
    card.get_by_role("link", name="weight", exact=True).click()
    expect(card).to_contain_text(entries("en")["weight"].term)
    tab.page.keyboard.press("Escape")
    expect(neuron).to_be_focused()

    tab.page.reload()
    tab.page.route("**/fbviz/words/*", lambda route: route.abort())
    tab.page.get_by_role("link", name="bias", exact=True).click()
    expect(tab.page.locator("#bias")).to_be_in_viewport()


def test_back_and_forward_keep_answers_and_places(visit):
    tab = visit("logistic-regression?lang=en&utm_source=a%20letter&embed_options=show_padding")
    page = tab.page
    page.get_by_text("two", exact=True).click()
    page.get_by_role("button", name="This is my guess: run it").click()
    expect(page.get_by_text("You said: two")).to_be_visible()
    link = page.get_by_text("Open this experiment in the Playground").last
    link.scroll_into_view_if_needed()
    link.click()
    tab.ready()
    page.wait_for_function("location.search.includes('task=article')")
    assert {"utm_source=a%20letter", "embed_options=show_padding"} < set(urlsplit(page.url).query.split("&"))
    page.go_back()
    expect(page.get_by_text("You said: two")).to_be_visible()
    page.wait_for_function(AT_ITS_PLACE)
    assert "utm_source=a%20letter" in page.url
    page.go_forward()
    tab.ready()
    page.wait_for_function("location.search.includes('task=article')")
    page.go_back()
    page.wait_for_function(AT_ITS_PLACE)


@pytest.mark.parametrize("width", [1280, 390])
def test_back_returns_to_the_block_that_was_read_though_what_stands_above_has_another_height(visit, width):
    tab = visit("closing-the-loop?lang=en", viewport={"width": width, "height": 800})
    page = tab.page
    whole(page, "closing-the-loop")
    link = page.locator(".st-key-closing-the-loop-parity").locator("xpath=following::a[contains(., 'Open this')][1]")
    link.evaluate("link => link.scrollIntoView({ block: 'center', behavior: 'instant' })")
    page.wait_for_timeout(3000)  # what comes into sight on the way is drawn
    link.evaluate("link => link.scrollIntoView({ block: 'center', behavior: 'instant' })")
    block = page.locator(".st-key-question-closing-the-loop-parity")
    place = block.bounding_box()["y"]
    link.click()
    expect(page.locator("[data-layout=stage]")).to_be_attached()

    page.add_style_tag(content=".st-key-question-closing-the-loop-twins { margin-bottom: 300px; }")
    page.go_back()
    at_its_place = "([block, y]) => Math.abs(block.getBoundingClientRect().top - y) < 2"
    page.wait_for_function(at_its_place, arg=[block.element_handle(), place])
    page.add_style_tag(content=".st-key-question-closing-the-loop-early { margin-bottom: 200px; }")
    page.wait_for_timeout(1000)
    assert block.bounding_box()["y"] == pytest.approx(place, abs=2)


def test_a_link_with_a_key_held_or_copied_opens_in_another_tab(visit):
    tab = visit("closing-the-loop?lang=zh")
    whole(tab.page, "closing-the-loop")
    link = tab.page.get_by_role("link", name="打开", exact=True).first
    for how in ({"modifiers": ["Control"]}, {"button": "middle"}):
        with tab.page.context.expect_page() as opened:
            link.click(**how)
        page = opened.value
        page.wait_for_selector(".st-key-set_task")
        page.wait_for_timeout(300)
        expect(not_found(page)).to_have_count(0)
        assert asked(page.url) == asked(link.evaluate("link => link.href"))
        page.close()
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("把回路接上")


def test_a_hostile_link_inside_the_app_gets_a_sentence_and_a_working_page(visit):
    tab = visit("words#%E0")
    for query in ("steps=900&gain=nan", "what=1", "task=<b>&lang=xx", "x=" + "9" * 3000):
        tab.page.wait_for_function("location.pathname === '/words' && location.search.includes('lang=en')")
        tab.page.evaluate(
            """query => {
                const link = document.querySelector("[data-testid=stMain]").appendChild(document.createElement("a"));
                Object.assign(link, { href: "./?" + query, target: "_blank" }).click();
            }""",
            query,
        )
        tab.ready()
        expect(tab.page.get_by_test_id("stAlert").first).to_be_visible()
        tab.page.go_back()


def test_a_chapter_is_begun_at_its_top(visit):
    tab = visit("words?lang=en")
    expect(tab.page.get_by_role("heading", level=1)).to_be_visible()
    tab.page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollHeight > 3000")
    tab.page.mouse.move(700, 500)
    tab.page.mouse.wheel(0, 2000)
    tab.page.wait_for_function(f"{TOP} > 500")
    tab.page.get_by_role("link", name=re.compile("Closing the loop")).first.click()
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("Closing the loop")
    tab.page.wait_for_function(f"{TOP} === 0")
