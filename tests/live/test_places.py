"""Places are fair: who rests or has had a share gives way to who waits, and goes on from the same numbers."""

import time

import pytest

from fbviz.frames import unpack
from fbviz.live.engine import Engine
from fbviz.live.places import Rules
from tests.live.conftest import ended, load, say, state, until


@pytest.fixture
def pair(strict):
    """An engine of one place, and two views that somebody looks at."""
    engine = strict(runs=1, rest=0.5, share=1)
    first, second = engine.seat("first" * 4), engine.seat("second" * 4)
    with first.open(), second.open():
        yield engine, first, second


def test_a_run_that_has_rested_gives_its_place_to_who_waits_and_goes_on_where_it_was(pair):
    _, first, second = pair
    load(first, play=True)
    until(first, lambda facts: facts["update"] > 1000)
    say(first, "pause")
    held = until(first, state("paused")).facts
    load(second, play=True)
    until(second, state("playing"), seconds=30)
    assert until(first, lambda facts: facts.get("gave"), want=False).facts["gave"] == "rest"
    assert unpack(first.newest).facts["update"] == held["update"]
    say(first, "step")
    after = until(first, lambda facts: facts["update"] > held["update"], want=False).facts
    assert after["update"] == held["update"] + 1
    assert after["total"] == (held["total"] * 31 + after["update"]) % 1_000_003


def test_a_third_learner_gets_one_of_two_places_that_are_paused(strict):
    engine = strict(runs=2, rest=0.5)
    seats = [engine.seat(f"{name:_<20}") for name in "abc"]
    for seat in seats[:2]:
        load(seat, play=True)
        until(seat, state("playing"))
        say(seat, "pause")
        until(seat, state("paused"))
    load(seats[2], play=True)
    until(seats[2], state("playing"), seconds=30)
    assert sum(seat.worker is not None for seat in seats) == 2


def test_runs_that_have_had_their_share_take_turns_and_both_end_with_their_own_numbers(pair):
    engine, first, second = pair
    to = 1500
    alone = engine.seat("alone" * 4)
    with alone.open():
        load(alone, play=True, to=str(to))
        total = until(alone, ended, seconds=60).facts["total"]
    for seat in (first, second):
        say(seat, "speed", value=500)  # three seconds on any machine, and a share is one
        load(seat, play=True, to=str(to))
    until(second, state("playing"), seconds=60)
    assert until(first, lambda facts: facts.get("gave"), want=False).facts["gave"] == "share"
    assert first.state == "queued"
    for seat in (first, second):
        assert until(seat, ended, seconds=90).facts["total"] == total


def test_a_run_without_checkpoints_keeps_its_place_while_it_makes_again_what_it_had_made(pair):
    _, first, second = pair
    for seat, to in ((first, 500_000), (second, 600_000)):
        load(seat, "dialled", play=True, to=str(to))
    for seat in (first, second):
        until(seat, lambda facts: facts.get("idle"), seconds=60)


def test_a_run_that_may_not_give_its_place_yet_keeps_it(strict):
    engine = strict(runs=1, rest=60, share=60)
    first, second = engine.seat("first" * 4), engine.seat("second" * 4)
    with first.open(), second.open():
        load(first, play=True)
        until(first, state("playing"))
        load(second, play=True)
        until(second, state("queued"))
        time.sleep(0.5)
        assert first.state == "playing"
        assert second.state == "queued"


def test_a_page_holds_one_place_however_many_views_it_has_played(strict):
    engine = strict()
    views = [engine.seat(f"{'page' * 5}.{number}") for number in range(6)]
    for view in views:
        load(view, to="50")
        until(view, state("ready"))
    for view in views:
        say(view, "play")
        until(view, ended)
    assert sum(view.worker is not None for view in views) == 1
    assert all(unpack(view.newest).facts["update"] == 50 for view in views)


