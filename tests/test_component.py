"""The live component without a browser."""

import base64
import json
import math

import numpy as np
import pytest

from fbviz.chapters.figures import FIGURES
from fbviz.experiment import Experiment
from fbviz.figures import base
from fbviz.frames import DTYPES, Frame, pack
from fbviz.live.requests import REFUSALS
from fbviz.live.view import HERE, SCRIPTS, source, unscored, words
from fbviz.picture import Picture
from fbviz.words import english, translator
from tests import node

WORDS = words(english)


def js(body, **given):
    """What a function with this body, inside the component's module, returns; `given` are constants of it."""
    return node.js(source(*SCRIPTS), body, **given)


# Files.


def test_every_file_of_the_component_is_in_its_list():
    assert sorted(SCRIPTS) == sorted(path.name for path in HERE.glob("*.js"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_file_of_the_component_is_longer_than_200_lines(name):
    assert len(source(name).splitlines()) <= 200


def test_the_files_are_one_module_that_gives_one_function():
    given = "return Object.entries(await import(url)).map(([name, it]) => [name, typeof it]);"
    code = base64.b64encode(source(*SCRIPTS).encode()).decode()

    assert js(given, url=f"data:text/javascript;base64,{code}") == [["default", "function"]]


# Frames.


def unpacked(body, arrays, facts=None):
    """What the body says of the frame with these arrays and facts."""
    unpacks = """
        const bytes = Uint8Array.from(atob(frame), (c) => c.charCodeAt(0)).buffer;
        const { facts, arrays } = unpack(bytes);
        const plain = (array) => ArrayBuffer.isView(array) ? [...array] : array.map(plain);
    """
    return js(unpacks + body, frame=base64.b64encode(pack(Frame(facts or {}, arrays))).decode())


@pytest.mark.parametrize("dtype", sorted(DTYPES))
def test_an_array_comes_as_it_was_sent_whatever_its_shape(dtype):
    shapes = [(1,), (3,), (0,), (2, 3), (3, 1), (0, 4), (4, 0), (2, 3, 4)]
    rng = np.random.default_rng(1)
    sent = {str(shape): (200 * rng.random(shape)).astype(dtype) for shape in shapes}
    came = unpacked("return Object.entries(arrays).map(([name, array]) => [name, plain(array)]);", sent)

    assert came == [[name, array.tolist()] for name, array in sent.items()]


def test_a_single_number_comes_as_an_array_of_one():
    assert unpacked("return plain(arrays.a);", {"a": np.array(7.5)}) == [7.5]


def test_what_is_no_number_or_infinite_comes_as_that():
    sent = {"a": np.array([np.nan, np.inf, -np.inf], "float32")}

    assert unpacked("return plain(arrays.a).map(String);", sent) == ["NaN", "Infinity", "-Infinity"]


def test_facts_come_in_any_script_and_what_is_no_number_as_null():
    facts = {"state": "ready", "error": "没有 libtorch — ∂L/∂s", "loss": math.nan, "deep": {"a": [1, 2.5]}}

    assert unpacked("return facts;", {"a": np.zeros(3)}, facts) == facts | {"loss": None}


def test_nothing_of_a_frame_is_copied():
    same = "return [arrays.a.buffer === bytes, arrays.b[1].buffer === bytes];"

    assert unpacked(same, {"a": np.zeros(3), "b": np.zeros((2, 5), "uint8")}) == [True, True]


# Words.


def test_a_number_is_said_to_three_digits_with_a_true_minus_and_a_power_only_far_out():
    said = {
        "0": "0",
        "-0.5": "−0.5",
        "0.123456": "0.123",
        "-12.3456": "−12.3",
        "1234567": "1234567",  # whole: an update has all its digits
        "0.001": "0.001",
        "0.00099": "9.9e−4",
        "-0.0000123": "−1.2e−5",
        "123456.7": "1.2e+5",
        "NaN": "NaN",
        "null": "–",
        "undefined": "–",
    }

    assert js(f"return [{', '.join(said)}].map((x) => number(x));") == list(said.values())


def test_a_number_is_rounded_as_python_rounds_it():
    rng = np.random.default_rng(2)
    numbers = (np.exp(rng.uniform(np.log(1e-3), np.log(1e5), 300)) * rng.choice([-1, 1], 300)).tolist()
    said = js("return numbers.map((x) => [3, 5].map((digits) => number(x, digits)));", numbers=numbers)

    read = [[float(text.replace("−", "-")) for text in both] for both in said]
    assert read == [[float(f"{x:.3g}"), float(f"{x:.5g}")] for x in numbers]


def test_a_template_is_filled_by_name_with_numbers_as_they_are_said():
    template = "{a} of {b:.4g}, {nothing}{null}, {word} {a}"
    values = {"a": -1.23456, "b": 20, "null": None, "word": "x"}

    assert js("return fill(template, values);", template=template, values=values) == "−1.23 of 20, , x −1.23"


@pytest.mark.parametrize(("language", "said"), [("en", "75 % right, 12.5 %, −3"), ("zh", "75% right, 12.5%, −3")])
def test_percent_is_written_as_the_language_does_under_a_pointer_and_by_ear(language, said):
    given = {"words": words(translator(language)), "point": {"y": [0.75], "hovertemplate": "%{y:.1~%}"}}

    assert js("return spelled('75% right, 12.5%, -3', words);", **given) == said
    assert js("return spelled(spelled('75%', words), words);", **given) == said[: said.index(" right")]
    assert js("return hovered(point, 0, words);", **given) == [said[: said.index(" right")]]


# Figures.


def test_a_value_is_put_at_a_path_and_found_there():
    trace, *found = js("""
        const trace = { marker: { size: 3 } };
        put(trace, "marker.color", [1, 2]);
        put(trace, "x", [5]);
        put(trace, "line.dash.kind", "dot");
        return [trace, at(trace, "marker.color"), at(trace, "line.dash.kind"), at(trace, "a.b.c") ?? null];
    """)

    assert trace == {"marker": {"size": 3, "color": [1, 2]}, "x": [5], "line": {"dash": {"kind": "dot"}}}
    assert found == [[1, 2], "dot", None]


def test_a_figure_has_the_colours_of_the_page_and_grey_where_it_says_none():
    blank = json.dumps({"layout": {"font": {"color": base.INK}}, "data": [{"line": {"color": "var(--st-no)"}}]})

    assert js("""return themed(blank, (name) => ({ "--st-text-color": "#123456" })[name]);""", blank=blank) == {
        "layout": {"font": {"color": "#123456"}},
        "data": [{"line": {"color": "#888"}}],
    }


def test_a_frame_fills_a_figure_and_what_it_does_not_bring_stays():
    spec = {
        "data": [{"meta": {"y": "loss", "marker.color": "colour"}, "y": [0], "marker": {"color": "old"}}, {"x": [1]}],
        "layout": {"meta": {"log": ["yaxis"]}, "yaxis": {"type": "log"}},
    }
    twice = """
        const first = structuredClone(filled(spec, { loss: [3, 2] }, false));
        return [first, filled(spec, { colour: ["new"] }, true)];
    """
    first, second = js(twice, spec=spec)

    assert [first["data"][0][name] for name in ("y", "marker")] == [[3, 2], {"color": "old"}]
    assert [second["data"][0][name] for name in ("y", "marker")] == [[3, 2], {"color": ["new"]}]
    assert [made["layout"]["yaxis"]["type"] for made in (first, second)] == ["linear", "log"]
    assert [made["layout"]["datarevision"] for made in (first, second)] == [1, 2]


DUE = "return due(drawn.map((at, i) => ({ at, i })), now, hurried).map(({ i }) => i);"


def test_the_first_figure_is_drawn_first_and_then_those_that_wait_longest():
    assert js(DUE, drawn=[900, 800, 0, 500], now=1000, hurried=False) == [0, 2, 3, 1]


def test_while_a_run_plays_one_other_figure_is_drawn_and_none_that_has_not_stood_for_a_moment():
    assert js(DUE, drawn=[990, 800, 700], now=1000, hurried=True) == [0, 2]
    assert js(DUE, drawn=[990, 950, 900], now=1000, hurried=True) == [0]


def test_while_a_run_plays_every_figure_has_its_turn():
    turns = js("""
        const panels = [0, 0, 0, 0].map((at, i) => ({ at, i, drawn: 0 }));
        for (let now = 1000; now < 3000; now += 100)
            for (const panel of due(panels, now, true)) Object.assign(panel, { at: now, drawn: panel.drawn + 1 });
        return panels.map(({ drawn }) => drawn);
    """)

    assert turns[0] == 20
    assert sum(turns[1:]) == 20
    assert min(turns[1:]) >= 6


def test_a_view_without_figures_draws_none():
    assert js(DUE, drawn=[], now=1000, hurried=True) == []


def test_the_figure_that_could_not_be_drawn_is_named_until_it_can_be_whatever_the_others_do():
    assert js("""
        console.error = () => {};
        const panel = (title, paint) => Object.assign(Object.create(Panel.prototype), { title, paint });
        const broken = panel("Losses", () => { throw new Error("no axis"); }), sound = panel("Boundary", () => {});
        const view = Object.assign(Object.create(Panels.prototype), { places: [broken, sound] });
        broken.draw();
        sound.draw();
        const { undrawn } = view;
        broken.paint = () => {};
        broken.draw();
        return [undrawn, view.undrawn ?? null];
    """) == ["Losses", None]


# Cells and places.


def test_a_fast_drag_leaves_out_no_cell():
    assert js("return way([1, 1], [4, 3]);") == [[2, 2], [3, 2], [4, 3]]
    assert js("return way([3, 5], [3, 5]);") == [[3, 5]]
    assert js("return way([2, 2], [0, 2]);") == [[1, 2], [0, 2]]


def test_the_cell_under_a_place_is_the_nearest_and_whole_numbers_where_none_are_told():
    assert js("return [-0.6, 0.4, 7.51].map((x) => nearest(x));") == [-1, 0, 8]
    assert js("return [-9, 0.9, 1.6, 99].map((x) => nearest(x, [0, 1.5, 3]));") == [0, 1, 1, 2]


# To look closer.


@pytest.mark.parametrize(("name", "axes"), [
    ("losses", ["xaxis", "yaxis", "yaxis2"]),
    ("boundary", ["xaxis", "yaxis"]),
    ("phase_portrait", ["xaxis", "yaxis"]),
    ("network", []),
    ("maze", []),
    ("drawn_pattern", []),
    ("stored_patterns", []),
    ("confusion", []),
    ("layer_influence", []),
])  # fmt: skip
def test_a_figure_can_be_looked_at_closer_where_its_axes_have_numbers(name, axes):
    layout = json.loads(FIGURES[name].f(Picture(Experiment())).to_json())["layout"]

    assert js("return zoomable(layout).sort();", layout=layout) == axes


def test_what_is_seen_shrinks_around_its_middle_and_comes_back():
    assert js("return [nearer([0, 8], 0.5), nearer([8, 0], 0.5), nearer([2, 6], 2)];") == [[2, 6], [6, 2], [0, 8]]


# What a figure tells.


def told(*traces, **layout):
    return js("return told({ data: traces, layout }, words);", traces=traces, layout=layout, words=WORDS)


def test_a_figure_tells_the_newest_point_of_each_line_and_what_they_share_once():
    hover = {name: f"{name} %{{y:.4g}}<br>update %{{x}}<extra></extra>" for name in ("training loss", "test loss")}
    x, losses = [0, 100, 200], {"training loss": [0.7, 0.5, 0.32001], "test loss": [0.7, None, None]}
    lines = [{"mode": "lines", "x": x, "y": losses[name], "hovertemplate": hover[name]} for name in hover]

    assert told(lines[0]) == ["training loss 0.32", "update 200"]
    assert told(*lines) == ["training loss 0.32", "test loss 0.7", "update 200", "update 0"]
    assert told(lines[0], {"mode": "lines", "x": x, "y": [1, 2, 3], "hoverinfo": "skip"}) == told(lines[0])


def test_a_figure_tells_every_bar_by_its_name_and_every_one_of_a_few_marks():
    bars = {"type": "bar", "x": [4, 15], "y": [0.5, -1], "hovertemplate": "overlap %{y:.2f}<extra></extra>"}
    marks = {"mode": "markers", "x": [1, 2], "y": [0.1, 0.9], "text": ["a", "b"], "hovertemplate": "%{text}: %{y:.0%}"}
    many = marks | {"x": [1] * 20, "y": [1] * 20}

    assert told(bars, xaxis={"tickvals": [4, 15], "ticktext": ["T", "L"]}) == ["T: overlap 0.50", "L: overlap −1.00"]
    assert told(marks, many) == ["a: 10 %", "b: 90 %"]


def test_a_cell_says_what_stands_in_it():
    cell = {"x": [1, 2], "y": [5, 6], "z": [[0, 1], [2, 3]], "hovertemplate": "ρ = %{z:.1f}<br>α = %{x}, g = %{y}"}

    assert js("return hovered(cell, [1, 0], {});", cell=cell) == ["ρ = 1.0", "α = 2, g = 5"]
    assert js("return hovered(cell, [0, 1], {});", cell=cell) == ["ρ = 2.0", "α = 1, g = 6"]


# Tables.

ARRAYS = {
    "a": [0.123456, 2, math.nan],
    "sd": [0.05, 0.25, 1],
    "re": [1.5, 2, math.nan],
    "im": [-0.25, 0, 0],
    "kind": [1, 0, math.nan],
    "right": [1, 0, math.nan],
}
FACTS = {"warning": "shapes", "count": 12345.6, "rows": [{"formula": "u − y"}], "none": None}


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        ("words", ["words", ""]),
        ("", ["", ""]),
        (base.number("a", 0), ["0.1235", "number"]),
        (base.number("a", 1), ["2", "number"]),
        (base.number("a", 2), ["", ""]),
        (base.number("a", 2, undefined="undefined"), ["undefined", ""]),
        (base.number("a", 9), ["", ""]),  # until it is measured
        (base.number("absent"), ["", ""]),
        (base.share("a", 0), ["12.3 %", "number"]),
        (base.share("a", 1), ["200 %", "number"]),
        (base.share("a", 2, undefined="–"), ["–", ""]),
        (base.spread("a", "sd", 0), ["12.3 % ± 5 %", "number"]),
        (base.spread("a", "absent", 0), ["12.3 %", "number"]),
        (base.complex_number("re", "im", 0), ["1.5 − 0.25 i", "number"]),
        (base.complex_number("im", "re", 0), ["−0.25 + 1.5 i", "number"]),
        (base.complex_number("re", "im", 1), ["2", "number"]),
        (base.complex_number("re", "im", 2), ["", "number"]),
        (base.complex_number("absent", "im"), ["", "number"]),
        (base.one_of(["no", "yes"], "kind", 0), ["yes", ""]),
        (base.one_of(["no", "yes"], "kind", 1), ["no", ""]),
        (base.one_of(["no", "yes"], "kind", 2), ["", ""]),
        (base.one_of(["none", "it is {number}"], "kind", 0, number="im"), ["it is −0.25", ""]),
        (base.mark("right", 0), ["✓", "right"]),
        (base.mark("right", 1), ["✗", "wrong"]),
        (base.mark("right", 2), ["", ""]),
        (base.fact("warning", shapes="The shapes differ."), ["The shapes differ.", "fact"]),
        (base.fact("warning"), ["shapes", "fact"]),
        (base.fact("rows.0.formula"), ["u − y", "fact"]),
        (base.fact("count"), ["12300", "fact"]),
        (base.fact("none"), ["", "fact"]),
        (base.fact("rows.7.formula"), ["", "fact"]),
    ],
)
def test_a_cell_of_a_table_shows_what_its_kind_says(spec, shown):
    assert js("return cell(spec, arrays, facts, words);", spec=spec, arrays=ARRAYS, facts=FACTS, words=WORDS) == shown


