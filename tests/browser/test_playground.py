import json
import re
import signal
import time

import pytest
from playwright.sync_api import expect

from tests.browser.reading import SOCKETS
from tests.server import Server

LONG = "updates=100000&engine=torch"


def figure(tab, name):
    return tab.page.locator(f"[data-figure={name}] .js-plotly-plot")


def test_a_deep_link_may_be_the_first_request_of_all(visit):
    with Server() as server:
        tab = visit("playground?task=xor&lang=zh", on=server).ready()
        expect(tab.page.get_by_role("combobox", name="任务")).to_have_value("异或（XOR）")


def test_play_pause_step_reset(visit):
    tab = visit(f"?{LONG}").ready()
    assert tab.update() == 0
    tab.click("Play")
    tab.until_update(50)
    tab.click("Pause")
    tab.until("paused")
    held = tab.update()
    tab.page.wait_for_timeout(600)
    assert tab.update() == held
    tab.click("Step")
    tab.until_update(held + 1)
    assert tab.update() == held + 1
    tab.click("Reset")
    tab.until("ready")
    assert tab.update() == 0


def test_speed_holds_a_run_back(visit):
    tab = visit(f"?{LONG}").ready()
    tab.view.get_by_label("Speed").select_option("10")
    start = time.monotonic()
    tab.click("Play")
    tab.until_update(20)
    assert 1.8 < time.monotonic() - start < 19


@pytest.mark.parametrize(
    ("language", "done", "left"), [("en", r"(\d+) %", r"about (\d+) s left"), ("zh", r"(\d+)%", r"大约还要 (\d+) 秒")]
)
def test_a_run_that_takes_a_while_shows_how_far_it_is_and_how_long_it_will_go_on(visit, language, done, left):
    tab = visit(f"?lang={language}&updates=700").ready()
    bar = tab.view.get_by_role("progressbar")
    expect(bar).to_be_hidden()
    tab.view.locator(".fbviz-bar select").select_option("100")
    tab.view.locator(".fbviz-play").click()
    tab.until_update(200)
    expect(bar).to_be_visible()
    now = """view => {
        const bar = view.querySelector("[role=progressbar]"), told = (name) => bar.getAttribute(`aria-value${name}`);
        return [told("now"), told("text"), bar.firstChild.style.width, view.querySelector(".fbviz-status").textContent];
    }"""
    (percent, said, width, status), start = tab.view.evaluate(now), time.monotonic()
    assert 28 <= int(percent) < 100
    assert width == f"{percent}%"
    share, estimate = re.fullmatch(f"{done} · {left}", said).groups()
    assert (share, re.search(left, status)[1]) == (percent, estimate)
    tab.over()
    assert int(estimate) / 3 < time.monotonic() - start < 3 * int(estimate) + 3
    expect(bar).to_be_hidden()


def test_reset_gives_the_same_run_again(visit):
    tab = visit("?updates=60").ready()
    ends = []
    for _ in range(2):
        tab.click("Play")
        tab.over()
        ends.append(re.search(r"test loss .*", tab.status())[0])
        tab.click("Reset")
        tab.until("ready")
    assert ends[0] == ends[1]


def test_the_status_says_why_a_run_ended(visit):
    tab = visit("?updates=30").ready()
    tab.click("Play")
    tab.over()
    assert "It made all its 30 updates." in tab.status()
    expect(tab.page.get_by_text("The numbers of this run")).to_be_visible()


def test_the_keyboard_plays_steps_and_resets(visit):
    tab = visit(f"?{LONG}").ready()
    tab.page.locator("body").press(" ")
    tab.until("playing")
    tab.page.locator("body").press(" ")
    tab.until("paused")
    held = tab.update()
    tab.page.locator("body").press("ArrowRight")
    tab.until_update(held + 1)
    tab.page.locator("body").press("r")
    tab.until("ready")


def test_moving_a_slider_retrains_without_a_reload(visit):
    tab = visit(f"?{LONG}").ready()
    tab.page.evaluate("""() => {
        const view = document.querySelector(".fbviz");
        view.marked = true;
        view.least = Infinity;
        const look = () => { view.least = Math.min(view.least, Number(view.dataset.update)); };
        window.watch = () => new MutationObserver(look).observe(view, { attributeFilter: ["data-update"] });
    }""")
    tab.click("Play")
    tab.until_update(200)
    gain = tab.page.get_by_role("slider", name=re.compile("Feedback gain"))
    gain.focus()
    tab.page.evaluate("watch()")
    gain.press("ArrowRight")
    tab.page.wait_for_function("location.search.includes('gain=1.05')")
    tab.page.wait_for_function("document.querySelector('.fbviz').least < 150")
    tab.until("playing")
    tab.until_update(50)
    assert tab.page.evaluate("document.querySelector('.fbviz').marked")


