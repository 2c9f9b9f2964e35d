"""A real server, started by the README's own command, and a real Chromium."""

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.server import Server

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


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in Path(item.fspath).parts:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def server():
    with Server() as server:
        yield server


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM:
        if os.environ.get("FBVIZ_BROWSER") == "required":
            pytest.fail("no Chromium, and FBVIZ_BROWSER=required")
        pytest.skip("no Chromium on this machine; set CHROMIUM to its path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Tab:
    """A page of the app, and what a person does and sees there."""

    def __init__(self, context, url):
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(url)

    @property
    def view(self):
        return self.page.locator(".fbviz").first

    def ready(self):
        """Wait for the first picture."""
        self.page.wait_for_selector(".fbviz[data-frames]:not([data-frames='0'])")
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

    def until_update(self, least):
        self.page.wait_for_function(
            "least => Number(document.querySelector('.fbviz').dataset.update) >= least", arg=least
        )


@pytest.fixture
def visit(chromium, server):
    """Open the app in a browser of its own: visit("?task=xor", color_scheme="dark"). It asks nobody but the server."""
    contexts, tabs, strange = [], [], []

    def open_tab(path="", *, on=None, **settings):
        home = (on or server).url
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-US"} | settings)
        context.on("request", lambda asked: strange.extend(elsewhere(asked.url, home)))
        context.on("page", lambda page: page.on("websocket", lambda asked: strange.extend(elsewhere(asked.url, home))))
        contexts.append(context)
        tabs.append(Tab(context, home + path))
        return tabs[-1]

    yield open_tab
    errors = [error for tab in tabs for error in tab.errors]
    for context in contexts:
        context.close()
    assert errors == []
    assert strange == []


def elsewhere(url, home):
    """The address, if it is of another server."""
    inside = urlsplit(url).scheme in ("data", "blob", "about") or urlsplit(url).netloc == urlsplit(home).netloc
    return [] if inside else [url]