# The queue of commands.


def waiting(*commands):
    return js("return commands.reduce(queued, []);", commands=commands)


def do(word, **more):
    return {"do": word, **more}


CLICK, STEP, PLAY, PAUSE, WANT = do("click", name="p", value=[1, 2]), do("step"), do("play"), do("pause"), do("want")


def test_a_run_that_is_loaded_needs_nothing_that_was_asked_of_the_one_before():
    assert waiting(PLAY, STEP, CLICK, WANT, do("speed", value=1), do("load", program="a")) == [do("load", program="a")]


def test_of_a_value_that_is_moved_the_newest_waits_and_other_values_stay():
    x, y = do("set", name="x", value=1), do("set", name="y", value=5)

    assert waiting(x, y, do("set", name="x", value=2)) == [y, do("set", name="x", value=2)]


def test_of_speeds_and_of_wants_the_newest_waits():
    assert waiting(do("speed", value=1), WANT, do("speed", value=10), WANT) == [do("speed", value=10), WANT]


@pytest.mark.parametrize(("first", "last"), [(PLAY, PAUSE), (PAUSE, PLAY)])
def test_of_play_and_pause_the_last_word_waits(first, last):
    assert waiting(first, STEP, last) == [STEP, last]


def test_a_reset_undoes_what_was_pressed_before_and_leaves_what_was_set():
    kept = [CLICK, do("set", name="x", value=1), do("speed", value=10), WANT]

    assert waiting(PLAY, *kept, STEP, PAUSE, do("reset")) == [*kept, do("reset")]


