"""For those who come by keyboard or by ear, who want nothing to move, on paper, and inside another page."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import axe_playwright_python
import pytest
from playwright.sync_api import expect

from tests.browser.reading import view, whole
from tests.browser.test_chapters import SLUGS, books

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
SCHEMES = ("light", "dark")


THEMED = """scheme => [...document.querySelectorAll(".stApp, .fbviz")].every((node) => {
    const [r, g, b] = getComputedStyle(node).color.match(/[0-9.]+/g).map(Number);
    return r + g + b > 384 === (scheme === "dark");
})"""  # all that is written is in the colours of the scheme


def violations(page, scheme):
    """What axe-core finds on the page in this theme: each rule with the element that breaks it."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour is on its way to another
    themed = "scheme => getComputedStyle(document.querySelector('.stApp')).colorScheme === scheme"
    page.wait_for_function(themed, arg=scheme)
    page.wait_for_function(THEMED, arg=scheme)
    page.wait_for_timeout(700)  # the figures are drawn anew
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


@books(*SLUGS, languages=["en"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_wrong_with_a_chapter(chapter, scheme):
    assert violations(chapter.page, scheme) == []


@pytest.mark.parametrize("path", ["?lang=en", "?lang=zh", "?embed=true&lang=en&task=xor&gain=2", "words?lang=zh"])
def test_axe_finds_nothing_wrong_with_a_page(visit, path):
    tab = visit(path)
    tab.page.wait_for_selector("h1, .fbviz:not([data-frames='0'])")
    for scheme in SCHEMES:
        assert violations(tab.page, scheme) == []


# By keyboard.


@pytest.mark.parametrize(
    ("path", "slug", "says"),
    [
        ("?lang=en", "", "To the run"),
        ("?lang=zh", "", "跳到运行区"),
        ("inside-the-loop?lang=en", "inside-the-loop", "To the run"),
        ("words?lang=zh", "", "跳到运行区"),
    ],
)
def test_the_first_stop_of_the_tab_key_leads_to_the_run_or_to_the_title(visit, path, slug, says):
    tab = visit(path)
    tab.page.wait_for_selector("h1, .fbviz:not([data-frames='0'])")
    if slug:
        whole(tab.page, slug)
    tab.page.wait_for_selector(".fbviz-skip", state="attached")
    tab.page.evaluate("""() => {  // the keys begin where the page begins
        document.body.tabIndex = -1;
        document.body.focus();
        document.body.removeAttribute("tabindex");
    }""")
    tab.page.keyboard.press("Tab")
    skip = tab.page.get_by_role("link", name=says)
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)
    tab.page.keyboard.press("Enter")
    landed = tab.page.locator(":focus")
    if "words" in path:
        expect(landed).to_have_js_property("tagName", "H1")
        return
    expect(landed).to_have_class("fbviz-play")
    assert "#" not in tab.page.url
    tab.page.keyboard.press("Space")
    expect(tab.view).not_to_have_attribute("data-state", "ready")


@books("inside-the-loop", languages=["en"])
def test_a_path_is_started_with_the_keys_and_the_map_is_read_with_them(chapter):
    found = view(chapter.page, chapter.slug, "portrait")
    plot = found.locator("[data-figure=phase_portrait] .js-plotly-plot")
    plot.focus()
    for key in ("ArrowRight", "ArrowUp", "Enter"):
        chapter.page.keyboard.press(key)
    starts = """plot => {
        const { x, y } = plot.data.find(({ meta }) => meta?.x === "portrait.path.x");
        return x.length > 1 && x[0] > 0 && y[0] > 0;
    }"""
    chapter.page.wait_for_function(starts, arg=plot.element_handle())
    expect(found).not_to_have_attribute("data-state", "playing")

    own = view(chapter.page, chapter.slug, "own")
    own.locator("[data-figure=stability_map] .js-plotly-plot").focus()
    chapter.page.keyboard.press("ArrowLeft")
    expect(own.locator("[aria-live=polite]")).to_have_text(re.compile(r"^ρ = [\d.]+, α = [\d.]+, g = [\d.]+$"))


# By ear.


@pytest.mark.parametrize(
    ("language", "play", "tell", "said"),
    [
        ("en", "Play", "Say the values", r"Loss and accuracy: training loss 0.\d+, test loss 0.+, update 60"),
        ("zh", "开始", "读出数值", r"损失与准确率：训练损失 0.\d+，测试损失 0.\d+，测试准确率 .+，更新步 60"),
    ],
)  # fmt: skip
def test_a_figure_says_its_values_when_it_is_asked(visit, language, play, tell, said):
    tab = visit(f"?updates=60&lang={language}").ready()
    tab.click(play)
    tab.over()
    voice = tab.view.locator(".fbviz-hidden[aria-live=polite]")
    tab.page.locator("[data-figure=losses]").get_by_role("button", name=tell).press("Enter")
    expect(voice).to_have_text(re.compile(said))
    tab.page.locator("[data-figure=boundary]").get_by_role("button", name=tell).press("Enter")
    expect(voice).to_contain_text("60")  # it has no numbers of its own, and says how the run stands


@books("associative-memory", languages=["en"])
def test_a_pattern_is_drawn_and_its_overlaps_are_read_by_ear(chapter):
    found = view(chapter.page, chapter.slug, "memory")
    voice = found.locator(".fbviz-hidden[aria-live=polite]")
    found.locator("[data-figure=drawn_pattern] .js-plotly-plot").focus()
    chapter.page.keyboard.press("ArrowRight")
    expect(voice).to_have_text("column 2, row 1, off")
    chapter.page.keyboard.press("Enter")
    expect(voice).to_have_text("column 2, row 1, on")
    found.locator("[data-figure=stored_patterns]").get_by_role("button", name="Say the values").press("Enter")
    overlaps = r"Stored patterns: heart: overlap [−\d.]+, (\w+: overlap [−\d.]+, ){4}drawn: overlap [−\d.]+"
    expect(voice).to_have_text(re.compile(overlaps))


# Without motion.


def test_who_wants_no_motion_sees_none(visit):
    tab = visit("?lang=en").ready()
    moving = """() => [...document.querySelectorAll("*")].filter((node) => {
        const look = getComputedStyle(node);
        const seconds = `${look.transitionDuration}, ${look.animationDuration}`.split(", ").map(parseFloat);
        const forever = look.animationIterationCount === "infinite";
        return Math.max(...seconds) > 0.002 || forever || look.scrollBehavior === "smooth";
    }).length"""
    assert tab.page.evaluate(moving) > 0
    tab.page.emulate_media(reduced_motion="reduce")
    assert tab.page.evaluate(moving) == 0


# On paper.

A4 = {"width": 794, "height": 1123}  # in px


@pytest.mark.parametrize("scheme", SCHEMES)
def test_on_paper_a_page_is_its_figures_dark_on_white_and_whole(visit, scheme):
    tab = visit("?lang=en", color_scheme=scheme, viewport=A4).ready()
    ink = "document.querySelector('[data-figure=losses] .xtick text')"
    colour = f"getComputedStyle({ink}).fill"
    before = tab.page.evaluate(colour)
    tab.page.emulate_media(media="print")

    for gone in ("stSidebar", "stHeader"):
        expect(tab.page.get_by_test_id(gone)).to_be_hidden()
    expect(tab.view.get_by_role("toolbar", name="Run")).to_be_hidden()
    tab.page.wait_for_function(f"{colour} === 'rgb(0, 0, 0)'")
    assert tab.page.evaluate("getComputedStyle(document.querySelector('.fbviz-status')).color") == "rgb(0, 0, 0)"
    assert (
        tab.page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor") == "rgb(255, 255, 255)"
    )
    assert tab.page.evaluate("document.documentElement.scrollHeight") > A4["height"]  # nothing is cut off by the screen
    line = tab.page.locator("[data-figure=losses] .legend path").first
    assert line.evaluate("line => getComputedStyle(line).stroke") == "rgb(8, 119, 189)"  # as on a light page
    for panel in tab.page.locator(".fbviz-panel:visible").all():
        assert panel.evaluate("panel => getComputedStyle(panel).breakInside") == "avoid"
        drawn = panel.locator(".main-svg").first.bounding_box()
        assert drawn["width"] > 0.9 * A4["width"]
    assert tab.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")

    tab.page.emulate_media(media="screen")
    tab.page.wait_for_function(f"before => {colour} === before", arg=before)
    expect(tab.page.locator(".main-svg[viewBox]")).to_have_count(0)


# Inside another page.


def test_inside_another_page_stand_the_figures_the_toolbar_and_the_controls_of_the_link(visit):
    tab = visit("?embed=true&lang=en&gain=2&task=xor").ready()
    for gone in ("stSidebar", "stHeader"):
        expect(tab.page.get_by_test_id(gone)).to_be_hidden()
    main = tab.page.get_by_test_id("stMain")
    expect(main.get_by_test_id("stSlider")).to_have_count(1)
    expect(main.get_by_role("combobox", name="Task")).to_be_visible()
    tab.page.get_by_role("slider", name="Feedback gain").press("ArrowRight")
    tab.page.wait_for_function("location.search.includes('gain=2.05')")
    assert "embed=true" in tab.page.url
    while tab.update() < 1:  # the run of the new gain may begin just now
        tab.click("Step")
        tab.page.wait_for_timeout(500)

    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.page.get_by_role("button", name="Copy the link").click()
    expect(tab.page.get_by_role("button", name="Copied")).to_be_visible()
    copied = tab.page.evaluate("navigator.clipboard.readText()")
    assert parse_qs(urlsplit(copied).query) == {"gain": ["2.05"], "task": ["xor"], "lang": ["en"]}
    other = tab.open(copied)
    gain = other.get_by_test_id("stSidebar").get_by_role("slider", name="Feedback gain")
    expect(gain).to_have_value("2.05")


@pytest.mark.parametrize("width", [1280, 390])
def test_an_embedded_chapter_goes_on_to_the_next_and_stays_embedded(visit, width):
    tab = visit("logistic-regression?embed=true&lang=zh", viewport={"width": width, "height": 800})
    expect(tab.page.get_by_test_id("stSidebar")).to_be_hidden()
    whole(tab.page, "logistic-regression")
    tab.page.locator(".st-key-next a").click()
    tab.page.wait_for_function("!location.pathname.includes('logistic') && location.search.includes('embed=true')")
    expect(tab.page.get_by_role("heading", level=1)).to_be_visible()
    expect(tab.page.get_by_test_id("stHeader")).to_be_hidden()
