"""The socket of a seat, on a real server: what comes down, what goes up, and who is turned away."""

import json
import os
import re
import signal
import time
import urllib.request
from urllib.parse import urljoin

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.live.views import View, over, state
from tests.server import LAUNCHES, Server


@pytest.fixture
def view(server):
    with View(server) as view:
        yield view


def test_the_untrained_network_is_shown_before_any_update(view):
    view.load()
    frame = view.frame()
    assert (frame.facts["state"], frame.facts["update"]) == ("ready", 0)
    assert frame.arrays["boundary"].shape == (50, 50)
    assert len(frame.arrays["history.train_loss"]) == 1


def test_play_pause_step_and_reset_go_down_the_socket(view):
    view.load()
    first = view.frame()
    view.do("play")
    view.do("want")
    view.until(lambda facts: facts["update"] > 5)
    view.do("pause")
    paused = view.until(state("paused"))
    view.do("step")
    assert view.frame().facts["update"] == paused.facts["update"] + 1
    view.do("reset")
    again = view.until(state("ready"))
    assert again.facts["test_loss"] == first.facts["test_loss"]
    assert (again.arrays["boundary"] == first.arrays["boundary"]).all()


def test_a_run_ends_with_the_same_numbers_watched_or_not(server):
    endings = []
    for watched in (True, False):
        with View(server) as view:
            view.load(play=True, updates="300", task="spiral", batch="10")
            last = view.until(over) if watched else next(frame for frame in iter(view.frame, None) if over(frame.facts))
            endings.append((last.facts["update"], last.facts["test_loss"], last.arrays["boundary"].tobytes()))
    assert endings[0] == endings[1]


def test_a_second_socket_of_a_seat_sees_the_same_run(server, view):
    view.load(play=True)
    before = view.until(lambda facts: facts["update"] > 5).facts["update"]
    with View(server, view.token) as other:
        frame = other.frame()
        assert frame.facts["update"] >= before
        assert "boundary" in frame.arrays


def test_a_dropped_socket_finds_its_run_going_on(server, view):
    view.load(play=True)
    before = view.until(lambda facts: facts["update"] > 5).facts
    view.socket.socket.close()  # as when a train enters a tunnel
    with View(server, view.token) as back:
        back.do("want")
        after = back.until(lambda facts: facts["update"] > before["update"]).facts
    assert after["run"] == before["run"]


def test_a_forgotten_seat_asks_to_be_loaded(view):
    view.do("want")
    assert view.frame().facts["state"] == "empty"


def test_a_killed_worker_says_so_and_the_other_run_goes_on(server, view):
    before = {worker.pid for worker in server.workers()}
    view.load(play=True)
    view.until(state("playing"))
    (mine,) = {worker.pid for worker in server.workers()} - before
    with View(server) as other:
        other.load(play=True, updates="100000", engine="torch")
        update = other.until(state("playing")).facts["update"]
        os.kill(mine, signal.SIGKILL)
        assert view.until(state("ended")).facts["ended"] == {"word": "killed", "values": {"signal": 9}}
        other.do("want")
        assert other.until(lambda facts: facts["update"] > update).facts["state"] == "playing"


@pytest.mark.parametrize(
    "message",
    ["", "nonsense", "[1]", "null", '{"do":"explode"}', '{"do":"load"}', "[" * 5000, '{"do":"speed","value":1e999}'],
)
def test_a_message_that_is_no_command_is_refused_and_nothing_breaks(view, message):
    view.socket.send(message)
    assert view.frame().facts["refused"]["word"] == "command"
    view.load()
    assert view.frame().facts["state"] == "ready"


def test_bytes_are_refused_too(view):
    view.socket.send(b"\xff\x00\xff")
    assert view.frame().facts["refused"]["word"] == "command"


def test_a_hostile_query_is_brought_into_bounds(view):
    view.load(hidden="9" * 50, gain="NaN", steps="1e9", task="../../etc/passwd", points="-1", rm="-rf")
    assert view.frame().facts["state"] == "ready"


def test_a_message_that_is_too_long_ends_the_socket(view):
    view.socket.send(json.dumps({"do": "set", "name": "x", "value": "x" * 70_000}))
    assert view.frame().facts["refused"]["word"] == "long"
    with pytest.raises(ConnectionClosed):
        view.frame()


def test_a_flood_of_messages_ends_the_socket(view):
    def flood():
        for _ in range(100_000):
            view.do("want")

    with pytest.raises(ConnectionClosed):
        flood()


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_another_site_is_turned_away(server, origin):
    with pytest.raises(InvalidStatus), View(server, origin=origin):
        pass


def test_a_page_of_this_server_is_let_in(server):
    with View(server, origin=server.url.rstrip("/")) as view:
        view.load()
        assert view.frame()


@pytest.mark.parametrize("token", ["short", "x" * 65, "with%20space%20in%20it%20", "..%2f..%2fetc%2fpasswd"])
def test_a_token_no_page_has_minted_is_turned_away(server, token):
    with pytest.raises(InvalidStatus), View(server, token):
        pass


def test_plotly_comes_from_this_server_and_may_be_kept(server):
    request = urllib.request.Request(f"{server.url}fbviz/plotly/plotly.min.js", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as answer:
        assert "javascript" in answer.headers["Content-Type"]
        assert answer.headers["ETag"]
        assert len(answer.read()) > 1e6


@pytest.mark.parametrize("page", ["", "words", "?gain=2"])
def test_a_page_names_the_library_so_that_it_is_fetched_at_once_and_is_found_there(server, page):
    with urllib.request.urlopen(server.url + page) as answer:
        told = answer.headers["Link"]
    target = re.fullmatch("<(.+)>; rel=preload; as=script", told)[1]
    with urllib.request.urlopen(urljoin(server.url + page, target)) as library:
        assert "javascript" in library.headers["Content-Type"]
    with urllib.request.urlopen(f"{server.url}fbviz/health") as answer:
        assert "Link" not in answer.headers


def test_runs_beyond_the_limit_wait_and_are_told_their_place(narrow):
    with View(narrow) as first, View(narrow) as second, View(narrow) as third:
        first.playing()
        second.playing()
        third.load(play=True)
        assert third.until(state("queued")).facts["place"] == 1
        first.do("reset")
        third.until(state("playing"))


@pytest.mark.parametrize(
    ("launch", "signal"),
    [
        *((launch, signal.SIGTERM) for launch in LAUNCHES),
        ("streamlit run", signal.SIGINT),  # Ctrl-C
        ("streamlit run", signal.SIGKILL),
    ],
)
def test_a_server_started_any_way_runs_without_torch_and_leaves_no_process(launch, signal):
    with Server(launch) as server, View(server) as view:
        view.load(play=True, updates="100000", engine="torch")
        view.until(state("playing"))
        assert len(server.process.children()) == 1  # no second server, no helper of multiprocessing
        assert len(server.workers()) == 1
        assert not any("torch" in place.path for place in server.process.memory_maps())
        start = time.monotonic()
        assert server.stop(signal) == []
        assert time.monotonic() - start < 30