def test_every_step_and_every_click_counts():
    assert waiting(STEP, CLICK, STEP, CLICK) == [STEP, CLICK, STEP, CLICK]


def test_no_more_commands_wait_than_a_server_takes():
    clicks = [do("click", name="p", value=[i, 0]) for i in range(150)]

    assert waiting(*clicks) == clicks[-100:]


# The wire, between sockets that a test opens and closes, and a clock that it turns.

WIRED = """
    const { mock } = await import("node:test");
    mock.timers.enable({ apis: ["setTimeout"] });
    globalThis.document = { baseURI: "https://host/demo/" };
    const sockets = [], heard = [], told = [];
    globalThis.WebSocket = class {
        static OPEN = 1;
        sent = [];
        constructor(url) { this.url = String(url); sockets.push(this); }
        send(message) { this.sent.push(JSON.parse(message)); }
        open() { this.readyState = 1; this.onopen(); }
        end(code = 1006) { this.readyState = 3; this.onclose({ code }); }
        close() { this.end(1000); }
    };
    const component = {
        setStateValue: (...said) => told.push(said),
        setTriggerValue: (name, messages) => told.push([name, messages.map((message) => JSON.parse(message))]),
    };
    const wire = new Wire((bytes) => heard.push(new Uint8Array(bytes)[0]), () => {});
    const at = (seat, more) => wire.update({ seat, transport: "socket", ...more }, component);
"""