def seen(tab, name):
    """What is seen of the axes of a figure."""
    ranges = "plot => ['xaxis', 'yaxis'].map((axis) => plot._fullLayout[axis].range.join())"
    return figure(tab, name).evaluate(ranges)


def test_zoom_is_by_buttons_and_keys_and_survives_every_frame(visit):
    tab = visit(f"?{LONG}").ready()
    tab.click("Play")
    tab.until_update(50)
    panel = tab.page.locator("[data-figure=boundary]")
    home = seen(tab, "boundary")
    panel.get_by_role("button", name="Zoom in").click()
    zoomed = seen(tab, "boundary")
    assert zoomed != home
    box = figure(tab, "boundary").locator(".nsewdrag").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    tab.page.mouse.move(x + 60, y + 20, steps=4)
    tab.page.mouse.up()
    moved = seen(tab, "boundary")
    assert moved != zoomed

    before = tab.frames()
    tab.page.wait_for_function("n => Number(document.querySelector('.fbviz').dataset.frames) > n", arg=before + 10)
    assert seen(tab, "boundary") == moved
    panel.get_by_role("button", name="Show all").click()
    assert seen(tab, "boundary") == home
    panel.get_by_role("button", name="Say the values").focus()
    tab.page.keyboard.press("+")
    near = seen(tab, "boundary")
    tab.page.keyboard.press("ArrowRight")
    assert seen(tab, "boundary") not in (home, near)
    tab.until("playing")  # the arrow moved the figure, and made no step
    tab.page.keyboard.press("0")
    assert seen(tab, "boundary") == home


def test_the_mouse_zooms_nothing_that_was_not_asked_for(visit):
    """Neither a drag over a figure or its axis, nor a double click, nor the wheel, which scrolls the page."""
    tab = visit("?lang=en", viewport={"width": 1280, "height": 500}).ready()
    home = seen(tab, "boundary")
    box = figure(tab, "boundary").locator(".nsewdrag").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for down in (y, box["y"] + box["height"] + 10):
        tab.page.mouse.move(x - 40, down)
        tab.page.mouse.down()
        tab.page.mouse.move(x + 40, down + 5, steps=4)
        tab.page.mouse.up()
    tab.page.mouse.dblclick(x, y)
    tab.page.mouse.wheel(0, 200)
    tab.page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 50")
    assert seen(tab, "boundary") == home
    expect(tab.page.locator(".plotly-notifier")).to_have_count(0)


def test_a_link_reproduces_the_numbers_in_another_browser(visit):
    first = visit("?task=xor&hidden=6-3&steps=3&updates=80&seed=7&noise=0.1").ready()
    first.click("Play")
    first.over()
    second = visit("?" + first.page.url.partition("?")[2]).ready()
    second.click("Play")
    second.over()
    numbers = [re.search(r"test loss .*", tab.status())[0] for tab in (first, second)]
    assert numbers[0] == numbers[1]


def test_a_setting_is_in_the_address_and_back_leaves_the_app(visit):
    tab = visit("?task=moons").ready()
    before = tab.page.evaluate("history.length")
    slider = tab.page.get_by_role("slider", name=re.compile("Feedback gain"))
    for _ in range(5):
        slider.press("ArrowRight")
    tab.page.wait_for_function("location.search.includes('gain=1.25')")
    assert "task=moons" in tab.page.url
    assert tab.page.evaluate("history.length") == before


def test_reload_keeps_the_experiment(visit):
    tab = visit("?task=spiral&hidden=8-8").ready()
    tab.page.reload()
    tab.ready()
    expect(tab.page.get_by_role("combobox", name="Task")).to_have_value("Spiral")
    assert "hidden=8-8" in tab.page.url


def test_two_tabs_do_not_disturb_each_other(visit):
    first, second = visit(f"?{LONG}").ready(), visit(f"?task=xor&{LONG}").ready()
    first.click("Play")
    first.until_update(50)
    assert second.update() == 0
    second.click("Play")
    second.until_update(50)
    first.click("Pause")
    first.until("paused")
    held = second.update()
    second.until_update(held + 50)


def test_a_killed_run_says_so_and_leaves_the_others_alone(visit, server):
    before = {worker.pid for worker in server.workers()}
    first = visit(f"?{LONG}").ready()
    victim = next(worker for worker in server.workers() if worker.pid not in before)
    second = visit(f"?{LONG}").ready()
    for tab in (first, second):
        tab.click("Play")
        tab.until_update(20)
    victim.send_signal(signal.SIGKILL)
    first.until("ended")
    assert "signal 9" in first.status()
    held = second.update()
    second.until_update(held + 50)
    first.click("Play")
    first.until("playing")


