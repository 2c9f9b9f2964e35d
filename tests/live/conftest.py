"""Engines with real worker processes, whose programs only count."""

import time

import pytest

from fbviz.frames import unpack
from fbviz.live.engine import Engine
from fbviz.live.places import Rules
from fbviz.live.requests import bounded

PROGRAMS = "tests.live.counting"


@pytest.fixture(scope="module")
def house():
    engine = Engine(programs=PROGRAMS)
    yield engine
    engine.close()


@pytest.fixture
def engine(house):
    """An engine in which no run of an earlier test goes on counting."""
    yield house
    with house.lock:
        for seat in list(house.seats.values()):
            house.forget(seat)


@pytest.fixture
def strict():
    """Makes engines with rules of their own."""
    engines = []

    def make(**rules):
        engines.append(Engine(Rules(tick=0.05, **rules), PROGRAMS))
        return engines[-1]

    yield make
    for engine in engines:
        engine.close()


@pytest.fixture
def seat(engine, request):
    """A view of a browser."""
    return engine.seat(f"{request.node.name:_<20.60}")


def say(seat, do, **more):
    """What a browser says, however much it says a second."""
    seat.obey(seat, bounded({"do": do, **more}))


def load(seat, program="counting", *, play=False, **query):
    say(seat, "load", program=program, query=query, play=play)


def until(seat, true, *, want=True, seconds=60):
    """The first frame that is `true`; until then a browser draws and wants the next, or only waits."""
    number, end = -1, time.monotonic() + seconds
    while time.monotonic() < end:
        if seat.newest and seat.number != number:
            number, frame = seat.number, unpack(seat.newest)
            if true(frame.facts):
                return frame
            if want:
                say(seat, "want")
        time.sleep(0.002)
    pytest.fail(f"It never came to that; the last is {unpack(seat.newest).facts if seat.newest else 'nothing'}.")


def state(*words):
    return lambda facts: facts["state"] in words


def ended(facts):
    """Is it over? A program may go on answering then."""
    return facts["state"] == "ended" or bool(facts.get("idle"))