def wired(body):
    """What comes of it."""
    return js(WIRED + body)


def test_a_wire_leads_to_its_seat_under_any_base_path_and_says_what_has_waited():
    assert wired("""
        wire.send({ do: "play" });   // out of sight
        at("a.0");
        wire.send({ do: "step" });
        sockets[0].open();
        wire.send({ do: "pause" });
        return [sockets[0].url, sockets[0].sent];
    """) == ["wss://host/demo/fbviz/live/a.0", [STEP, WANT, PAUSE]]


def test_moves_of_a_slider_in_one_moment_are_said_once():
    assert wired("""
        at("a.0");
        sockets[0].open();
        for (let value = 0; value < 9; value++) wire.send({ do: "set", name: "x", value });
        const before = [...sockets[0].sent];
        mock.timers.tick(20);
        return [before, sockets[0].sent];
    """) == [[WANT], [WANT, do("set", name="x", value=8)]]


def test_a_lost_socket_is_told_and_opened_again_and_asks_for_what_has_happened():
    assert wired("""
        at("a.0");
        sockets[0].open();
        sockets[0].end();
        const lost = [wire.lost];
        mock.timers.tick(1000);
        sockets[1].end();
        lost.push(wire.lost);
        mock.timers.tick(1000);
        sockets[2].open();
        return [...lost, wire.lost, sockets.length, sockets[2].sent, told];
    """) == [True, True, False, 3, [WANT], []]


@pytest.mark.parametrize("code", [1008, 1013])
def test_a_server_that_has_said_why_it_hangs_up_is_not_lost(code):
    assert wired(f"at('a.0'); sockets[0].open(); sockets[0].end({code}); return wire.lost;") is False