def test_a_server_that_comes_back_is_found_again(visit):
    with Server() as server:
        tab = visit(f"?{LONG}", on=server).ready()
        tab.click("Play")
        tab.until_update(20)
    expect(tab.view.locator(".fbviz-status")).to_contain_text("The connection is lost")
    lost = tab.update()
    with Server(port=server.port):
        tab.until("gone")
        assert f"The server was restarted, and this run is gone. Press Play to train it again to update {lost}." in (
            tab.status()
        )
        assert tab.update() == lost
        tab.click("Play")
        tab.until("playing")
        tab.until_update(lost + 1)


@pytest.mark.parametrize("query", ["updates=300&utm_source=x", "updates=300&gain=9"])
def test_a_run_outlives_a_notice_that_goes_and_a_language_that_is_switched(visit, query):
    tab = visit(f"?{query}").ready()
    tab.click("Play")
    tab.until_update(20)
    tab.page.get_by_text("中文", exact=True).click()
    expect(tab.view.get_by_role("button", name="单步")).to_be_visible()
    tab.over()
    tab.page.wait_for_timeout(1500)
    tab.page.get_by_text("English", exact=True).click()
    expect(tab.view.get_by_role("button", name="Step")).to_be_visible()
    tab.page.wait_for_timeout(1500)
    assert "It made all its 300 updates." in tab.status()
    assert tab.update() == 300


def test_a_run_goes_on_while_its_reader_looks_at_a_chapter(visit):
    tab = visit(f"words?{LONG}")
    tab.page.get_by_role("link", name="Playground", exact=True).first.click()
    tab.ready()
    tab.click("Play")
    tab.until_update(20)
    tab.page.go_back()
    tab.page.wait_for_selector("h1")
    tab.page.go_forward()
    tab.ready()
    tab.until("playing")
    assert tab.update() >= 20


def test_a_library_that_does_not_come_at_first_is_told_and_asked_for_again(visit):
    tab = visit("_stcore/health")
    failures = iter([True, True])
    tab.page.route("**/plotly.min.js", lambda route: route.abort() if next(failures, False) else route.continue_())
    tab.page.goto(tab.page.url.replace("_stcore/health", ""))
    expect(tab.view.locator(".fbviz-status")).to_contain_text("Asking for it again")
    tab.ready()
    tab.click("Step")
    tab.until_update(1)
    assert "Asking" not in tab.status()


def test_a_frame_that_cannot_be_drawn_is_told_and_the_next_is_drawn(visit):
    tab = visit().ready()
    tab.page.evaluate("() => { window.react = Plotly.react; Plotly.react = () => { throw new Error('no axis'); }; }")
    tab.click("Step")
    expect(tab.view.locator(".fbviz-status")).to_contain_text("could not be drawn")
    tab.page.evaluate("() => { Plotly.react = window.react; }")
    tab.click("Step")
    tab.until_update(2)
    expect(tab.view.locator(".fbviz-status")).not_to_contain_text("could not be drawn")


def test_a_gpu_that_is_not_here_is_said(visit):
    tab = visit("?device=cuda:7").ready()
    assert "there is no cuda:7 here" in tab.status()


def test_a_file_that_is_no_experiment_is_refused_in_the_language_of_the_reader(visit, tmp_path):
    path = tmp_path / "experiment.json"
    path.write_text('{"data": {"points": 99999}}')
    tab = visit("?lang=zh").ready()
    tab.page.get_by_text("打开 JSON").click()
    tab.page.locator("input[type=file]").set_input_files(path)
    expect(tab.page.get_by_test_id("stAlert")).to_contain_text("points 给的是 99999；可以是 10–2000。")


def test_without_websockets_of_its_own_the_view_still_draws(visit):
    tab = visit("_stcore/health")
    tab.page.add_init_script(SOCKETS + "window.offline = true")
    tab.page.goto(tab.page.url.replace("_stcore/health", f"?{LONG}"))
    tab.ready()
    tab.click("Play")
    tab.until_update(50)
    before = tab.frames()
    tab.page.wait_for_function("n => Number(document.querySelector('.fbviz').dataset.frames) > n", arg=before + 5)
    tab.click("Pause")
    tab.until("paused")


