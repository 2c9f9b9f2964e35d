"""How a chapter is read to its end, by a test, a benchmark or whoever takes the pictures."""

from playwright.sync_api import Locator, Page, expect

from fbviz.lessons import Predict, Run, chapters


def whole(page: Page, slug: str) -> int:
    """Skip every question, so that all of the chapter is there; returns how many views it has."""
    lesson = next(lesson for lesson in chapters("en") if lesson.slug == slug)
    page.wait_for_selector("h1")
    for block in lesson.blocks:
        if isinstance(block, Predict):
            skip = page.locator(f".st-key-skip-{slug}-{block.key} button")
            skip.click()
            expect(skip).to_have_count(0)
    return sum(isinstance(block, Predict | Run) for block in lesson.blocks)


def view(page: Page, slug: str, key: str) -> Locator:
    """The live view of a block, in sight and drawn."""
    found = page.locator(f".st-key-{slug}-{key} .fbviz")
    found.scroll_into_view_if_needed()
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
