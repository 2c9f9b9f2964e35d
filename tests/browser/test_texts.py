"""What came from outside, and numbers that have no meaning, as a reader sees them."""

from urllib.parse import quote

from playwright.sync_api import expect

NOISE = "![x](//host.invalid/a.png) [Log in](https://host.invalid) https://host.invalid :red[x] :tulip: $x$ `y`"


def test_a_link_can_put_no_picture_no_link_and_no_formula_on_the_page(visit):
    asked = []
    tab = visit("?lang=en")
    tab.page.on("request", lambda request: asked.append(request.url))
    tab.page.goto(tab.page.url + f"&{quote(NOISE[:26])}=1&task={quote(NOISE[27:66])}&loss={quote(NOISE[66:])}")
    told = tab.page.get_by_test_id("stAlert")

    expect(told).to_have_count(3)
    for text in (NOISE[:26], NOISE[27:66], NOISE[66:]):
        expect(told.get_by_text(text[:40].strip(), exact=False).first).to_be_visible()
    assert told.locator("img, a, .katex, [style*=color]").count() == 0
    assert not [url for url in asked if "host.invalid" in url.partition("?")[0]]


def test_a_notice_that_goes_leaves_the_live_view_where_it_is(visit):
    tab = visit("?lang=en&what=1").ready()
    tab.view.evaluate("node => { window.mounted = node; }")
    expect(tab.page.get_by_test_id("stAlert")).to_have_count(1)
    tab.page.get_by_role("slider", name="Feedback gain").press("ArrowRight")

    expect(tab.page.get_by_test_id("stAlert")).to_have_count(0)
    assert tab.view.evaluate("node => node === window.mounted")


def test_a_score_of_a_single_value_is_said_to_be_undefined(visit):
    tab = visit("?lang=en&task=bumps&loss=mean_squared&points=10&test_share=0.1").ready()

    expect(tab.view.locator(".fbviz-status")).to_contain_text("test R² undefined")
