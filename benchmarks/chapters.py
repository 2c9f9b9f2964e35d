"""How soon a question is decided; how soon a page shows something and answers, in a real Chromium on a warm server."""

from __future__ import annotations

import contextlib
import json
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator

from playwright.sync_api import Browser, Locator, sync_playwright

from fbviz.chapters.lesson import Predict, experiment
from fbviz.chapters.rooms import chapters
from fbviz.commands import Load
from fbviz.frames import unpack
from fbviz.learning import arithmetic
from fbviz.words import LANGUAGES
from fbviz.worker.programs import load
from fbviz.worker.runner import Runner
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.reading import click_at, played, view, whole
from tests.server import Server
from tests.shown import blocks

TIMES = 30  # of each interaction
VISITS = 3  # to each page, in each language
FIRST = "[class*=st-key-chapter-] [data-testid=stMarkdown], .fbviz-play"  # a question, or what to press
PICTURE = ".fbviz .js-plotly-plot"
MARK = "[data-figure=stability_map] .scatterlayer"  # a click moves the cross at once; the page follows
Act = Callable[[Locator], None]


def slide(name: str) -> Act:
    """Move a slider to another place."""

    def act(found: Locator) -> None:
        slider = found.get_by_role("slider", name=name)
        value, low, high = (float(slider.evaluate(f"s => s.{end}")) for end in ("value", "min", "max"))
        slider.press("ArrowLeft" if value == high or (value > low and random.random() < 0.5) else "ArrowRight")

    return act


def click(figure: str) -> Act:
    """Click somewhere on a figure."""

    def act(found: Locator) -> None:
        click_at(found, figure, random.uniform(0.1, 0.9), random.uniform(0.1, 0.9))

    return act


ANSWERED = (  # chapter, view, whether it is played to its end first, and what a reader does
    ("logistic-regression", "derivation", False, "a weight", slide("w₁")),
    ("closing-the-loop", "all_steps", True, "step t", slide("step t")),
    ("seven-steps", "walk", False, "a place of the walk", slide("place")),
    ("inside-the-loop", "portrait", True, "the input of the portrait", slide("input x")),
    ("inside-the-loop", "portrait", True, "a path in the portrait", click("phase_portrait")),
    ("inside-the-loop", "own", False, "a cell of the stability map", click("stability_map")),
    ("gradients-back", "ways", True, "k of truncated BPTT", slide("truncated after k steps")),
    ("gradients-back", "way_back", False, "damping of six gains", slide("damping λ (1: none)")),
    ("associative-memory", "memory", True, "a cell of one's own pattern", click("drawn_pattern")),
    ("associative-memory", "damping", False, "damping of two neurons", slide("λ")),
    ("thinking-longer", "flood_fill", True, "a wall of the maze", click("maze")),
    ("thinking-longer", "flood_fill", True, "steps in the maze", slide("steps t")),
)


def rows() -> Iterator[tuple[str, str]]:
    """What was measured, and how it compares."""
    yield from questions()
    random.seed(0)
    with Server() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield from opened(browser, server)
        for slug, key, over, what, act in ANSWERED:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{server.url}{slug}?lang=en")
            whole(page, slug)
            found = view(page, slug, key)
            where = MARK if key == "own" else ""
            took = sorted(answer(played(found) if over and not i else found, act, where) for i in range(TIMES))
            yield f"{what} [300 ms]", f"median {took[TIMES // 2]:.0f}, p95 {took[int(0.95 * TIMES)]:.0f} ms"
            page.close()
        browser.close()


def questions() -> Iterator[tuple[str, str]]:
    """Each question, on one core: until it is decided, and what is left of its run by then."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    with arithmetic.settled():
        for name, block in blocks().items():
            if isinstance(block, Predict):
                seconds, share = decided(block)
                yield f"{name}: decided [10 s]", f"{seconds:.1f} s, at {share:.0%} of its run"
    os.sched_setaffinity(0, cores)


class Decided(BaseException):  # no error
    """What is asked is known."""


class Watching:
    """A browser's end of a connection: it wants a frame as soon as it has one, until what is asked is known."""

    runner: Runner
    share = 0.0

    def poll(self, timeout: float | None) -> bool:
        self.runner.want = True
        return False

    def send_bytes(self, data: bytes) -> None:
        facts = unpack(data).facts
        self.share = facts.get("share", 1.0)
        if facts.get("known") or facts.get("idle") or facts.get("ended"):
            raise Decided


def decided(block: Predict) -> tuple[float, float]:
    """Seconds until a question is decided, and the share of its run that is done by then."""
    watching, programs = Watching(), load()
    watching.runner = runner = Runner(watching, programs)  # type: ignore[arg-type]
    runner.values, runner.playing = dict(block.values), True
    began = time.process_time()  # nothing waits
    with contextlib.suppress(Decided):
        runner.pull(Load(block.program, experiment(block.experiment).to_query(), dict(block.values)))
    return time.process_time() - began, watching.share


def opened(browser: Browser, server: Server) -> Iterator[tuple[str, str]]:
    """Each page in each language, by a browser that has never been here."""
    slugs = [lesson.slug for lesson in chapters("en")]
    first_visit(browser, server, "", "en", PICTURE)
    times = {
        (slug, language): [first_visit(browser, server, slug, language, FIRST) for _ in range(VISITS)]
        for slug in slugs
        for language in LANGUAGES
    }
    slowest = max(times, key=lambda page: statistics.median(times[page]))
    medians = [statistics.median(taken) for taken in times.values()]
    yield "a chapter: first content, median of all", f"{statistics.median(medians):.2f} s"
    yield "the slowest chapter: first content [1.5 s]", f"{max(medians):.2f} s ({slowest[0]})"
    for what, selector in (("controls", FIRST), ("picture", PICTURE)):
        seen = [first_visit(browser, server, "", "en", selector) for _ in range(VISITS)]
        yield f"playground: first {what}", f"{statistics.median(seen):.2f} s"


def first_visit(browser: Browser, server: Server, slug: str, language: str, what: str) -> float:
    """Seconds from the request until `what` is painted, in a browser that has nothing of the page yet."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(
        """window.seen = new Promise((done) => new MutationObserver((_, self) => {
            if (!document.querySelector(WHAT)) return;
            self.disconnect();
            requestAnimationFrame(() => setTimeout(() => done(performance.now())));
        }).observe(document, { subtree: true, childList: true, attributes: true }));""".replace(
            "WHAT", json.dumps(what)
        )
    )
    page.goto(f"{server.url}{slug}?lang={language}", wait_until="commit")
    passed: float = page.evaluate("() => window.seen") / 1000
    page.close()
    return passed


def answer(found: Locator, act: Act, where: str = "") -> float:
    """Milliseconds from what a reader does, as the browser hears it, to a drawn frame, or to a change of `where`."""
    found.page.wait_for_timeout(250)  # what came before is drawn
    watch = """(view, where) => { window.drawn = new Promise((done) => {
        let began;
        for (const heard of ["keydown", "mousedown"])
            addEventListener(heard, (event) => { began ??= performance.now(); }, { capture: true, once: true });
        new MutationObserver((_, self) => {
            if (began === undefined) return;
            self.disconnect();
            done(performance.now() - began);
        }).observe(where ? view.querySelector(where) : view,
            where ? { subtree: true, childList: true, attributes: true } : { attributeFilter: ["data-frames"] });
    }); }"""
    found.evaluate(watch, where)
    act(found)
    took: float = found.page.evaluate("() => window.drawn")
    return took


if __name__ == "__main__":
    for row in rows():
        print(f"{row[0]:52} {row[1]}")
