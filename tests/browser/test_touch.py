"""With a finger, on a phone."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.reading import Finger, view, whole

PHONE = {"width": 390, "height": 844}
SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"
AXES = "plot => ['xaxis', 'yaxis'].map((axis) => plot._fullLayout[axis].range.join())"
PATHS = """plot => {
    const { x } = plot.data.find(({ meta }) => meta?.x === "portrait.path.x");
    return Array.from(x).filter(Number.isNaN).length;
}"""


@pytest.fixture
def held(visit):
    """held(path, slug, key): a phone with that page, its finger, and a view on it."""

    def open_page(path, *block):
        tab = visit("_stcore/health", viewport=PHONE)
        finger = Finger(tab.page)  # a page knows from its beginning whether there are fingers
        tab.page.goto(tab.page.url.replace("_stcore/health", path))
        if block:
            whole(tab.page, block[0])
            return tab, finger, view(tab.page, *block)
        return tab.ready(), finger, tab.view

    return open_page


def middle(page, found):
    """The middle of something, brought into the middle of the screen."""
    found.evaluate("node => node.scrollIntoView({ block: 'center', behavior: 'instant' })")
    page.wait_for_timeout(300)
    box = found.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize(
    ("path", "block"),
    [
        ("?lang=zh", ()),
        ("inside-the-loop?lang=en", ("inside-the-loop", "portrait")),
        ("thinking-longer?lang=zh", ("thinking-longer", "flood_fill")),
    ],
)
def test_a_swipe_over_a_figure_scrolls_the_page_and_changes_nothing_in_it(held, path, block):
    tab, finger, found = held(path, *block)
    for plot in found.locator(".js-plotly-plot").all():
        place = middle(tab.page, plot)
        before, axes = tab.page.evaluate(SCROLLED), plot.evaluate(AXES)
        finger.swipe(place, (0, -120 if before < 100 else 120))  # at the top a page scrolls down only
        tab.page.wait_for_function(f"before => Math.abs({SCROLLED} - before) > 30", arg=before)
        assert plot.evaluate(AXES) == axes
        expect(found).to_have_attribute("data-state", "ready")
    expect(tab.page.locator(".plotly-notifier")).to_have_count(0)


NEURON = """([layer, neuron]) => {   // where it is on the screen
    const plot = document.querySelector("[data-figure=network] .js-plotly-plot");
    const { x, y, customdata } = plot.data.find(({ customdata }) => Array.isArray(customdata?.[0]));
    const i = customdata.findIndex(([l, n]) => l === layer && n === neuron);
    const { left, top } = plot.getBoundingClientRect(), { xaxis, yaxis } = plot._fullLayout;
    return [left + xaxis._offset + xaxis.d2p(x[i]), top + yaxis._offset + yaxis.d2p(y[i])];
}"""


def test_a_neuron_is_chosen_by_a_tap_and_not_by_a_finger_that_scrolls_the_page(held):
    tab, finger, found = held("?lang=en")
    plot = found.locator("[data-figure=network] .js-plotly-plot")
    chosen = found.locator("[data-figure=neuron] .js-plotly-plot")
    expect(chosen).to_contain_text("layer 2, neuron 1")
    for by in (-60, 100):  # Plotly takes either for a click
        middle(tab.page, plot)
        x, y = tab.page.evaluate(NEURON, [1, 3])
        before = tab.page.evaluate(SCROLLED)
        finger.swipe((x, y), (0, by))
        tab.page.wait_for_function(f"before => Math.abs({SCROLLED} - before) > 30", arg=before)
        tab.page.wait_for_timeout(700)
        expect(chosen).to_contain_text("layer 2, neuron 1")
    middle(tab.page, plot)
    finger.tap(tab.page.evaluate(NEURON, [1, 3]))
    expect(chosen).to_contain_text("layer 1, neuron 4")


def test_two_quick_taps_on_a_portrait_start_two_paths_and_a_swipe_starts_none(held):
    tab, finger, found = held("inside-the-loop?lang=en", "inside-the-loop", "portrait")
    plot = found.locator("[data-figure=phase_portrait] .js-plotly-plot")
    x, y = middle(tab.page, plot.locator(".nsewdrag").first)
    finger.tap((x - 80, y - 40))
    finger.tap((x + 60, y + 30))
    tab.page.wait_for_function(f"plot => ({PATHS})(plot) === 2", arg=plot.element_handle())
    finger.swipe((x, y), (0, -100))
    tab.page.wait_for_timeout(500)
    assert plot.evaluate(PATHS) == 2


def test_walls_are_drawn_by_a_finger_on_the_whole_screen_and_none_is_left_out(held):
    tab, finger, found = held("thinking-longer?lang=en", "thinking-longer", "flood_fill")
    panel = found.locator("[data-figure=maze]")
    cells = panel.locator(".fbviz-cells")
    told = "() => window.told.filter(({ do: word }) => word === 'click').map(({ value }) => value)"
    tab.page.evaluate("""() => {
        window.told = [];
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (said) {
            if (this.url.includes("/fbviz/live/")) window.told.push(JSON.parse(said));
            return send.call(this, said);
        };
    }""")
    place = middle(tab.page, cells)
    before = tab.page.evaluate(SCROLLED)
    finger.tap(place)

    expect(panel.get_by_role("button", name="Done")).to_be_focused()
    assert panel.bounding_box() == {"x": 0, "y": 0, **PHONE}
    assert tab.page.evaluate(told) == []
    tab.page.wait_for_function("cells => cells.getBoundingClientRect().width >= 24 * 24", arg=cells.element_handle())
    box = cells.bounding_box()
    side = box["width"] / 24
    finger.swipe((box["x"] + 1.5 * side, box["y"] + 4.5 * side), (9 * side, 3 * side), events=2)
    tab.page.wait_for_function(f"({told})().length >= 10")
    drawn = tab.page.evaluate(told)
    assert drawn[0] == [1, 4]
    assert drawn[-1] == [10, 7]
    assert [x for x, _ in drawn] == list(range(1, 11))
    panel.get_by_role("button", name="Done").click()
    expect(panel).not_to_have_attribute("popover", "auto")
    assert tab.page.evaluate(SCROLLED) == pytest.approx(before, abs=2)
    assert json.dumps(tab.page.evaluate(told)) == json.dumps(drawn)