def test_what_plays_on_a_page_pauses_what_played_there_before(strict):
    engine = strict()
    first, second = (engine.seat(f"{'page' * 5}.{number}") for number in range(2))
    other = engine.seat("other" * 5)
    for seat in (first, other, second):
        load(seat, play=True)
        until(seat, state("playing"))
    facts = until(first, state("paused")).facts
    assert facts["gave"] == "page"
    assert (second.state, other.state) == ("playing", "playing")
    say(first, "play")
    assert until(first, state("playing")).facts["update"] >= facts["update"]
    until(second, state("paused"))


def test_a_view_that_is_only_looked_at_does_not_pause_the_one_that_plays(strict):
    engine = strict()
    first, second = (engine.seat(f"{'page' * 5}.{number}") for number in range(2))
    load(first, play=True)
    until(first, state("playing"))
    load(second)
    until(second, state("ready"))
    before = unpack(first.newest).facts["update"]
    until(first, lambda facts: facts["update"] > before)
    assert first.state == "playing"


def changed(seat, moves):
    """Play `dialled`, with changes and clicks at certain updates; returns the total it comes to rest with."""
    load(seat, "dialled", to="400")
    until(seat, state("ready", "paused"))
    for update, command in moves:
        while unpack(seat.newest).facts["update"] < update:
            before = unpack(seat.newest).facts["update"]
            say(seat, "step")
            until(seat, lambda facts, before=before: facts["update"] > before)
        if command is None:
            seat.leave()
        else:
            say(seat, **command)
    say(seat, "play")
    return until(seat, lambda facts: facts.get("idle"), seconds=30).facts["total"]


def test_a_run_that_gave_its_place_away_comes_to_the_same_numbers_with_each_value_set_where_it_was(strict):
    engine = strict()
    plain, left = engine.seat("plain" * 5), engine.seat("leaving" * 4)

    def leave():
        with engine.lock:
            engine.leave(left.worker, "rest")
        end = time.monotonic() + 20
        while left.worker and time.monotonic() < end:
            time.sleep(0.01)
        assert left.worker is None

    left.leave = leave
    moves = [
        (3, {"do": "set", "name": "dial", "value": 5}),
        (3, {"do": "click", "name": "at", "value": [1, 2]}),
        (9, {"do": "set", "name": "dial", "value": 2}),
        (9, {"do": "set", "name": "dial", "value": 9}),
        (12, {"do": "click", "name": "at", "value": [3, 4]}),
    ]
    away = [*moves[:3], (10, None), *moves[4:], (12, None)]
    expected = changed(plain, [*moves[:3], *moves[4:]])
    assert changed(left, away) == expected
    assert expected != changed(engine.seat("unmoved" * 4), [])

    leave()  # at rest, too, it goes on answering from where it stands
    say(left, "set", name="after", value=3)
    assert until(left, lambda facts: facts["total"] == expected + 3000, seconds=30)


def test_a_real_run_goes_on_from_its_checkpoint_bit_for_bit():
    engine = Engine(Rules(runs=1, rest=0.2, tick=0.05))
    try:
        first, second, whole = (engine.seat(f"{name:_<20}") for name in ("first", "second", "whole"))
        query = {"task": "xor", "updates": "300", "batch": "7"}
        load(whole, "training", play=True, **query)
        expected = until(whole, ended, seconds=60)
        load(first, "training", **query)
        until(first, state("ready"))
        for step in range(5):
            say(first, "step")
            until(first, lambda facts, n=step: facts["update"] > n)
        with first.open(), second.open():
            load(second, "training")
            until(second, state("ready"), seconds=60)
            assert first.worker is None
            assert first.left.checkpoint
            say(first, "play")
            last = until(first, ended, seconds=60)
        assert last.facts["test_loss"] == expected.facts["test_loss"]
        for name, array in expected.arrays.items():
            assert last.arrays[name].tobytes() == array.tobytes(), name
    finally:
        engine.close()
