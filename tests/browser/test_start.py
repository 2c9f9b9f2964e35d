"""A server started from a wheel, and one that can run nothing, seen in a browser."""

from playwright.sync_api import expect

from tests.server import Server


def test_the_dashboard_of_a_wheel_draws_and_has_the_colours_of_the_repository(visit, wheel, tmp_path):
    with Server("fbviz run", shell=wheel / "bin/fbviz", cwd=tmp_path, PYTHONPATH=str(wheel)) as server:
        tab = visit("?task=xor&lang=en", on=server, color_scheme="dark").ready()
        tab.click("Step")
        tab.until_update(1)
        assert (
            tab.page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor") == "rgb(18, 24, 31)"
        )
        assert tab.page.locator("img[data-testid$=Logo]").first.evaluate("logo => logo.naturalWidth") > 0


def test_a_page_of_a_server_that_can_run_nothing_opens_and_says_so(visit, tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('no libtorch here')\n")
    with Server(PYTHONPATH=str(tmp_path)) as server:
        tab = visit("?lang=en", on=server)
        expect(tab.view.locator(".fbviz-status")).to_contain_text("no libtorch here")
        assert server.health()[0] == 503
        tab.page.goto(f"{server.url}words?lang=en")
        expect(tab.page.get_by_role("heading", level=1)).to_be_visible()