def test_where_no_socket_ever_opens_the_page_is_asked_to_bring_frames():
    assert wired("""
        at("a.0");
        sockets[0].end();
        mock.timers.tick(1000);
        sockets[1].end();
        mock.timers.tick(5000);
        return [sockets.length, told];
    """) == [2, [["transport", "fragment"]]]


def test_another_seat_gets_one_socket_even_while_the_old_one_is_lost():
    assert wired("""
        at("a.0");
        sockets[0].open();
        sockets[0].end();
        at("b.0");
        mock.timers.tick(5000);
        return sockets.map(({ url }) => url.split("/").at(-1));
    """) == ["a.0", "b.0"]


def test_a_wire_that_is_led_to_another_seat_lets_the_old_socket_go():
    assert wired("""
        at("a.0");
        sockets[0].open();
        at("b.0");
        return [sockets[0].readyState, wire.lost, sockets.length];
    """) == [3, False, 2]


def test_a_closed_wire_opens_no_socket_again():
    assert wired("""
        at("a.0");
        sockets[0].open();
        wire.close();
        mock.timers.tick(5000);
        return [sockets.length, sockets[0].readyState, wire.lost];
    """) == [1, 3, False]


def test_the_page_brings_each_frame_once_and_takes_commands_but_no_wants():
    assert wired("""
        const transport = "fragment", frame = (number) => btoa(String.fromCharCode(number));
        at("a.0", { transport });   // there is no frame yet
        for (const number of [7, 7, 8]) at("a.0", { transport, number, frame: frame(number) });
        wire.send({ do: "want" });
        wire.send({ do: "step" });
        return [heard, told, sockets.length];
    """) == [[7, 8], [["commands", [STEP]]], 0]


# The run, as far as the browser knows it.

PAGE = {"program": "training", "query": {"task": "xor"}, "server": "one"}
RUN = """
    const run = new Run();
    const ready = { state: "ready", update: 0 }, at = (update, state = "playing") => ({ state, update });
"""


def run(body, **page):
    """What becomes of a run, on a page that asks for this."""
    return js(RUN + body, page=PAGE | page)


def test_what_the_page_asks_for_is_loaded_once():
    asked, again, other, load = run("""
        const other = { ...page, query: { task: "moons" } };
        return [run.ask(page, true), run.ask(page, false), run.ask(other, false), run.loading];
    """)

    assert [asked, again, other] == [True, False, True]
    assert load == do("load", program="training", query={"task": "moons"}, values={}, play=False)


def test_other_words_alone_load_nothing():
    assert run("""
        const dial = { name: "x", label: "place", value: 1 };
        return ["place", "Ort"].map((label) => run.ask({ ...page, sliders: [{ ...dial, label }] }, false));
    """) == [True, False]


def test_what_plays_goes_on_to_play_where_a_setting_changes_and_what_rests_goes_on_to_rest():
    assert run("""
        return [[], ["play"], ["play", "pause"], ["play", "reset"]].map((pressed) => {
            const run = new Run();
            run.ask(page, true);
            pressed.forEach((word) => run.press(word));
            run.ask({ ...page, query: {} }, false);
            return run.loading.play;
        });
    """) == [False, True, True, False]


def test_a_block_that_plays_by_itself_goes_on_to_play_too():
    assert run("""
        run.ask({ ...page, autoplay: true }, true);
        const { play } = run.loading;
        run.hear(at(3), {});
        run.ask({ ...page, query: {} }, false);
        return [play, run.loading.play];
    """) == [True, True]


def test_a_view_that_is_put_elsewhere_finds_its_run_and_another_begins_anew():
    found, left = run("""
        run.ask(page, true);
        run.press("play");
        run.hear(at(7), { a: [1] });
        const found = [run.ask(page, true), run.facts.update, run.arrays];
        run.ask({ ...page, query: {} }, true);
        return [found, [run.facts, run.arrays, run.loading.play]];
    """)

    assert found == [False, 7, {"a": [1]}]
    assert left == [{"state": "ready"}, {}, False]


@pytest.mark.parametrize(
    ("moved", "heard", "follows", "left"),
    [
        ({}, None, True, {}),
        ({"x": 6}, 5, False, {"x": 6}),  # the program has not heard of it yet
        ({"x": 6}, None, False, {"x": 6}),
        ({"x": 6, "y": 1}, 6, True, {"y": 1}),
    ],
)
def test_a_dial_follows_the_program_unless_a_reader_has_moved_it_since(moved, heard, follows, left):
    assert js('return [free(moved, "x", heard), moved];', moved=moved, heard=heard) == [follows, left]


@pytest.mark.parametrize(("state", "said"), [("ready", True), ("paused", True), ("playing", False)])
def test_what_counts_from_the_next_update_is_said_to_count_when_it_plays(state, said):
    told = js(
        "const run = new Run(); run.waits = true; run.hear(facts, {}); return sentence(words, run);",
        words=WORDS,
        facts={"state": state, "update": 3},
    )
    assert (WORDS["waits"] in told) == said


def test_a_dial_stands_where_the_reader_has_it_and_else_where_it_begins_and_the_page_has_values_of_its_own():
    sliders, choices = [{"name": "x", "value": 1}, {"name": "y", "value": 2}], [{"name": "c", "value": 0}]
    moved = "run.values = { x: 5, z: 8 }; run.ask(page, true); return run.loading.values;"

    assert run(moved, sliders=sliders, choices=choices, values={"z": 9}) == {"x": 5, "y": 2, "c": 0, "z": 9}


