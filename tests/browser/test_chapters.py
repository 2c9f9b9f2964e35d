import itertools
import re
import time

import pytest
from playwright.sync_api import expect

from fbviz.chapters.rooms import chapters
from tests.browser.reading import click_at, cuttable, into_view, played, view, whole
from tests.server import Server

SLUGS = [lesson.slug for lesson in chapters("en")]


def test_a_chapter_may_be_the_first_request_of_all(visit):
    with Server() as server:
        tab = visit("words?lang=zh#residual", on=server)
        expect(tab.page.get_by_role("heading", name=re.compile("残差"))).to_be_in_viewport()


def books(*slugs, languages=("en", "zh")):
    """For these chapters, each of them opened once for all tests."""
    return pytest.mark.parametrize("book", [*itertools.product(slugs, languages)], indirect=True, ids="-".join)


@books(*SLUGS)
def test_every_view_of_a_chapter_draws(chapter):
    expect(chapter.page.locator(".fbviz")).to_have_count(chapter.views)
    for found in chapter.page.locator(".fbviz").all():
        into_view(found)
        expect(found).not_to_have_attribute("data-frames", "0")


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_sticks_out_on_a_phone(visit, slug):
    tab = visit(f"{slug}?lang=en", viewport={"width": 390, "height": 800})
    whole(tab.page, slug)
    tab.page.wait_for_timeout(500)

    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for panel in tab.page.locator(".fbviz-panel").all():
        box = panel.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


def test_a_prediction_is_still_there_after_a_look_at_another_page(visit):
    tab = visit("logistic-regression?lang=en")
    tab.page.get_by_text("two", exact=True).click()
    tab.page.get_by_role("button", name="This is my guess: run it").click()
    expect(tab.page.get_by_text("The answer is “three”.")).to_be_visible()
    tab.page.get_by_role("link", name="Playground", exact=True).first.click()
    expect(tab.page.get_by_text("1 Data")).to_be_visible()
    tab.page.go_back()
    expect(tab.page.get_by_text("You said: two")).to_be_visible()


@books("logistic-regression", languages=["en"])
def test_a_slider_of_a_chapter_answers_without_a_rerun(chapter):
    found = view(chapter.page, chapter.slug, "derivation")
    cell = found.locator("[data-figure=derivation] tbody tr").first.locator("td").first
    before = cell.inner_text()
    found.get_by_role("slider", name="w₁").press("ArrowRight")
    expect(cell).not_to_have_text(before)


@books("logistic-regression")
def test_the_table_of_a_descent_is_no_longer_than_the_figure_beside_it(chapter):
    found = played(view(chapter.page, chapter.slug, "surface"))
    table, figure = (
        found.locator(f"[data-figure={name}] {part}").bounding_box()["height"]
        for name, part in (("milestones", "table"), ("boundary", ".fbviz-plot"))
    )
    assert table <= figure
    share = {"en": "test accuracy 100 %", "zh": "测试准确率 100%"}[chapter.language]
    expect(found.locator(".fbviz-status")).to_contain_text(share)


@books("associative-memory", languages=["en"])
def test_what_stands_under_a_pointer_has_a_true_minus(chapter):
    found = view(chapter.page, chapter.slug, "damping")
    found.get_by_role("slider").fill("0.5")
    plot = found.locator("[data-figure=swap] .js-plotly-plot")
    lost = "(plot) => plot.data[1].y.at(-1) < -0.99"
    chapter.page.wait_for_function(lost, arg=plot.element_handle())
    box = plot.locator(".nsewdrag").bounding_box()
    for across in (0.85, 0.9):  # along the line of the one that has lost
        chapter.page.mouse.move(box["x"] + across * box["width"], box["y"] + 0.95 * box["height"])
    expect(plot.locator(".hoverlayer text", has_text=re.compile(r"−0\.99")).first).to_be_visible()


@books("thinking-longer")
def test_percent_is_written_at_an_axis_and_under_a_pointer_as_in_the_text(chapter):
    found = view(chapter.page, chapter.slug, "flood_fill")
    plot = found.locator("[data-figure=answer_over_steps] .js-plotly-plot")
    gap = {"en": " ", "zh": ""}[chapter.language]
    expect(plot.locator(".ytick", has_text=f"50{gap}%")).to_have_count(1)
    now = """plot => {
        const { _fullLayout: { xaxis, yaxis }, data: [, { x, y }] } = plot;
        return [xaxis._offset + xaxis.d2p(x[0]), yaxis._offset + yaxis.d2p(y[0])];
    }"""
    plot.hover(position=dict(zip("xy", plot.evaluate(now), strict=True)))
    expect(plot.locator(".hoverlayer text", has_text=re.compile(rf"\d{gap}%")).first).to_be_visible()


def test_a_menu_of_a_chapter_answers_in_the_language_of_the_reader(visit):
    tab = visit("logistic-regression?lang=zh")
    whole(tab.page, "logistic-regression")
    found = view(tab.page, "logistic-regression", "derivation")
    loss = found.locator("[data-figure=derivation] tbody tr").nth(2).locator("td").first
    before, menu = loss.inner_text(), found.get_by_role("combobox", name="标签 y")
    expect(menu).to_have_value("1")
    menu.select_option("0")
    expect(loss).not_to_have_text(before)


@pytest.fixture
def drawing(visit):
    """The pattern a reader draws: its figure, and how many cells are on."""
    tab = visit("associative-memory?lang=en")
    whole(tab.page, "associative-memory")
    plot = view(tab.page, "associative-memory", "memory").locator("[data-figure=drawn_pattern] .js-plotly-plot")

    def on(count):
        cells = (
            "([plot, count]) => plot.data[0].z.flatMap((row) => [...row]).filter((cell) => cell > 0).length === count"
        )
        tab.page.wait_for_function(cells, arg=[plot.element_handle(), count])

    return tab, plot, on


