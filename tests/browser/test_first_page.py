"""What somebody sees who has never been here: the loop, its steps, its neurons, and the same without it."""

import re

import pytest
from playwright.sync_api import expect

PHONE = {"viewport": {"width": 390, "height": 844}}


def values(tab, figure, attribute, trace=0):
    """An attribute of a trace of a drawn figure, as a list."""
    return tab.page.evaluate(
        """([figure, attribute, trace]) => {
            const value = document.querySelector(`[data-figure=${figure}] .js-plotly-plot`).data[trace][attribute];
            return Array.from(value, (row) => (typeof row === "number" ? row : Array.from(row)));
        }""",
        [figure, attribute, trace],
    )


def slide(tab, t):
    """Move the step slider, and wait until the figures are at that step."""
    tab.view.get_by_role("slider", name="step t").fill(str(t))
    expect(tab.view.locator(".fbviz-steps output")).to_contain_text(f"t = {t} of 5")


def test_a_first_visit_shows_what_will_come_goes_at_a_speed_to_follow_and_keeps_another(visit):
    tab = visit("?lang=en&updates=3000", first=True).ready()
    expect(tab.page.get_by_text("A neural network that hears itself.")).to_be_visible()
    expect(tab.view).to_have_attribute("data-preview", "true")
    assert re.search(r"Faintly: what it will be after update \d+\.", tab.status())
    assert len(values(tab, "losses", "y")) > 5
    speed = tab.view.get_by_label("Speed")
    assert speed.input_value() == "100"
    tab.click("Play")
    tab.until_update(20)
    expect(tab.view).to_have_attribute("data-preview", "false")
    speed.select_option("0")
    tab.page.reload()
    tab.ready()
    assert speed.input_value() == "0"
    tab.click("Reset")
    expect(tab.view).to_have_attribute("data-preview", "false")
    assert tab.update() == 0


@pytest.mark.parametrize(
    ("path", "first", "screen"),
    [
        ("?lang=en", ".st-key-welcome p", {}),
        ("?lang=zh", ".st-key-welcome p", PHONE),
        ("closing-the-loop?lang=en", ".fbviz-answered", {}),
    ],
)
def test_a_page_begins_close_below_its_head_and_the_first_is_whole_on_a_screen(visit, path, first, screen):
    tab = visit(path, **screen)
    tab.page.wait_for_selector("h1, .fbviz:not([data-frames='0'])")
    top = tab.page.locator(first).bounding_box()["y"]
    head = tab.page.get_by_test_id("stHeader").bounding_box()
    assert 0 <= top - head["y"] - head["height"] < 16
    if path == "?lang=en":
        expect(tab.page.get_by_role("button", name="Copy the link")).to_be_in_viewport(ratio=1)


def test_the_step_slider_shows_the_loop_at_each_step_while_it_trains_and_after(visit):
    tab = visit("?lang=en&updates=400&loss_steps=last").ready()
    tab.click("Play")
    tab.until_update(50)
    slide(tab, 2)
    tab.over()
    tab.view.get_by_role("tab", name="Unroll steps").click()
    fields = {}
    for t in (5, 2, 1):
        slide(tab, t)
        expect(tab.page.locator("[data-figure=steps] .scatterlayer .trace").first).to_be_visible()
        fields[t] = values(tab, "boundary", "z")
        assert values(tab, "steps", "x", trace=2) == [t]
    assert fields[5] != fields[2] != fields[1]
    tab.view.get_by_role("button", name="Go round the loop").click()
    expect(tab.view.locator(".fbviz-steps output")).to_contain_text("t = 3 of 5")
    expect(tab.view.locator(".fbviz-steps output")).to_contain_text("t = 5 of 5")
    assert values(tab, "boundary", "z") == fields[5]
    expect(tab.view.locator(".fbviz-pulse")).to_have_count(1)