def test_a_fact_stays_until_another_is_told_but_for_what_is_true_of_a_moment():
    first, then = run("""
        run.hear({ ...at(3, "paused"), device: "cpu", idle: true, gave: "rest", done: {}, place: 2 }, { a: [1] });
        const first = run.facts;
        run.hear({ state: "playing", update: 4 }, { b: [2] });
        return [first, [run.facts, run.arrays]];
    """)

    assert first["idle"]
    assert first["gave"] == "rest"
    moment = {"idle": False, "known": False, "preview": 0} | dict.fromkeys(("gave", "done", "ended", "place", "share"))
    assert then == [{"state": "playing", "update": 4, "device": "cpu", **moment}, {"a": [1], "b": [2]}]


def test_in_the_queue_nothing_is_known_but_what_the_queue_says():
    assert run("""
        run.hear(at(4), {});
        run.hear({ state: "queued", place: 2 }, {});
        return run.facts;
    """) == {"state": "queued", "place": 2}


@pytest.mark.parametrize(("server", "word"), [("one", "released"), ("two", "restarted")])
def test_a_run_the_server_has_forgotten_is_told_and_play_trains_it_again_to_where_it_was(server, word):
    forgotten = """
        run.ask(page, true);
        run.hear(at(40), {});
        const toBeLoaded = [run.forgotten(page.other), run.forgotten(page.other)];   // it may say so again
        const { gone, facts } = run;
        return [toBeLoaded, gone, facts.state, run.press("play"), run.loading, run.gone];
    """
    told, gone, state, pressed, load, after = run(forgotten, other=server)

    assert told == [False, False]
    assert gone == {"word": word, "play": True, "until": 40}
    assert state == "gone"
    assert pressed
    assert load == do("load", program="training", query={"task": "xor"}, values={}, play=True, until=40)
    assert after is None


@pytest.mark.parametrize("word", ["step", "reset", "pause"])
def test_any_other_button_begins_a_forgotten_run_from_the_start(word):
    forgotten = "run.ask(page, true); run.hear(at(40), {}); run.forgotten('one');"
    load = run(f"{forgotten} run.press('{word}'); return run.loading;")

    assert load == do("load", program="training", query={"task": "xor"}, values={}, play=False)


def test_a_forgotten_run_that_had_made_nothing_is_loaded_without_a_word():
    assert run("""
        run.ask(page, true);
        run.hear(ready, {});
        return [run.forgotten("two"), run.loading.play, run.gone];
    """) == [True, False, None]


def test_what_was_asked_for_and_not_heard_is_asked_for_again_as_it_was():
    assert run("""
        run.ask(page, true);
        run.hear(at(40), {});
        run.forgotten("two");
        run.press("play");
        return [run.forgotten("three"), run.loading.play, run.loading.until];
    """) == [True, True, 40]


def test_a_button_of_a_run_that_is_there_loads_nothing():
    assert run("run.ask(page, true); run.hear(ready, {}); return [run.press('play'), run.loading];") == [False, None]


def test_the_page_is_told_once_that_a_run_is_over_and_again_after_the_next():
    over, told = run("""
        const rests = { ...at(3, "paused"), idle: true };
        const heard = [at(1), at(2, "ended"), at(2, "ended"), ready, at(3, "paused"), rests, rests];
        const told = heard.map((facts) => { run.hear(facts, {}); return [run.over, run.report()]; });
        return [0, 1].map((i) => told.map((both) => both[i]));
    """)

    assert over == [False, True, True, False, False, True, True]
    assert told == [False, True, False, False, False, True, False]


def test_the_page_is_told_once_that_a_question_is_decided_and_once_that_its_run_is_over():
    known = {"state": "playing", "known": True}

    assert run(
        """return page.told.map((facts) => { run.hear(facts, {}); return run.report(); });""",
        told=[{**known, "state": "ready"}, {"state": "playing"}, known, known, {**known, "state": "ended"}],
    ) == [False, False, True, False, True]


# How far a run is, and how long it will go on.


def left(*frames, before=""):
    """The seconds that are left after frames of (seconds, share, state): "playing" if none is said."""
    heard = [dict(zip(("seconds", "share", "state"), (*frame, "playing"), strict=False)) for frame in frames]
    hear = f"frames.forEach((frame, i) => {{ {before} pace.hear(frame); }});"
    return js(f"const pace = new Pace(); {hear} return pace.left ?? null;", frames=heard)


def test_the_time_that_is_left_goes_by_the_share_of_the_work_that_is_done():
    assert left((0, 0), (1, 0.05), (3, 0.25)) == pytest.approx(9)


def test_until_something_is_done_nobody_knows_how_long_it_takes():
    assert left() is None
    assert left((0, 0)) is None
    assert left((0, 0), (5, 0)) is None
    assert left((0, None), (5, None)) is None


def test_a_run_that_has_become_slower_is_known_by_how_fast_it_is_now():
    fast, slow = [(t / 10, t / 100) for t in range(50)], [(5 + t, 0.5 + t / 1000) for t in range(40)]

    assert left(*fast, *slow) == pytest.approx((0.5 - 0.039) * 1000)