def test_a_pattern_is_drawn_in_one_drag(drawing):
    tab, plot, on = drawing
    box = plot.locator(".nsewdrag").first.bounding_box()
    y = box["y"] + 0.45 * box["height"]
    tab.page.mouse.move(box["x"] + 0.05 * box["width"], y)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + 0.95 * box["width"], y, steps=40)
    tab.page.mouse.up()
    on(10)
    tab.page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.9 * box["height"], steps=10)
    tab.page.mouse.click(box["x"] + 0.05 * box["width"], y)
    on(9)


def test_a_pattern_is_drawn_with_the_keys_and_the_run_does_not_step(drawing):
    tab, plot, on = drawing
    plot.focus()
    for key in ("ArrowRight", "ArrowDown", "Enter", "ArrowRight", "Enter"):
        plot.press(key)
    on(2)
    assert tab.page.evaluate("plot => plot.data[0].z[1][1] > 0 && plot.data[0].z[1][2] > 0", plot.element_handle())
    expect(plot.locator("xpath=ancestor::*[contains(@class, 'fbviz')][@data-state]")).to_have_attribute(
        "data-state", "ready"
    )


@books("closing-the-loop")
def test_twins_run_side_by_side_and_every_claim_is_measured(chapter):
    twins = played(view(chapter.page, chapter.slug, "twins_live"))
    expect(twins).to_have_attribute("data-update", "600")
    marks = twins.locator("[data-figure=twin_claims] td.right, [data-figure=twin_claims] td.wrong")
    expect(marks).to_have_count(5)


@books("seven-steps")
def test_the_walk_goes_on_step_by_step_and_its_gradients_are_right(chapter):
    walk = view(chapter.page, chapter.slug, "walk")
    for _ in range(3):
        walk.get_by_role("button").nth(1).click()
    said = {"en": "place 4 of 30", "zh": "第 4 处，共 30 处"}[chapter.language]
    expect(walk.locator(".fbviz-status")).to_contain_text(said)
    slider = walk.get_by_role("slider")
    expect(slider).to_have_value("4")  # it goes along
    walk.get_by_role("button", name=re.compile("^↺")).click()
    expect(slider).to_have_value("1")
    slider.fill("16")
    walk.get_by_role("button").nth(1).click()
    expect(slider).to_have_value("17")
    slider.fill("16")
    expect(walk.locator(".textpoint", has_text=re.compile(r"−\d")).first).to_be_visible()
    expect(walk.locator(".textpoint", has_text=re.compile(r"-\d"))).to_have_count(0)
    expect(walk.locator("[data-figure=walk_numbers] td.right").first).to_be_visible()
    expect(walk.locator("[data-figure=walk_numbers] td.wrong")).to_have_count(0)


@books("inside-the-loop", languages=["en"])
def test_a_cell_of_the_stability_map_becomes_the_experiment_and_the_map_stays(chapter):
    own = view(chapter.page, chapter.slug, "own")
    plot = own.locator("[data-figure=stability_map] .js-plotly-plot")
    click_at(own, "stability_map", 0.75, 0.5)
    chapter.page.wait_for_function("location.search.includes('gain=') && location.search.includes('weight_scale=')")
    gain, scale = plot.evaluate("plot => [plot.data[1].x[0], plot.data[1].y[0]]")
    assert (gain, scale) == pytest.approx((3, 4), abs=0.15)
    asked = {name: float(re.search(rf"{name}=([\d.]+)", chapter.page.url)[1]) for name in ("gain", "weight_scale")}
    assert list(asked.values()) == pytest.approx([gain, scale], abs=1e-6)
    assert plot.evaluate("plot => plot.data[0].z.length") == 60


def test_a_dial_that_is_moved_while_the_connection_is_lost_is_where_the_picture_is_afterwards(visit):
    slug = "closing-the-loop"
    tab = cuttable(visit, f"{slug}?lang=en")
    whole(tab.page, slug)
    found = view(tab.page, slug, "steps")
    slider = found.get_by_role("slider", name="step t")
    tab.page.evaluate("window.offline = true")
    slider.evaluate("""slider => {
        for (let move = 0; move < 261; move++) {
            slider.value = 1 + move % 64;
            slider.dispatchEvent(new Event("input"));
        }
        slider.value = 64;
        slider.dispatchEvent(new Event("input"));
    }""")
    tab.page.wait_for_timeout(1000)
    tab.page.evaluate("window.offline = false")
    marked = """() => [...document.querySelectorAll("[class*=st-key-closing-the-loop-steps] .js-plotly-plot")]
        .some((plot) => plot.data.some((trace) => trace.x?.length === 1 && trace.x[0] === 64))"""
    tab.page.wait_for_function(marked)


def test_a_chapter_all_of_whose_views_were_played_holds_one_place(visit, server):
    slug, others = "closing-the-loop", server.workers()
    tab = visit(f"{slug}?lang=en")
    whole(tab.page, slug)
    views = tab.page.locator(".fbviz")
    for number in range(views.count()):
        found = views.nth(number)
        into_view(found)
        expect(found).not_to_have_attribute("data-frames", "0")
        play = found.locator(".fbviz-play")
        if play.is_visible():
            play.click()
        tab.page.wait_for_timeout(700)
    deadline = time.monotonic() + 60
    while len(own := [worker for worker in server.workers() if worker not in others]) > 1:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert len(own) == 1
