"""Runs in processes of their own: commands go up, the newest frame comes down, and no run notices another."""

import asyncio
import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from fbviz.frames import unpack
from fbviz.live.engine import Engine
from fbviz.live.places import Rules
from fbviz.live.requests import RefusedError
from fbviz.live.seats import Seat
from tests.live.conftest import ended, load, say, state, until


def alive(pid):
    """Does that process run?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(*pids, seconds=30):
    end = time.monotonic() + seconds
    while any(map(alive, pids)) and time.monotonic() < end:
        time.sleep(0.01)
    return not any(map(alive, pids))


# What the buttons do.


def test_a_fresh_load_shows_update_0_and_waits(seat):
    load(seat)
    assert until(seat, state("ready")).facts["update"] == 0
    number = seat.number
    time.sleep(0.1)
    assert seat.number == number


def test_play_counts_and_pause_stands_still(seat):
    load(seat, play=True)
    until(seat, lambda facts: facts["update"] > 100)
    say(seat, "pause")
    paused = until(seat, state("paused")).facts["update"]
    time.sleep(0.1)
    assert unpack(seat.newest).facts["update"] == paused
    say(seat, "play")
    say(seat, "want")
    assert until(seat, state("playing")).facts["update"] > paused


def test_a_step_is_one_update_and_a_frame_nobody_had_to_want(seat):
    load(seat)
    until(seat, state("ready"), want=False)
    for step in (1, 2, 3):
        say(seat, "step")
        assert until(seat, lambda facts, n=step: facts["update"] >= n, want=False).facts["update"] == step


def test_two_steps_asked_for_at_once_are_both_made(seat):
    load(seat)
    say(seat, "step")
    say(seat, "step")
    assert until(seat, lambda facts: facts["update"] >= 2, want=False).facts["update"] == 2
    assert seat.state == "paused"


def test_reset_begins_again_and_gives_the_same_numbers(seat):
    load(seat, play=True, to="5000")
    first = until(seat, ended).facts["total"]
    say(seat, "reset")
    assert until(seat, state("ready")).facts["update"] == 0
    say(seat, "play")
    assert until(seat, ended).facts["total"] == first


def test_play_after_the_end_starts_over(seat):
    load(seat, play=True, to="50")
    until(seat, ended)
    say(seat, "play")
    until(seat, state("playing", "ended"))
    assert until(seat, ended).facts["update"] == 50


@pytest.mark.parametrize("speed", [20, 200])
def test_speed_is_updates_a_second(seat, speed):
    say(seat, "speed", value=speed)  # before there is anything to run
    load(seat)
    until(seat, state("ready"))
    measured = []
    for _ in range(20):  # seconds, in most of which a machine may have been busy with something else
        say(seat, "reset")
        say(seat, "speed", value=speed)
        say(seat, "play")
        time.sleep(1)
        say(seat, "pause")
        measured.append(until(seat, state("paused")).facts["update"])
        if measured[-1] == pytest.approx(speed, rel=0.25):
            return
    pytest.fail(f"{measured} updates in a second each")


def test_a_slow_run_obeys_at_once(seat):
    load(seat)
    until(seat, state("ready"))
    say(seat, "speed", value=0.01)
    say(seat, "play")
    time.sleep(0.05)
    say(seat, "speed", value=0)
    say(seat, "want")
    until(seat, lambda facts: facts["update"] > 1000, seconds=30)  # the second update was 100 seconds away


def test_another_program_is_served_by_the_same_process(seat):
    load(seat, play=True)
    until(seat, state("playing"))
    pid = seat.worker.pid
    load(seat, to="7")
    assert until(seat, state("ready")).facts["update"] == 0
    say(seat, "play")
    assert until(seat, ended).facts["update"] == 7
    assert seat.worker.pid == pid


def test_no_frame_of_what_was_loaded_before_comes_after(seat):
    """The browser would draw it into the figures of the new experiment."""
    load(seat, "large", play=True)
    until(seat, state("playing"))
    for to in range(1, 20):
        say(seat, "want")
        load(seat, to=str(to))
        assert "count" in until(seat, lambda facts: True).arrays


def test_a_live_parameter_reaches_the_program(seat):
    load(seat)
    until(seat, state("ready"))
    say(seat, "set", name="gain", value=2.5)
    assert until(seat, lambda facts: facts["set"]).facts["set"] == {"gain": 2.5}


def test_clicks_that_come_together_all_reach_the_program(seat):
    load(seat)
    until(seat, state("ready"))
    clicks = [[x, 0.5] for x in range(5)]
    for at in clicks:
        say(seat, "click", name="at", value=at)
    last = until(seat, lambda facts: len(facts["set"].get("at", [])) == 5)
    assert last.facts["set"] == {"at": clicks}


# Frames.


def test_nothing_is_measured_that_nobody_wants(seat):
    load(seat, play=True, to="300000")
    assert until(seat, ended, want=False).facts["measured"] <= 3


def test_the_numbers_are_the_same_watched_or_not(engine):
    watched, unwatched = engine.seat("watched" * 3), engine.seat("unwatched" * 3)
    for seat in (watched, unwatched):
        load(seat, play=True, to="200000")
    seen, unseen = until(watched, ended).facts, until(unwatched, ended, want=False).facts
    assert seen["total"] == unseen["total"]
    assert seen["measured"] > unseen["measured"]


def test_a_slow_reader_gets_the_newest_frame_and_no_queue(seat):
    load(seat, play=True)
    until(seat, state("playing"))

    async def read():
        numbers, number = [], 0
        for _ in range(3):
            number, frame = await seat.newer(number)
            numbers.append((number, unpack(frame).facts["update"]))
            until(seat, lambda facts, seen=number: seat.number > seen + 3)  # somebody else is faster
        return numbers

    with ThreadPoolExecutor(1) as elsewhere:  # in this thread the loop of a browser may be running
        numbers = elsewhere.submit(asyncio.run, read()).result()
    assert all(later - earlier > 3 for (earlier, _), (later, _) in pairwise(numbers))


def test_who_comes_later_gets_the_picture_too(seat):
    """An ending has no arrays of its own; the picture that was shown stays."""
    load(seat, "breaking", how="type")
    until(seat, state("ready"))
    say(seat, "play")
    assert "count" in until(seat, ended).arrays


# Ends.


@pytest.mark.parametrize(
    ("how", "ending"),
    [
        ("type", {"word": "failed", "values": {"error": "the reason"}}),
        ("key", {"word": "failed", "values": {"error": "'the reason\\nand more'"}}),
        ("division", {"word": "failed", "values": {"error": "the reason"}}),
        ("memory", {"word": "out_of_memory", "values": {}}),
    ],
)
def test_an_exception_is_an_end_with_a_sentence(seat, how, ending):
    load(seat, "breaking", play=True, how=how)
    assert until(seat, ended).facts["ended"] == ending
    load(seat, to="3", play=True)
    assert until(seat, lambda facts: facts.get("ended", {}) != ending and ended(facts)).facts["update"] == 3


def test_an_unknown_program_is_an_end_with_a_sentence(seat):
    load(seat, "nonsense", play=True)
    assert "nonsense" in until(seat, ended).facts["ended"]["values"]["error"]


def test_a_program_that_just_stops_has_finished(seat):
    load(seat, "short", play=True)
    assert until(seat, ended).facts["ended"] == {"word": "finished", "values": {"updates": 2}}


def test_a_killed_run_says_so_leaves_the_others_alone_and_can_start_over(engine):
    victim, other = engine.seat("victim" * 4), engine.seat("other" * 5)
    for seat in (victim, other):
        load(seat, play=True)
        until(seat, state("playing"))
    before, pid, others = unpack(other.newest).facts["update"], victim.worker.pid, other.worker.pid
    os.kill(pid, signal.SIGKILL)
    last = until(victim, ended)
    assert last.facts["ended"] == {"word": "killed", "values": {"signal": signal.SIGKILL}}
    assert last.facts["update"] >= 0
    assert until(other, lambda facts: facts["update"] > before).facts["state"] == "playing"
    assert other.worker.pid == others
    say(victim, "play")
    until(victim, state("playing"))
    assert victim.worker.pid != pid


def test_a_run_that_takes_too_much_memory_is_ended(strict):
    seat = strict(memory=200).seat("greedy" * 4)
    load(seat, "greedy", play=True)
    assert until(seat, ended).facts["ended"]["word"] == "out_of_memory"


def test_a_run_that_takes_too_long_is_ended(strict, monkeypatch):
    monkeypatch.setenv("FBVIZ_SECONDS", "1")
    seat = strict().seat("endless" * 4)
    load(seat, play=True)
    last = until(seat, ended, want=False)
    assert last.facts["ended"] == {"word": "out_of_time", "values": {"seconds": 1}}
    assert 1 <= last.facts["seconds"] < 5


def test_a_process_that_stands_still_holds_nobody_up_is_told_and_ended(strict):
    engine = strict(silence=5)
    seat = engine.seat("standing" * 3)
    load(seat, "deaf")
    until(seat, state("ready"))
    pid = seat.worker.pid
    say(seat, "play")
    for _ in range(20_000):  # more than a socket holds
        say(seat, "want")
    other = engine.seat("lively" * 4)
    load(other, play=True, to="1000")
    assert until(other, ended).facts["update"] == 1000
    assert seat.state != "ended"
    assert until(seat, ended).facts["ended"] == {"word": "silent", "values": {"seconds": 5}}
    assert gone(pid)
    load(seat, to="5", play=True)
    assert until(seat, lambda facts: ended(facts) and facts["update"] == 5)


def test_a_process_that_is_busy_is_left_alone(strict):
    seat = strict(silence=1).seat("busy" * 5)
    load(seat, "busy", play=True)
    assert until(seat, ended, seconds=30).facts["ended"]["word"] == "finished"


def test_a_slow_run_that_waits_for_its_next_update_is_left_alone(strict):
    seat = strict(silence=1).seat("slow" * 5)
    say(seat, "speed", value=0.01)
    with seat.open():
        load(seat, play=True)
        until(seat, state("playing"))
        time.sleep(3)
        assert seat.state == "playing"
        assert alive(seat.worker.pid)


def test_when_the_fork_server_is_killed_its_runs_go_on_and_new_ones_begin(strict):
    engine = strict()
    seat, other = engine.seat("orphan" * 4), engine.seat("later" * 4)
    load(seat, play=True)
    before = until(seat, state("playing")).facts["update"]
    engine.processes.forkserver.process.kill()
    load(other, play=True)
    until(other, state("playing"))
    assert until(seat, lambda facts: facts["update"] > before).facts["state"] == "playing"
    os.kill(seat.worker.pid, signal.SIGKILL)
    assert until(seat, ended).facts["ended"] == {"word": "lost", "values": {}}
    say(seat, "play")
    until(seat, state("playing"))


def test_a_fork_server_that_stands_still_is_replaced_and_who_waited_plays(strict):
    engine = strict(silence=1)
    first = engine.seat("first" * 4)
    load(first, play=True)
    until(first, state("playing"))
    stopped = engine.processes.forkserver.process.pid
    os.kill(stopped, signal.SIGSTOP)
    newcomer = engine.seat("newcomer" * 3)
    load(newcomer, play=True)
    until(newcomer, state("playing"), seconds=30)
    assert first.state == "playing"
    assert gone(stopped)


def test_a_server_without_torch_says_why_to_everybody_and_its_log_says_it_once(caplog):
    engine = Engine(Rules(tick=0.05), "tests.live.missing")
    try:
        seats = [engine.seat(f"nobody{index:_<20}") for index in range(3)]
        for seat in seats:
            load(seat, play=True)
        for seat in seats:
            why = until(seat, ended).facts["ended"]
            assert why["word"] == "broken"
            assert "No module named 'tests.live.missing'" in why["values"]["error"]
        say(seats[0], "play")
        assert "No module named" in engine.trouble
        assert len([record for record in caplog.records if "No run can be started" in record.message]) == 1
    finally:
        engine.close()


def test_a_server_that_can_run_has_no_trouble(engine, seat):
    load(seat)
    until(seat, state("ready"))
    assert engine.trouble == ""


def test_what_goes_wrong_in_the_engine_costs_one_run_and_not_the_others(strict, monkeypatch, caplog):
    engine = strict()
    victim, other = engine.seat("victim" * 4), engine.seat("other" * 5)
    show = Seat.show

    def fail(seat, frame, data):
        if seat is victim and frame.facts.get("update"):
            raise RuntimeError("unforeseen")
        show(seat, frame, data)

    monkeypatch.setattr(Seat, "show", fail)
    load(other, play=True)
    until(other, state("playing"))
    load(victim, play=True)
    say(victim, "want")
    assert until(victim, ended).facts["ended"] == {"word": "failed", "values": {"error": "RuntimeError"}}
    before = unpack(other.newest).facts["update"]
    until(other, lambda facts: facts["update"] > before)
    assert "A step of the engine failed" in caplog.text


# Who may run, and who waits.


def test_those_who_wait_are_told_their_place_as_it_changes(strict):
    engine = strict(runs=2)
    seats = [engine.seat(f"{name:_<20}") for name in "abcd"]
    for seat in seats[:2]:
        load(seat, play=True)
        until(seat, state("playing"))
    for place, seat in enumerate(seats[2:], start=1):
        load(seat, play=True)
        assert until(seat, state("queued")).facts["place"] == place
    load(seats[0], to="1", play=True)
    until(seats[2], state("playing"))
    assert until(seats[3], state("queued")).facts["place"] == 1
    assert seats[0].worker is None
    assert unpack(seats[0].newest).facts["update"] == 1  # what it showed stays


def test_a_run_with_nothing_to_lose_makes_room_at_once(strict):
    engine = strict(runs=1)
    first, second = engine.seat("first" * 4), engine.seat("second" * 4)
    load(first)
    until(first, state("ready"))
    load(second, play=True)
    until(second, state("playing"))
    say(first, "play")
    assert until(first, state("queued")).facts["place"] == 1
    say(second, "reset")
    until(first, state("playing"))


def test_who_pauses_in_the_queue_does_not_begin_to_play(strict):
    engine = strict(runs=1)
    first, second = engine.seat("first" * 4), engine.seat("second" * 4)
    load(first, play=True)
    until(first, state("playing"))
    load(second, play=True)
    until(second, state("queued"))
    say(second, "pause")
    load(first, to="1", play=True)
    assert until(second, state("ready", "playing")).facts["state"] == "ready"


def test_a_run_is_paused_when_its_browser_has_gone_and_given_up_later(strict):
    engine = strict(grace=0.3, release=5)
    seat = engine.seat("leaving" * 4)
    with seat.open():
        load(seat, play=True)
        until(seat, state("playing"))
        time.sleep(0.6)
        assert seat.state == "playing"
    pid = seat.worker.pid
    until(seat, state("paused"), want=False)
    assert alive(pid)
    assert gone(pid, seconds=30)
    assert seat.token not in engine.seats


def test_a_browser_that_comes_back_in_time_finds_its_run(strict):
    engine = strict(grace=10, release=60)
    seat = engine.seat("tunnel" * 4)
    with seat.open():
        load(seat, play=True)
        before = until(seat, state("playing")).facts["update"]
    time.sleep(0.2)
    with engine.seat("tunnel" * 4).open():
        say(seat, "want")
        assert until(seat, lambda facts: facts["update"] > before).facts["state"] == "playing"


def test_a_gone_browser_makes_room_for_one_that_waits(strict):
    engine = strict(runs=1, grace=0.2)
    first, second = engine.seat("first" * 4), engine.seat("second" * 4)
    with first.open():
        load(first, play=True)
        until(first, state("playing"))
    with second.open():
        load(second, play=True)
        until(second, state("playing"))
    assert unpack(first.newest).facts["gave"] == "away"
    assert first.left.made > 0


def test_a_browser_that_went_from_the_queue_takes_no_process(strict):
    engine = strict(runs=1, grace=0.2)
    first, second = engine.seat("first" * 4), engine.seat("second" * 4)
    with first.open():
        load(first, play=True)
        until(first, state("playing"))
        with second.open():
            load(second, play=True)
            until(second, state("queued"), want=False)
        until(second, state("ready"), want=False)
        assert not engine.waiting


def test_a_seat_the_server_has_forgotten_asks_for_what_to_load(engine, seat):
    say(seat, "play")
    assert until(seat, state("empty"), want=False)
    load(seat)
    assert until(seat, state("ready"))


def test_a_full_server_says_so(strict):
    engine = strict(seats=1)
    engine.seat("first" * 4)
    with pytest.raises(RefusedError, match="1 views are open"):
        engine.seat("second" * 4)
    assert engine.seat("first" * 4)


# Commands from anywhere.


@pytest.mark.parametrize(
    "command",
    [
        {},
        [],
        None,
        "play",
        {"do": "explode"},
        {"do": "load", "program": "counting"},
        {"do": "load", "program": 7, "query": {}},
        {"do": "load", "program": "counting", "query": {"to": 7}},
        {"do": "load", "program": "counting", "query": {}, "values": []},
        {"do": "load", "program": "counting", "query": {"to": "7" * 9999}},
        {"do": "load", "program": "c" * 99, "query": {}},
        {"do": "load", "program": "counting", "query": {str(n): "" for n in range(999)}},
        {"do": "load", "program": "counting", "query": {}, "values": {"deep": [[[1]]]}},
        {"do": "speed", "value": "fast"},
        {"do": "speed", "value": float("nan")},
        {"do": "speed", "value": True},
        {"do": "set", "name": "x", "value": {"a": 1}},
        {"do": "set", "name": "x", "value": [0] * 9999},
        {"do": "set", "name": "x", "value": "x" * 9999},
        {"do": "set", "name": "x" * 99, "value": 1},
        {"do": "click", "name": "at", "value": [1]},
        {"do": "click", "name": "at", "value": "here"},
        {"do": {"do": "play"}},
    ],
)
def test_what_is_no_command_is_refused_in_a_sentence(seat, command):
    with pytest.raises(RefusedError, match="no such command"):
        seat.hear(json.dumps(command))


def test_many_threads_may_command_at_once(engine):
    seats = [engine.seat(f"thread{index:_<20}") for index in range(8)]

    def use(seat):
        for _ in range(20):
            load(seat, play=True)
            for word in ("pause", "step", "want", "reset", "play", "want"):
                say(seat, word)
        load(seat, to="100", play=True)

    threads = [threading.Thread(target=use, args=(seat,)) for seat in seats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seat in seats:
        assert until(seat, ended).facts["update"] == 100


def test_a_closed_engine_leaves_no_process(strict):
    engine = strict()
    seats = [engine.seat(f"closing{index:_<20}") for index in range(3)]
    for seat in seats:
        load(seat, play=True)
        until(seat, state("playing"))
    pids = [seat.worker.pid for seat in seats] + [engine.processes.forkserver.process.pid]
    start = time.monotonic()
    engine.close()
    assert gone(*pids)
    assert time.monotonic() - start < 10
