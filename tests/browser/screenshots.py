"""The pictures of the README, taken from the app as it is now: `make screenshots`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.reading import click_at, played, view, whole
from tests.server import Server

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SCREEN, TALL = ({"width": 1280, "height": height} for height in (800, 1200))  # of a chapter: nothing lies over a view
PLAYGROUND = {  # picture: the link, and the look
    "playground": ("?lang=en&task=spiral&hidden=12&steps=6&learning_rate=0.01&updates=3000&points=500", "light"),
    "playground-zh": ("?lang=zh&task=three&hidden=8-6&feedback=output&spare=1&updates=1500&learning_rate=0.01", "dark"),
}
Act = Callable[[Locator], None]


def slide(name: str, value: str) -> Act:
    """Move a slider of a view."""

    def act(found: Locator) -> None:
        before = found.get_attribute("data-frames") or ""
        found.get_by_role("slider", name=name).fill(value)
        expect(found).not_to_have_attribute("data-frames", before)

    return act


def click(figure: str, *places: tuple[float, float]) -> Act:
    """Click places of a figure, told as parts of its width and height."""

    def act(found: Locator) -> None:
        for across, down in places:
            before = found.get_attribute("data-frames") or ""
            click_at(found, figure, across, down)
            expect(found).not_to_have_attribute("data-frames", before)
            found.page.wait_for_timeout(400)  # two in haste are a double click

    return act


def as_it_is(_: Locator) -> None:
    """Nothing more is done."""


CHAPTERS = {  # picture: the chapter, the view in it, and what is done once it has been played
    "surface": ("logistic-regression", "surface", as_it_is),
    "band": ("the-printed-network", "band", as_it_is),
    "steps": ("closing-the-loop", "all_steps", slide("step t", "12")),
    "table": ("closing-the-loop", "table", as_it_is),
    "portrait": ("inside-the-loop", "portrait", click("phase_portrait", (0.1, 0.1), (0.7, 0.9), (0.35, 0.25))),
    "maze": ("thinking-longer", "flood_fill", slide("steps t", "40")),
}


def main() -> None:
    """Take every picture anew."""
    ASSETS.mkdir(exist_ok=True)
    with Server() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, (link, scheme) in PLAYGROUND.items():
            with opened(browser, server.url + link, color_scheme=scheme, viewport=SCREEN) as page:
                played(page.locator(".fbviz").first)
                save(page, name)
        for name, (slug, key, act) in CHAPTERS.items():
            with opened(browser, f"{server.url}{slug}?lang=en", viewport=TALL) as page:
                whole(page, slug)
                found = played(view(page, slug, key))
                act(found)
                save(found, name)
        browser.close()


@contextmanager
def opened(browser: Browser, link: str, **look: Any) -> Iterator[Page]:
    """A page in a browser of its own."""
    with browser.new_context(**look) as context:
        page = context.new_page()
        page.goto(link)
        page.wait_for_selector("h1, .fbviz")
        yield page


def save(what: Page | Locator, name: str) -> None:
    """Write it when nothing moves any more."""
    (what if isinstance(what, Page) else what.page).wait_for_timeout(1500)
    what.screenshot(path=ASSETS / f"{name}.png")
    print(f"assets/{name}.png")


if __name__ == "__main__":
    main()
