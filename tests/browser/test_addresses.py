"""Where the pages are found: under any base path, by their links, and what of an address stays."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from fbviz.chapters.rooms import chapters
from tests.browser.reading import DRAWN, whole
from tests.server import Server

SLUGS = [lesson.slug for lesson in chapters("en")]


def not_found(page):
    return page.get_by_role("dialog").filter(has_text="not found")


@pytest.fixture(scope="module")
def below(request):
    """A server under a base path."""
    with Server(at=request.param.strip("/") + "/", arguments=["--server.baseUrlPath", request.param]) as server:
        yield server


@pytest.mark.parametrize("below", ["demo", "/demo/", "a/b"], indirect=True)
def test_under_a_base_path_every_page_is_found_and_draws(visit, below):
    """From the Playground to a chapter, to the next, back, and to the base path without its slash."""
    base = urlsplit(below.url).path
    tab = visit("?task=xor&lang=en", on=below).ready()
    tab.click("Step")
    tab.until_update(1)
    assert tab.page.evaluate("location.pathname + location.search").startswith(f"{base}?")
    assert tab.page.locator("img[data-testid$=Logo]").first.evaluate("logo => logo.naturalWidth") > 0

    tab.page.get_by_role("button", name="First steps").click()
    tab.page.get_by_text(re.compile("^1 · ")).first.click()
    expect(tab.page.get_by_role("heading", level=1)).to_be_visible()
    whole(tab.page, SLUGS[0])
    tab.ready()
    assert tab.page.evaluate("location.pathname") == f"{base}{SLUGS[0]}"
    for link, at in ((tab.page.get_by_role("link", name=re.compile("Next: ")), f"{base}{SLUGS[1]}"),
                     (tab.page.get_by_role("link", name="Playground", exact=True), base)):  # fmt: skip
        link.first.click()
        tab.page.wait_for_function("at => location.pathname === at && location.search.includes('lang=en')", arg=at)
    tab.ready()
    expect(not_found(tab.page)).to_have_count(0)
    tab.page.goto(below.url.rstrip("/") + "?task=moons&lang=en")
    tab.ready()
    assert "task=moons" in tab.page.url


@pytest.mark.parametrize("below", ["a/b"], indirect=True)
def test_every_link_of_a_chapter_leads_on_under_a_base_path(visit, below):
    slug = "closing-the-loop"
    tab = visit(f"{slug}?lang=en", on=below)
    whole(tab.page, slug)
    follow_links(tab, slug)


@pytest.mark.parametrize("book", [(slug, "en") for slug in SLUGS], indirect=True, ids="-".join)
def test_no_link_of_a_chapter_opens_the_dialog_that_a_page_is_not_found(chapter):
    follow_links(chapter, chapter.slug)


def follow_links(tab, slug):
    """Open one link of the chapter to each other page of this server, and see that page and no dialog over it."""
    base = urlsplit(tab.home).path
    found = "links => links.map((link) => link.href)"
    links = tab.page.locator("[class*=st-key-chapter-] .stMarkdown a[href]").evaluate_all(found)
    inner = {urlsplit(link).path: link for link in links if link.startswith(tab.home)}
    inner.pop(f"{base}{slug}", None)  # its own headings
    assert set(inner) <= {base, *(f"{base}{other}" for other in SLUGS)}
    for path, link in inner.items():
        page = tab.open(link)
        if path == base:
            page.wait_for_selector(DRAWN)
        else:
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            if fragment := urlsplit(link).fragment:
                expect(page.locator(f"[id='{fragment}']").first).to_be_in_viewport()
        page.wait_for_timeout(300)
        expect(not_found(page)).to_have_count(0)
        page.close()


def test_the_playground_may_be_typed_by_its_name(visit):
    tab = visit("playground?task=xor&lang=en").ready()
    tab.page.wait_for_timeout(300)
    expect(not_found(tab.page)).to_have_count(0)
    assert urlsplit(tab.page.url).path == "/"
    assert "task=xor" in tab.page.url


FOREIGN = ("embed=true", "embed_options=show_padding", "utm_source=a%20letter", "flag")


def test_what_is_not_ours_stays_in_the_address_and_out_of_a_copied_link(visit, server):
    tab = visit(f"?{FOREIGN[0]}&task=xor&noise=0.05&{'&'.join(FOREIGN[1:])}&lang=en#there").ready()
    tab.page.get_by_role("slider", name=re.compile("Noise")).press("ArrowRight")
    tab.page.wait_for_function("location.search.includes('noise=0.06')")
    address = urlsplit(tab.page.url)
    assert set(FOREIGN) < set(address.query.split("&"))
    assert address.query.count("task=") == address.query.count("lang=") == 1
    assert address.fragment == "there"

    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.page.get_by_role("button", name="Copy the link").click()
    expect(tab.page.get_by_role("button", name="Copied")).to_be_visible()
    copied = urlsplit(tab.page.evaluate("navigator.clipboard.readText()"))
    assert copied.query.startswith("task=xor&")
    assert {part.partition("=")[0] for part in copied.query.split("&")} == {"task", "noise", "lang"}
    assert not copied.fragment


def test_an_anchor_stays_in_the_address_of_a_chapter(visit):
    tab = visit("words?utm_source=x#residual", locale="zh-CN")
    expect(tab.page.get_by_role("heading", name=re.compile("残差"))).to_be_in_viewport()
    tab.page.wait_for_function("location.search.includes('lang=zh')")
    assert tab.page.url.endswith("words?lang=zh&utm_source=x#residual")
