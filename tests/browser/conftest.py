"""A real server, started by the README's own command, and a real Chromium."""

import os
import shutil
from collections import defaultdict
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.reading import DRAWN, whole

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000  # ms: a machine under load answers late, but it answers
expect.set_options(timeout=PATIENCE)
SCREEN = {"width": 1280, "height": 800}
KEPT = 2  # browsers of a language, for tests to come: each takes 300 MB
STORED = "local_storage,indexeddb,cache_storage,service_workers"


class Browsers:
    """Real browsers, each a process with a profile of its own: a test takes one for each of its readers.

    A later test takes one that an earlier gave back. No page, cookie, storage or permission is left in it, but the
    scripts it has read are: Chromium keeps them compiled, and to compile them anew takes as long as most tests.
    """

    def __init__(self, playwright, profiles):
        self.playwright, self.profiles = playwright, profiles
        self.free = defaultdict(list)  # by language
        self.started = 0
        self.reader = None  # of a chapter, between tests

    def take(self, locale):
        if self.free[locale]:
            return self.free[locale].pop()
        self.started += 1
        profile = self.profiles / str(self.started)
        start = self.playwright.chromium.launch_persistent_context
        return start(profile, executable_path=CHROMIUM, args=FLAGS, locale=locale)

    def give_back(self, browser, locale):
        if len(self.free[locale]) == KEPT:
            browser.close()
            return
        for page in browser.pages[1:]:  # without the first, which stays empty, it would end
            page.close()
        browser.clear_cookies()
        browser.clear_permissions()
        self.free[locale].append(browser)

    def end_reading(self):
        if self.reader:
            self.reader.leave()
        self.reader = None

    def close(self):
        self.end_reading()
        for browser in chain.from_iterable(self.free.values()):
            browser.close()


@pytest.fixture(scope="session")
def browsers():
    if not CHROMIUM:
        if os.environ.get("FBVIZ_BROWSER") == "required":
            pytest.fail("no Chromium, and FBVIZ_BROWSER=required")
        pytest.skip("no Chromium on this machine; set CHROMIUM to its path")
    with TemporaryDirectory(ignore_cleanup_errors=True) as profiles, sync_playwright() as playwright:
        browsers = Browsers(playwright, Path(profiles))
        yield browsers
        browsers.close()


class Tab:
    """A page of the app in a browser of its own, and what a person does and sees there."""

    def __init__(self, browsers, home, path, *, locale="en-US", viewport=SCREEN, color_scheme="light", first=False):
        self.browsers, self.locale, self.home = browsers, locale, home
        self.errors, self.strange = [], []  # of the page; and what was asked of another server
        self.browser = browsers.take(locale)
        self.browser.on("request", self.ask)
        self.browser.on("page", self.connect)
        self.viewport, self.color_scheme, self.first = viewport, color_scheme, first
        self.forget()
        self.page = self.open(home + path)

    def open(self, url):
        """A further page of this browser."""
        page = self.browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.set_viewport_size(self.viewport)
        page.emulate_media(color_scheme=self.color_scheme)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        if not self.first:  # runs go as fast as they can, as somebody has chosen before
            page.add_init_script("try { localStorage.setItem('fbviz.speed', '0') } catch {}")
        page.goto(url)
        return page

    def forget(self):
        """Whatever an earlier test has stored here."""
        devtools = self.browser.new_cdp_session(self.browser.pages[0])
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.home))
        devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
        devtools.detach()

    def ask(self, request):
        self.strange.extend(elsewhere(request.url, self.home))

    def connect(self, page):
        page.on("websocket", self.ask)

    def wrong(self):
        """All that went wrong since it was last asked."""
        found, self.errors, self.strange = self.errors + self.strange, [], []
        return found

    def leave(self):
        self.browsers.give_back(self.browser, self.locale)
        self.browser.remove_listener("request", self.ask)
        self.browser.remove_listener("page", self.connect)

    @property
    def view(self):
        return self.page.locator(".fbviz[data-frames]").first  # a word that is explained has none

    def ready(self):
        """Wait for the first picture."""
        self.page.wait_for_selector(DRAWN)
        return self

    def click(self, name):
        self.view.get_by_role("button", name=name).click()

    def frames(self):
        return int(self.view.get_attribute("data-frames"))

    def update(self):
        return int(self.view.get_attribute("data-update") or -1)

    def status(self):
        return self.view.locator(".fbviz-status").inner_text()

    def until(self, state):
        expect(self.view).to_have_attribute("data-state", state)

    def over(self):
        """Wait until the run is over, whether or not it goes on answering."""
        expect(self.view).to_have_attribute("data-over", "true")

    def until_update(self, least):
        self.page.wait_for_function(
            "least => Number(document.querySelector('.fbviz[data-frames]').dataset.update) >= least", arg=least
        )


@pytest.fixture
def visit(browsers, server):
    """Open the app in a browser of its own: visit("?task=xor", color_scheme="dark"). It asks nobody but the server."""
    browsers.end_reading()
    tabs = []

    def open_tab(path="", *, on=server, **settings):
        tabs.append(Tab(browsers, on.url, path, **settings))
        return tabs[-1]

    yield open_tab
    for tab in tabs:
        tab.leave()
    assert [wrong for tab in tabs for wrong in tab.wrong()] == []


@pytest.fixture(scope="session")
def book(request, browsers, host):
    """(slug, language): that chapter, all of it, opened once for all its tests, which come one after the other."""
    browsers.end_reading()
    slug, language = request.param
    tab = browsers.reader = Tab(browsers, host.url, f"{slug}?lang={language}")
    tab.slug, tab.language, tab.views = slug, language, whole(tab.page, slug)
    return tab


@pytest.fixture
def chapter(book):
    """A chapter that other tests have looked at too, as a person who goes on reading it."""
    yield book
    assert book.wrong() == []


def elsewhere(url, home):
    """The address, if it is of another server."""
    inside = urlsplit(url).scheme in ("data", "blob", "about") or urlsplit(url).netloc == urlsplit(home).netloc
    return [] if inside else [url]
