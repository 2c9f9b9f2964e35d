"""How long a reader waits, told in updates and frames: what takes how many seconds is for `make bench`."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from fbviz.chapters.gradients_back import three_gradients
from fbviz.chapters.thinking_longer import puzzles, thinking
from fbviz.commands import Load
from fbviz.frames import Frame, unpack
from fbviz.worker import runner as module
from fbviz.worker.runner import Runner
from tests.learning.runners import frames

SHORT = "updates=7&points=20"
FREE = "task=spiral&hidden=16&steps=30&updates=40&learning_rate=0.03&batch=50"  # the free loop stops before 40


def shares(shown):
    return [frame.facts["share"] for frame in shown]


def decided(shown):
    """How many frames come before what is asked is known; and that it is known from then on."""
    known = [frame.facts["known"] for frame in shown]
    first = known.index(True)
    assert all(known[first:])
    return first


@pytest.mark.parametrize("program", ["training", "evaluation", "unrolled", "twins", "gains", "four_loops", "spectrum"])
def test_the_share_of_a_training_is_that_of_its_updates(program):
    assert shares(frames(program, SHORT))[:8] == pytest.approx(np.arange(8) / 7)


def test_of_runs_side_by_side_the_one_that_went_furthest_says_how_far_they_are():
    shown = list(frames("free_and_held", FREE, step=5))

    assert shares(shown)[:9] == pytest.approx(np.arange(9) / 8)


def test_what_a_walk_asks_is_known_before_its_first_step():
    assert decided(list(itertools.islice(frames("walk", "hidden=3&feedback=output&steps=3"), 3))) == 0


def test_when_a_free_loop_has_lost_its_fixed_point_the_question_is_decided_and_the_held_one_goes_on():
    shown = list(frames("free_and_held", FREE, step=5))
    made = [frame.facts["free_and_held"]["free"]["updates"] for frame in shown]
    first = decided(shown)

    assert 0 < first < len(shown) / 2 + 1
    assert shown[first].facts["update"] < 30 < shown[-1].facts["update"]
    assert set(made[first:]) == {made[-1]}
    assert made[first - 1] < made[-1]


def test_a_memory_is_filled_to_the_load_that_is_asked_about_first_and_then_everywhere():
    shown = list(frames("capacity", values={"neurons": 100}))
    first = decided(shown)

    assert np.isfinite(shown[first].arrays["capacity.classical"]).sum() == 1
    assert np.isfinite([shown[first].facts[name]["at_20"] for name in ("classical", "modern")]).all()
    assert not np.isfinite(shown[first - 1].facts["classical"]["at_20"])
    assert np.isfinite(shown[-1].arrays["capacity.classical"]).all()
    assert shares(shown) == sorted(shares(shown))
    assert shares(shown)[-1] == 1


@pytest.fixture
def brief(monkeypatch):
    """Twenty updates, and a look ahead after each tenth."""
    monkeypatch.setattr(thinking.Practice, "enough", property(lambda self: 20, lambda self, value: None), raising=False)
    monkeypatch.setattr(puzzles, "PIECES", 1)
    monkeypatch.setattr(puzzles, "FORECAST", 10)


def test_the_network_a_reader_is_asked_about_learns_first_and_is_asked_before_the_other_begins(brief):
    shown = list(frames("flood_fill_peers"))
    first = decided(shown)

    assert shown[first].facts["update"] == 20
    assert shown[-1].facts["update"] == 40
    assert np.isfinite(shown[first].arrays["exact.forward"]).all()
    assert np.isnan(shown[first].arrays["exact.loop"]).all()
    assert shares(shown)[:-1] == pytest.approx(np.arange(len(shown) - 1) / (2 * 23), abs=0.05)


@pytest.mark.parametrize("program", ["flood_fill", "think_parity"])
def test_how_larger_puzzles_are_solved_is_seen_while_the_loop_learns(brief, program):
    shown = list(frames(program))
    size = {"flood_fill": "24", "think_parity": "32"}[program]
    known = [np.isfinite(frame.facts["exact"][size]) for frame in shown]

    assert (shown[known.index(True)].facts["update"], all(known[10:])) == (10, True)
    assert shares(shown)[-1] == 1
    assert not any(frame.facts["known"] for frame in shown)  # what is measured is measured at the end


def test_three_gradients_are_compared_anew_when_a_run_has_gone_on_twice_as_far(monkeypatch):
    compared = []

    class Counted(three_gradients.Comparison):
        def __init__(self, run):
            compared.append(run.updates)
            super().__init__(run)

    monkeypatch.setattr(three_gradients, "Comparison", Counted)
    list(frames("three_gradients", "updates=450&points=20&steps=2&hidden=2", step=10))

    assert compared == [0, 50, 100, 200, 400, 450]


def test_a_run_spends_no_more_time_on_frames_than_on_its_updates(monkeypatch):
    """An update takes 10 ms here and a frame 200 ms, by a clock that only they move."""
    now, spent = [0.0], {"updates": 0.0, "frames": 0.0}
    monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=lambda: now[0]))

    def take(what, seconds):
        now[0] += seconds
        spent[what] += seconds

    def slow(experiment, asked):
        for update in range(1000):
            if asked.wanted(update):
                take("frames", 0.2)
                yield Frame({"update": update})
            take("updates", 0.01)

    class Browser:
        """It wants the next frame as soon as it has one."""

        def poll(self, timeout):
            watching.want = True
            return False

        def send_bytes(self, data):
            assert unpack(data).facts

    watching = Runner(Browser(), {"slow": slow})
    watching.playing = True
    watching.pull(Load("slow", {}, {}))

    assert 0.9 < spent["frames"] / spent["updates"] < 1.1
