"""Every dial of every chapter, moved by a reader before Play, in the middle of a run, and after it."""

import re

import pytest
from playwright.sync_api import expect

from fbviz.chapters.lesson import Run
from fbviz.chapters.rooms import chapters
from tests.browser.conftest import PATIENCE
from tests.browser.reading import view

DIALLED = {
    lesson.slug: [block for block in lesson.blocks if isinstance(block, Run) and block.dials]
    for lesson in chapters("en")
}
SPEAK = {  # they say themselves what they are for
    ("flood_fill", "tool"),  # what the next click does
    ("recall", "beta"),  # modern only
}
SEEN = """found => JSON.stringify([...found.querySelectorAll(".fbviz-plot")].map((plot) => plot.data
    ? plot.data.map(({ x, y, z, customdata, marker }) => [x, y, z, customdata, marker?.color])
    : plot.innerText))"""
ANSWERED = f"""([found, seen, why]) => ({SEEN})(found) !== seen
    || found.querySelector(".fbviz-status").textContent.includes(why)"""
WHY = "counts when it plays"
books = pytest.mark.parametrize(
    "book", [(slug, "en") for slug in DIALLED if DIALLED[slug]], indirect=True, ids="-".join
)


def move(found, name):
    """Put a dial far from where it is, as a reader does, and wait until that is seen, or it is said why not."""
    dial, seen = found.locator(f"[data-dial={name}]"), found.evaluate(SEEN)
    if dial.evaluate("dial => dial.tagName") == "SELECT":
        dial.select_option(index=1 - dial.evaluate("dial => dial.selectedIndex"))
    else:
        low, high, step, now = dial.evaluate("({ min, max, step, value }) => [min, max, step, value].map(Number)")
        lower = low + step * round((high - low) / 4 / step)  # at its end a dial may leave nothing for others to change
        dial.fill(f"{lower if now > (low + high) / 2 else high:g}")
    found.page.wait_for_function(ANSWERED, arg=[found.element_handle(), seen, WHY], timeout=PATIENCE)


def every(found, block):
    """All dials of a block, in their turn."""
    for name in block.dials:
        if (block.program, name) not in SPEAK:
            move(found, name)


@books
def test_a_dial_that_is_moved_changes_what_is_seen_or_the_run_says_why_not_before_it_and_in_it_and_after_it(chapter):
    for block in DIALLED[chapter.slug]:
        found = view(chapter.page, chapter.slug, block.key)
        every(found, block)
        play = found.locator(".fbviz-play")
        if not play.is_visible():
            continue
        if found.get_attribute("data-over") == "true":  # a walk whose slider stands at its last place
            every(found, block)
        frames = found.get_attribute("data-frames")
        play.click()
        expect(found).not_to_have_attribute("data-frames", frames)
        if found.get_attribute("data-state") == "playing":
            play.click()
            expect(found).to_have_attribute("data-state", re.compile("paused|ended"))
        every(found, block)
        expect(found).to_have_attribute("data-state", re.compile("paused|ended|playing"))
        if found.get_attribute("data-state") == "paused" and found.get_attribute("data-over") != "true":
            play.click()
        expect(found).to_have_attribute("data-over", "true", timeout=4 * PATIENCE)
        every(found, block)
