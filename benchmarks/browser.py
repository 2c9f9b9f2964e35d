"""What a learner sees: frames a second, updates while watched, and how soon a circle is learned, in a real Chromium."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import torch
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.live import used
from benchmarks.training import bare, seconds
from fbviz.experiment import PRESETS, Experiment
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.server import Server

WATCH = 1.2  # seconds: a run of 100,000 updates is over soon
PLAYS = 20
VISITS = 7
DRAWN = "Number(document.querySelector('.fbviz').dataset.frames)"
UPDATES = "Number(document.querySelector('.fbviz').dataset.update)"


def rows() -> Iterator[tuple[str, str]]:
    """What was measured, and how it compares."""
    spiral = PRESETS["Spiral, two layers of eight"].changed(updates=100_000)
    torch.set_num_threads(1)
    loop = 1 / statistics.median(seconds(bare(spiral)) for _ in range(3))
    with Server() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        shown, drawn = zip(*(first_visit(browser, server) for _ in range(VISITS)), strict=True)
        yield "first visit: controls", f"{statistics.median(shown):.2f} s"
        yield "first visit: first picture [2.2 s]", f"{statistics.median(drawn):.2f} s"
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        frames, _, cpu = watch(page, server, Experiment().changed(updates=100_000))
        yield "default: frames drawn a second [20]", f"{frames:.1f}"
        yield "default: server CPU a drawn frame [2 ms]", f"{cpu:.2f} ms"
        frames, updates, _ = watch(page, server, spiral)
        yield "spiral 8-8: frames drawn a second", f"{frames:.1f}"
        yield "spiral 8-8: updates/s while watched", f"{updates:.0f}, {updates / loop:.2f} of a bare loop [0.8]"
        clicks = sorted(pressed(page) for _ in range(PLAYS))
        yield "click on Play to first new frame [300 ms]", f"median {clicks[PLAYS // 2]:.0f}, p95 {clicks[-2]:.0f} ms"
        learned = statistics.median(circle(page, server) for _ in range(3))
        yield "circle: Play to test accuracy 0.99 [2 s]", f"{learned:.2f} s"
        browser.close()


def first_visit(browser: Browser, server: Server) -> tuple[float, float]:
    """Seconds until a browser that has nothing of the app sees its controls, and its first picture."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    start = time.perf_counter()
    page.goto(server.url)
    page.wait_for_selector(".fbviz-play")
    shown = time.perf_counter() - start
    page.wait_for_function(f"{DRAWN} > 0")
    drawn = time.perf_counter() - start
    page.context.close()
    return shown, drawn


def opened(page: Page, server: Server, experiment: Experiment) -> None:
    """Load an experiment and wait for its first picture."""
    page.add_init_script("localStorage.setItem('fbviz.speed', '0')")  # as fast as it goes
    page.goto(f"{server.url}?{urlencode(experiment.to_query())}")
    page.wait_for_function(f"document.querySelector('.fbviz') && {DRAWN} > 0")
    page.wait_for_timeout(1500)


def watch(page: Page, server: Server, experiment: Experiment) -> tuple[float, float, float]:
    """Frames and updates a second while it plays, and the server's milliseconds a frame."""
    opened(page, server, experiment)
    page.click(".fbviz-play")
    page.wait_for_timeout(300)
    start, cpu = time.perf_counter(), used(server.process)
    frames, updates = page.evaluate(f"[{DRAWN}, {UPDATES}]")
    page.wait_for_timeout(1000 * WATCH)
    frames, updates = (b - a for a, b in zip((frames, updates), page.evaluate(f"[{DRAWN}, {UPDATES}]"), strict=True))
    passed = time.perf_counter() - start
    pause(page)
    return frames / passed, updates / passed, 1000 * (used(server.process) - cpu) / frames


def pressed(page: Page) -> float:
    """Milliseconds from a click on Play, in the browser, to a frame with a new update; then pause."""
    script = f"""async () => {{
        const before = {UPDATES}, start = performance.now();
        document.querySelector('.fbviz-play').click();
        while ({UPDATES} === before) await new Promise(requestAnimationFrame);
        return performance.now() - start;
    }}"""
    took: float = page.evaluate(script)
    pause(page)
    return took


def pause(page: Page) -> None:
    """Stop what plays; a run of all its updates rests already."""
    if page.locator(".fbviz[data-state=playing]").count():
        page.click(".fbviz-play")
    page.wait_for_selector(".fbviz[data-state=paused]")


def circle(page: Page, server: Server) -> float:
    """Seconds from Play until the status says an accuracy of 0.99."""
    opened(page, server, Experiment())
    start = time.perf_counter()
    page.click(".fbviz-play")
    said = "Number(document.querySelector('.fbviz-status').textContent.match(/accuracy ([0-9.]+)/)?.[1]) >= 99"
    page.wait_for_function(said)
    return time.perf_counter() - start


if __name__ == "__main__":
    for row in rows():
        print(*row, sep="  ")