def test_time_in_which_a_run_stands_still_does_not_count_and_neither_does_a_leap_meanwhile():
    assert left((0, 0), (2, 0.1), (2, 0.1, "paused"), (2, 0.5), (3, 0.6)) == pytest.approx(4)
    assert left((0, 0), (2, 0.1), (2, 0.1, "paused")) is None


def test_a_run_that_begins_anew_or_at_another_speed_shows_its_pace_again():
    assert left((0, 0), (9, 0.9), (9.1, 0), (10.1, 0.1)) == pytest.approx(9)
    assert left((0, 0), (9, 0.9), (0, 0), (1, 0.5)) == pytest.approx(1)
    assert left((0, 0), (9, 0.1), (10, 0.2), before="if (i === 2) pace.forget();") is None


def test_how_far_a_run_is_is_told_while_it_plays_and_while_it_is_paused():
    def told(left, **facts):
        return js("return progress(words, { facts, pace: { left } });", words=WORDS, facts=facts, left=left)

    playing = {"state": "playing", "share": 0.257, "seconds": 4.0}
    assert told(11.7, **playing) == {"percent": 25, "left": "about 12 s left"}
    assert told(0.2, **playing)["left"] == "about 1 s left"
    assert told(99, **playing)["left"] == "about 99 s left"
    assert told(140, **playing)["left"] == "about 2 min left"
    assert told(None, **playing) == {"percent": 25, "left": None}
    assert told(None, **playing | {"state": "paused"}) == {"percent": 25, "left": None}
    for nothing in ({"state": "ended"}, {"state": "ready"}, {"share": None}, {"state": "paused", "idle": True}):
        assert told(None, **playing | nothing) is None


def test_of_a_run_that_is_over_in_a_moment_nobody_asks_how_far_it_is():
    def told(seconds, left):
        facts = {"state": "playing", "share": 0.5, "seconds": seconds}
        return js("return progress(words, { facts, pace: { left } });", words=WORDS, facts=facts, left=left)

    assert told(0.4, 0.4) is None
    assert told(0.4, None) is None
    assert told(0.6, 0.6) is not None


# The sentence of the status line.


def said(facts, gone=None, words=WORDS, **beside):
    run = {"facts": facts, "gone": gone, "pace": {}}
    return js("return sentence(words, run, beside);", words=words, run=run, beside=beside)


AT_12 = {"state": "playing", "update": 12, "epoch": 0.5, "seconds": 3.14, "device": "cpu", "test_loss": 0.12345}


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"state": "ready"}, "Ready. Press Play."),
        ({"state": "starting"}, ""),
        (AT_12, "update 12 · epoch 0.5 · 3.1 s · cpu · test loss 0.123"),
        ({"state": "ready", "update": 0, "device": "cpu"}, "Ready. Press Play. · update 0 · 0.0 s · cpu"),
        ({"state": "paused", "update": 3, "metrics": {"accuracy": 0.5, "train_accuracy": 1}},
         "update 3 · 0.0 s · test accuracy 50 %"),
        ({"state": "paused", "update": 3, "metrics": {"r2": -0.12345}}, "update 3 · 0.0 s · test R² −0.123"),
        ({"state": "paused", "place": 4, "places": 30}, "place 4 of 30 · 0.0 s"),
        ({"state": "queued", "place": 3}, "All places are taken. You are number 3 in the queue."),
        ({"state": "queued", "place": 2, "gave": "share"}, "Your run has had its share of time, and others wait. "
         "It goes on by itself when it is its turn: you are number 2."),
        ({"state": "paused", "update": 3, "gave": "rest"},
         "Its place went to somebody who waited; Play goes on from here. · update 3 · 0.0 s"),
        ({"state": "ended", "ended": {"word": "finished", "values": {"updates": 1000}}},
         "It made all its 1000 updates."),
        ({"state": "paused", "update": 3, "done": {"word": "settled", "values": {"updates": 3}}},
         "It has come to rest after 3 updates. · update 3 · 0.0 s"),
        ({"state": "ended", "ended": {"word": "strange", "values": {}}}, "strange"),
    ],
)  # fmt: skip
def test_the_status_says_how_a_run_stands(facts, sentence):
    assert said(facts) == sentence


def test_in_a_question_the_status_says_no_score():
    facts = AT_12 | {"metrics": {"accuracy": 0.5, "train_accuracy": 1}}
    assert said(facts, words=unscored(WORDS)) == "update 12 · epoch 0.5 · 3.1 s · cpu"


def test_the_words_of_a_sentence_are_found_as_whole_words_the_longest_first():
    terms = {"test loss": "loss", "loss": "loss", "t": "unroll-step"}

    parts = js("return parted('t = 2 · test loss 0.1, at last a loss', terms);", terms=terms)
    assert parts == ["", "t", " = 2 · ", "test loss", " 0.1, at last a ", "loss", ""]


def test_a_score_that_is_no_number_is_said_to_be_undefined_in_the_language_of_the_reader():
    facts = {"state": "paused", "update": 3, "metrics": {"r2": None}}
    chinese = translator("zh")

    assert said(facts) == "update 3 · 0.0 s · test R² undefined"
    assert said(facts, words=words(chinese)).endswith(f"R² {chinese('undefined')}")


