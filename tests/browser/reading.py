"""How a chapter is read to its end, by a test, a benchmark or whoever takes the pictures."""

import time
from contextlib import suppress

from playwright.sync_api import Error, Locator, Page, expect

from fbviz.chapters.lesson import Predict, Run
from fbviz.chapters.rooms import chapters

DRAWN = ".fbviz[data-frames]:not([data-frames='0'])"  # a view with its first picture


def whole(page: Page, slug: str) -> int:
    """Skip every question, so that all of the chapter is there; returns how many views it has."""
    lesson = next(lesson for lesson in chapters("en") if lesson.slug == slug)
    page.wait_for_selector("h1")
    for block in lesson.blocks:
        if isinstance(block, Predict):
            click_away(page.locator(f".st-key-skip-{slug}-{block.key} button"))
    return sum(isinstance(block, Predict | Run) for block in lesson.blocks)


def click_away(button: Locator) -> None:
    """Click a button that then goes. A click while the page is drawn anew hits nothing; a person clicks again."""
    button.wait_for()
    end = time.monotonic() + 120
    while button.count() and time.monotonic() < end:
        with suppress(Error, AssertionError):
            button.click(timeout=10_000)
            expect(button).to_have_count(0, timeout=10_000)
    expect(button).to_have_count(0)


def into_view(found: Locator) -> None:
    """Scroll to a view; while the page is drawn anew, another stands in its place."""
    expect(found).to_be_visible()
    found.evaluate("node => node.scrollIntoView({ block: 'center' })")


def view(page: Page, slug: str, key: str) -> Locator:
    """The live view of a block, in sight and drawn."""
    found = page.locator(f".st-key-{slug}-{key} .fbviz")
    into_view(found)
    expect(found).not_to_have_attribute("data-frames", "0")
    return found


def click_at(found: Locator, figure: str, across: float, down: float) -> None:
    """Click a place of a figure in a view, told as parts of its width and height."""
    box = found.locator(f"[data-figure={figure}] .nsewdrag").first.bounding_box()
    assert box
    found.page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])


def played(found: Locator) -> Locator:
    """The same when its run is over."""
    found.locator(".fbviz-play").click()
    expect(found).to_have_attribute("data-over", "true", timeout=120_000)
    found.page.wait_for_timeout(700)  # the page runs again when a run ends
    return found


class Finger:
    """A finger on a page: the browser itself decides what it scrolls and what hears it."""

    def __init__(self, page: Page) -> None:
        self.page, self.devtools = page, page.context.new_cdp_session(page)
        self.devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def swipe(self, start: tuple[float, float], by: tuple[float, float], events: int = 6) -> None:
        """Drag from a place on the screen, in so many movements."""
        self.touch("Start", start)
        for i in range(1, events + 1):
            self.touch("Move", (start[0] + by[0] * i / events, start[1] + by[1] * i / events))
            self.page.wait_for_timeout(16)
        self.touch("End")

    def tap(self, place: tuple[float, float]) -> None:
        self.touch("Start", place)
        self.touch("End")

    def touch(self, what: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in places]
        self.devtools.send("Input.dispatchTouchEvent", {"type": f"touch{what}", "touchPoints": points})


SOCKETS = """(() => {  // a page whose sockets to its runs can be cut: window.offline = true
    const Real = WebSocket, open = new Set();
    let offline = false;
    window.WebSocket = function (url, ...rest) {
        const ours = String(url).includes("/fbviz/live/");
        const socket = new Real(ours && offline ? String(url).replace("/live/", "/no/") : url, ...rest);
        if (ours) open.add(socket);
        return socket;
    };
    Object.assign(window.WebSocket, { OPEN: 1, CONNECTING: 0, CLOSING: 2, CLOSED: 3 });
    window.WebSocket.prototype = Real.prototype;
    Object.defineProperty(window, "offline", { get: () => offline, set(cut) {
        offline = cut;
        if (cut) for (const socket of open) socket.close();
        open.clear();
    } });
})();"""


def cuttable(visit, path, **where):
    """A tab whose sockets can be cut."""
    tab = visit("_stcore/health", **where)
    tab.page.add_init_script(SOCKETS)
    tab.page.goto(tab.page.url.replace("_stcore/health", path))
    return tab