@pytest.mark.parametrize(
    "query",
    [
        "steps=900",
        "nonsense=1",
        "gain=" + "9" * 3000,
        "task=<script>alert(1)</script>",
        "hidden=8-8-8-8-8-8-8-8",
        "lang=xx&%00=%ff&points=1e999",
        "loss=hinge&task=plane",
    ],
)
def test_a_hostile_link_gets_a_sentence_and_a_working_page(visit, query):
    tab = visit(f"?{query}").ready()
    if not query.startswith("lang"):
        expect(tab.page.get_by_test_id("stAlert").first).to_be_visible()
    tab.click("Step")
    tab.until_update(1)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_figure_is_in_view_and_nothing_sticks_out(visit, language, scheme, width):
    tab = visit(f"?lang={language}", color_scheme=scheme, viewport={"width": width, "height": 800}).ready()
    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for name in ("boundary", "network", "losses", "gradients", "neuron"):
        box = tab.page.locator(f"[data-figure={name}]").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        if width == 1280:
            assert box["y"] + box["height"] <= 800
    ink = tab.page.evaluate("getComputedStyle(document.querySelector('[data-figure=boundary] .xtick text')).fill")
    red = int(re.search(r"\d+", ink)[0])
    assert (red > 128) == (scheme == "dark")


def test_the_page_follows_the_language_of_the_browser_and_can_be_switched(visit):
    tab = visit(locale="zh-CN").ready()
    expect(tab.view.get_by_role("button", name="开始")).to_be_visible()
    tab.page.get_by_text("English", exact=True).click()
    expect(tab.view.get_by_role("button", name="Play")).to_be_visible()
    tab.page.wait_for_function("location.search.includes('lang=en') && document.documentElement.lang === 'en'")


def test_a_screen_reader_finds_names_for_everything(visit):
    tab = visit().ready()
    for name in ("Play", "Step", "Reset"):
        expect(tab.view.get_by_role("button", name=name)).to_be_visible()
    expect(tab.view.get_by_role("toolbar", name="Run")).to_be_visible()
    figures = tab.view.locator(".fbviz-plot")
    assert figures.count() == 6
    for image in figures.all():
        assert len(image.get_attribute("aria-label")) > 20
    assert tab.view.locator("[aria-live=polite]").inner_text()


def test_an_experiment_can_be_saved_and_opened(visit, tmp_path):
    tab = visit("?task=bumps&hidden=16").ready()
    with tab.page.expect_download() as download:
        tab.page.get_by_text("Save as JSON").click()
    path = tmp_path / "experiment.json"
    download.value.save_as(path)
    assert json.loads(path.read_text())["data"]["task"] == "bumps"
    other = visit().ready()
    other.page.get_by_text("Open a JSON").click()
    other.page.locator("input[type=file]").set_input_files(path)
    other.page.wait_for_function("location.search.includes('task=bumps')")


def test_a_preset_sets_everything(visit):
    tab = visit().ready()
    tab.page.get_by_text("Presets").click()
    tab.page.get_by_text("Delay with a spare output", exact=True).click()
    tab.page.wait_for_function("location.search.includes('spare=1')")


def test_hover_survives_every_frame(visit):
    tab = visit(f"?{LONG}").ready()
    tab.click("Play")
    tab.until_update(50)
    where = """plot => {
        const { x, y } = plot._fullData.find((trace) => trace.mode === "none"), { xaxis, yaxis } = plot._fullLayout;
        const box = plot.getBoundingClientRect();
        return [box.x + xaxis._offset + xaxis.d2p(x[0]), box.y + yaxis._offset + yaxis.d2p(y[0])];
    }"""
    tab.page.mouse.move(*figure(tab, "boundary").evaluate(where))
    expect(figure(tab, "boundary").locator(".hoverlayer .hovertext")).to_contain_text("training")
    looks = tab.page.evaluate("""async () => {
        const layer = document.querySelector("[data-figure=boundary] .hoverlayer");
        const view = document.querySelector(".fbviz");
        const looks = [], end = Number(view.dataset.frames) + 20;
        while (Number(view.dataset.frames) < end) {
            await new Promise(requestAnimationFrame);
            looks.push(layer.querySelectorAll(".hovertext").length);
        }
        return looks;
    }""")
    assert len(looks) > 10
    assert set(looks) == {1}


def test_a_layer_that_broke_is_named_in_the_language_of_the_reader(visit):
    tab = visit("?task=bumps&loss=mean_squared&activation=relu&optimizer=sgd&learning_rate=10&lang=zh").ready()
    tab.view.get_by_role("button", name="开始").click()
    tab.until("ended")
    assert re.search("更新.*(输出|第 1 层|反馈)", tab.status()), tab.status()
    assert "output" not in tab.status()