def test_a_button_trains_the_same_without_the_loop_beside_it(visit):
    tab = visit("?lang=en&task=flip_flop&updates=150").ready()
    tab.click("α = 0 beside it")
    without = tab.page.locator("[data-figure=without_loop]")
    expect(without).to_contain_text("The same without the loop")
    tab.click("Play")
    tab.over()
    assert values(tab, "without_loop", "z") != values(tab, "boundary", "z")
    with_loop, alone = (values(tab, "losses_without_loop", "y", trace)[-1] for trace in (1, 3))
    assert with_loop < alone / 2
    tab.click("α = 0 beside it")
    expect(without).to_have_count(0)


@pytest.mark.parametrize("where", [{}, PHONE], ids=["desk", "phone"])
def test_a_neuron_is_seen_closely_by_pointing_by_keys_and_its_weights_have_values(visit, where):
    tab = visit("?lang=en&updates=50&hidden=3", **where).ready()
    tab.click("Play")
    tab.over()
    network = tab.page.locator("[data-figure=network] .fbviz-plot")
    told = tab.page.locator("[data-figure=neuron] .textpoint")
    expect(told).to_contain_text("layer 2, neuron 1, bias")
    network.focus()
    for name in ("layer 1, neuron 1", "layer 1, neuron 2"):
        network.press("ArrowRight")
        expect(told).to_contain_text(name)
    assert len(values(tab, "neuron", "x", trace=1)) == 2
    place = network.evaluate("""plot => {
        const { x, y } = plot.data.find(({ customdata }) => Array.isArray(customdata?.[0]));
        const { xaxis, yaxis } = plot._fullLayout, box = plot.getBoundingClientRect();
        return [box.x + xaxis._offset + xaxis.d2p(x[2]), box.y + yaxis._offset + yaxis.d2p(y[2])];
    }""")
    tab.page.mouse.move(*place)
    expect(told).to_contain_text("layer 1, neuron 3")
    assert re.search(r"bias −?-?\d", told.text_content())


def test_figures_behind_tabs_are_turned_to_and_the_choice_is_kept(visit):
    tab = visit("?lang=en").ready()
    steps = tab.page.locator("[data-figure=steps]")
    expect(steps).to_be_hidden()
    tab.view.get_by_role("tab", name="Unroll steps").click()
    expect(steps.locator(".scatterlayer .trace").first).to_be_visible()
    tab.view.get_by_role("tab", name="Unroll steps").press("ArrowLeft")
    expect(steps).to_be_hidden()
    tab.view.get_by_role("tab", name="Gradients").press("ArrowRight")
    tab.page.reload()
    expect(tab.ready().page.locator("[data-figure=steps]")).to_be_visible()
    assert tab.update() == 0


def test_at_1280_by_800_the_boundary_is_large_and_the_loop_is_set_without_scrolling(visit):
    tab = visit("?lang=en&hidden=8-8").ready()
    panel, plane = (
        tab.page.locator(f"[data-figure=boundary]{part}").bounding_box() for part in ("", " .heatmaplayer image")
    )
    assert plane["width"] * plane["height"] > 0.5 * panel["width"] * panel["height"]
    assert plane["width"] == pytest.approx(plane["height"], rel=0.02)
    for name in ("Unroll steps", "Feedback gain"):
        box = tab.page.get_by_role("slider", name=re.compile(name)).bounding_box()
        assert box["y"] + box["height"] < 800


def test_the_loop_is_drawn_as_wide_as_it_is_loud_and_dashed_where_it_is_not_heard(visit):
    tab = visit("?lang=en&gain=2").ready()
    line = """() => document.querySelector("[data-figure=network] .js-plotly-plot").data
        .find(({ name }) => name === "loop").line"""
    wide = tab.page.evaluate(line)
    tab.page.goto(tab.page.url.replace("gain=2", "gain=0"))
    tab.ready()
    thin = tab.page.evaluate(line)
    assert wide["width"] == 5
    assert (wide["dash"], thin["dash"]) == ("solid", "dot")
