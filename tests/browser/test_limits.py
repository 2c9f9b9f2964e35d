"""The limits of a server, as a reader meets them: on one whose limits are small."""

import re
import signal
import time

from playwright.sync_api import expect

from tests.browser.reading import cuttable

LONG = "updates=100000&engine=torch"


def test_a_tab_closed_while_running_leaves_no_run_at_work(visit, narrow):
    tab = visit(f"?{LONG}", on=narrow).ready()
    tab.click("Play")
    tab.until_update(20)
    assert len(narrow.workers()) == 1
    tab.page.close()
    deadline = time.monotonic() + 60
    while narrow.workers() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert narrow.workers() == []


def test_a_run_that_was_given_up_says_so_and_is_trained_again_to_where_it_was(visit, narrow):
    tab = cuttable(visit, "?updates=300", on=narrow).ready()
    tab.click("Play")
    tab.over()
    loss = re.search(r"test loss [\d.]+", tab.status())[0]
    tab.page.evaluate("window.offline = true")
    deadline = time.monotonic() + 60
    while narrow.workers() and time.monotonic() < deadline:
        tab.page.wait_for_timeout(200)
    tab.page.evaluate("window.offline = false")
    tab.until("gone")
    assert "this run was given up" in tab.status()
    tab.click("Play")
    expect(tab.view.locator(".fbviz-status")).to_contain_text(loss)


def test_a_hung_run_is_told_within_seconds_and_played_again(visit, narrow):
    tab = visit(f"?{LONG}", on=narrow).ready()
    tab.click("Play")
    tab.until_update(20)
    narrow.workers()[0].send_signal(signal.SIGSTOP)
    tab.until("ended")
    assert "stood still for 2 seconds" in tab.status()
    tab.click("Play")
    tab.until("playing")


def test_a_third_learner_gets_the_place_of_one_who_rests_and_that_one_goes_on_where_it_was(visit, narrow):
    first, second = (visit(f"?{LONG}", on=narrow).ready() for _ in range(2))
    for tab in (first, second):
        tab.click("Play")
        tab.until_update(20)
        tab.click("Pause")
        tab.until("paused")
    held = first.update()
    third = visit(f"?{LONG}", on=narrow).ready()
    third.click("Play")
    third.until_update(20)
    expect(first.view.locator(".fbviz-status")).to_contain_text("went to somebody who waited")
    third.click("Pause")
    third.until("paused")
    first.click("Step")
    first.until_update(held + 1)
    assert first.update() == held + 1