def test_the_status_says_how_long_a_run_will_go_on():
    run = {"facts": AT_12 | {"share": 0.2}, "pace": {"left": 12.4}}

    assert " · 3.1 s · about 12 s left · cpu · " in js("return sentence(words, run);", words=WORDS, run=run)


@pytest.mark.parametrize(("layer", "chinese"), [("layer 2", "第 2 层"), ("output", "输出"), ("feedback", "反馈")])
def test_a_layer_that_broke_is_named_in_the_language_of_the_reader(layer, chinese):
    facts = {"state": "ended", "ended": {"word": "diverged", "values": {"update": 7, "layer": layer}}}

    assert said(facts).startswith(f"The numbers broke at update 7, first in {layer}. ")
    assert chinese in said(facts, words=words(translator("zh")))


def test_a_device_that_is_not_here_is_said_and_one_that_was_not_asked_for_is_not():
    assert " · cpu, for there is no cuda:7 here · " in said(AT_12, asked="cuda:7")
    for asked in ("cpu", "auto"):
        assert " · cpu · " in said(AT_12, asked=asked)


@pytest.mark.parametrize(("word", "begins"), [("restarted", "The server was restarted"), ("released", "Nobody looked")])
def test_a_run_that_is_gone_is_said_with_how_far_it_was(word, begins):
    sentence = said({**AT_12, "state": "gone"}, {"word": word, "play": True, "until": 12})

    assert sentence.startswith(begins)
    assert sentence.endswith("Press Play to train it again to update 12.")


@pytest.mark.parametrize("word", REFUSALS)
def test_every_refusal_of_the_server_has_its_sentence(word):
    values = {"seats": 2, "command": "fly", "messages": 3, "bytes": 4}

    assert said(AT_12, refusal={"word": word, "values": values}) == REFUSALS[word].template.format(**values)


def test_what_was_not_taken_of_a_link_is_said_in_the_language_of_the_reader():
    _, notices = Experiment.from_query({"gain": "99", "colour": "red", "hidden": "", "feedback": "hidden"})
    facts = {"state": "ready", "notices": [notice.facts for notice in notices]}
    chinese = translator("zh")

    assert said(facts) == " · ".join([*(notice.say() for notice in notices), "Ready. Press Play."])
    assert said(facts, words=words(chinese)).startswith(notices[0].say(chinese))


def test_until_the_server_answers_the_status_says_so():
    over = {"state": "ended", "ended": {"word": "stopped", "values": {}}}

    assert said({"state": "ready"}, connecting=True) == "Connecting …"
    assert said(AT_12, connecting=True).startswith("update 12")
    assert said(over, connecting=True) == "It was stopped."


def test_what_is_most_urgent_is_said_first():
    gone, refusal = {"word": "released", "until": 12}, {"word": "full", "values": {"seats": 9}}
    facts = {"state": "queued", "place": 1}

    assert said(facts, gone, refusal=refusal, undrawn="Losses", missed=True, lost=True) == WORDS["lost"]
    assert said(facts, gone, refusal=refusal, undrawn="Losses", missed=True) == WORDS["missed"]
    assert said(facts, gone, refusal=refusal, undrawn="Losses").startswith("This could not be drawn: Losses.")
    assert said(facts, gone, refusal=refusal).startswith("Nobody looked here for long")
    assert said(facts, refusal=refusal).startswith("9 views are open here")


# The keyboard.


def pressed(key, inside=None, **held):
    """What the key asks for, pressed where `inside` is the only selector that fits."""
    inside_of = "{ closest: (selectors) => selectors.split(', ').includes(inside) }"
    return js(f"return pressed({{ key, ...held }}, {inside_of}) ?? null;", key=key, inside=inside, held=held)


@pytest.mark.parametrize(("key", "asked"), [(" ", "toggle"), ("ArrowRight", "step"), ("r", "reset"), ("R", "reset")])
def test_a_key_asks_for_what_the_toolbar_says(key, asked):
    assert pressed(key) == asked


def test_other_keys_ask_for_nothing():
    assert [pressed(key) for key in ("x", "ArrowLeft")] == [None, None]


@pytest.mark.parametrize(
    "inside", ["input", "textarea", "select", "[role=slider]", "[role=dialog]", "[role=application]", ".fbviz-zoomed"]
)
def test_where_keys_have_a_meaning_of_their_own_the_run_hears_none(inside):
    assert [pressed(key, inside) for key in (" ", "ArrowRight", "r")] == [None, None, None]


@pytest.mark.parametrize("held", ["ctrlKey", "metaKey", "altKey"])
def test_a_key_of_the_browser_is_left_to_it(held):
    assert pressed("r", **{held: True}) is None


@pytest.mark.parametrize("inside", ["button", "a", "summary"])
def test_space_presses_the_button_it_is_on_and_other_keys_ask_the_run(inside):
    assert [pressed(key, inside) for key in (" ", "ArrowRight")] == [None, "step"]


def test_a_key_that_meets_no_element_is_heard():
    assert js("return pressed({ key: ' ' }, {});") == "toggle"
