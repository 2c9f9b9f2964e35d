from collections import deque

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fbviz.chapters.thinking_longer import puzzles, thinking, values
from tests.learning.runners import frames


def search(free, start):
    """Breadth-first search with a queue, one maze at a time."""
    away = np.full(free.shape, -1)
    first = tuple(np.argwhere(start)[0])
    away[first], queue = 0, deque([first])
    while queue:
        y, x = queue.popleft()
        for b, a in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
            if 0 <= b < len(free) and 0 <= a < len(free) and free[b, a] and away[b, a] < 0:
                away[b, a] = away[y, x] + 1
                queue.append((b, a))
    return away


@given(st.integers(0, 2**31 - 1), st.integers(1, 20))
def test_distances_in_a_maze_are_those_of_a_search_with_a_queue(seed, side):
    free, start = values.mazes(3, side, np.random.default_rng(seed))

    assert (start.sum((1, 2)) == 1).all()
    assert (free | ~start).all()
    for found, one, first in zip(values.distances(free, start), free, start, strict=True):
        np.testing.assert_array_equal(found, search(one, first))


@given(st.lists(st.integers(0, 1), min_size=1, max_size=40))
def test_the_running_parity_is_that_of_counting(bits):
    assert values.running_parity(np.array(bits)).tolist() == [sum(bits[: i + 1]) % 2 for i in range(len(bits))]


def test_the_networks_have_the_parameters_that_the_text_names():
    assert [p().size for p in (thinking.flood_fill, thinking.parity, thinking.forward_fill)] == [233, 249, 14_629]


def test_an_answer_at_a_step_does_not_depend_on_how_many_steps_follow():
    practice = thinking.flood_fill()
    free, start = values.mazes(2, 8, np.random.default_rng(0))
    short, long = (thinking.fills(practice.network, free, start, steps) for steps in (5, 20))

    np.testing.assert_array_equal(short, long[:5])


def test_a_step_hears_no_farther_than_the_next_cell():
    """Change a wall d cells away: the answer here cannot change before step d."""
    network = thinking.flood_fill().network
    free, start = (torch.from_numpy(a[0]) for a in values.mazes(1, 9, np.random.default_rng(1)))
    changed = free.clone()
    changed[8, 8] ^= True
    with torch.no_grad():
        before, after = (network(torch.stack([f, start])[None].float(), 9)[:, 0] for f in (free, changed))
    differs = before != after  # (T, H, W)
    assert differs[-1].any()

    for t in range(9):
        rows, columns = np.nonzero(differs[t].numpy())
        assert all(8 - min(y, x) <= t + 1 for y, x in zip(rows, columns, strict=True))


def test_a_network_without_a_loop_hears_no_farther_than_its_layers():
    network = thinking.forward_fill().network
    x = torch.zeros(1, 2, 30, 30)
    far = x.clone()
    far[0, 0, 0, 0] = 1.0
    with torch.no_grad():
        differs = (network(x, 1) != network(far, 1))[0, 0].numpy()

    assert differs[:13, :13].any()
    assert not differs[13:].any()
    assert not differs[:, 13:].any()


def trained(make, seed):
    practice = make(seed)
    while practice.updates < practice.enough:
        practice.update()
    return practice.network


@pytest.fixture
def peer(watched):
    """As its program trains it."""
    _, (_, network) = watched("flood_fill_peers")
    return network


@pytest.fixture(params=[0, 1, 2])
def loop(request, watched, once):
    if request.param:
        return once(trained, thinking.flood_fill, request.param)
    _, [network] = watched("flood_fill")
    return network


@pytest.fixture(params=[0, 1, 2])
def counter(request, watched, once):
    if request.param:
        return once(trained, thinking.parity, request.param)
    _, [network] = watched("think_parity")
    return network


def test_a_loop_trained_on_small_mazes_fills_large_ones_when_it_runs_longer(loop):
    assert thinking.exact_fills(loop, 8, 100, seed=5) >= 0.95
    assert thinking.exact_fills(loop, 16, 100, seed=5) >= 0.95
    assert thinking.exact_fills(loop, 24, 100, seed=5) >= 0.9


def corridor(side):
    """One way that winds through the whole maze, from a corner."""
    free, start = np.ones((1, side, side), bool), np.zeros((1, side, side), bool)
    free[0, 1::2], start[0, 0, 0] = False, True
    free[0, 1::4, -1] = free[0, 3::4, 0] = True
    return free, start


def test_a_corridor_of_299_steps_is_right_only_when_the_loop_runs_that_long_and_stays_right(loop):
    free, start = corridor(24)
    away = values.distances(free, start)
    said = thinking.fills(loop, free, start, 1000)

    assert away.max() == 299
    assert not (said[127] == (away >= 0)).all()
    assert (said[319] == (away >= 0)).all()
    assert (said[999] == (away >= 0)).all()


def test_a_plain_network_that_learned_small_mazes_does_not_fill_large_ones(peer):
    assert thinking.exact_fills(peer, 8, 100, seed=5) > 0.5
    assert thinking.exact_fills(peer, 16, 100, seed=5) < 0.4
    assert thinking.exact_fills(peer, 24, 100, seed=5) < 0.3


def test_a_loop_trained_on_short_strings_counts_long_ones(counter):
    assert thinking.exact_parities(counter, 16, 500, seed=5) >= 0.99
    assert thinking.exact_parities(counter, 32, 500, seed=5) >= 0.99


# The programs, trained a little only.


@pytest.fixture
def brief(monkeypatch):
    """Six updates of training are enough to see a program work."""
    monkeypatch.setattr(thinking.Practice, "enough", property(lambda self: 6, lambda self, value: None), raising=False)
    monkeypatch.setattr(puzzles, "PIECES", 1)


def idle(program, values, then=()):
    return [frame for frame in frames(program, values=values, then=then) if frame.facts.get("idle")]


def test_a_maze_is_marked_against_the_search(brief):
    [last] = idle("flood_fill", {"size": 8, "seed": 22, "t": 4})
    free, start = values.mazes(1, 8, np.random.default_rng(22))
    away, cells = search(free[0], start[0]), last.arrays["maze.cells"]

    assert cells.shape == (8, 8)
    answered = (cells == puzzles.ANSWERED) | (cells == puzzles.START)
    assert (away[answered] >= 0).all()
    assert set(cells[away >= 0]) <= {puzzles.ANSWERED, puzzles.START, puzzles.WRONG}


@pytest.mark.parametrize("t", [1, 5, 128])
def test_as_much_of_a_maze_and_of_a_string_is_orange_as_the_curve_says_is_not_right(brief, t):
    """At the first steps much has not been told yet. Of the start its own colour is seen."""
    [maze], [string] = idle("flood_fill", {"size": 8, "t": t}), idle("think_parity", {"length": 16, "t": min(t, 64)})
    wrong = maze.arrays["maze.cells"] == puzzles.WRONG
    unseen = 64 * (1 - maze.arrays["answer.now_right"][0]) - wrong.sum()

    assert round(unseen) in (0, 1)
    assert (string.arrays["parity.rows"][1] == 2).mean() == pytest.approx(1 - string.arrays["answer.now_right"][0])
    assert wrong.any() or t > 1


def test_the_learner_puts_up_walls_and_moves_the_start(brief):
    free, start = values.mazes(1, 8, np.random.default_rng(0))
    y, x = np.argwhere(free[0] & ~start[0])[0].tolist()
    shown = idle(
        "flood_fill", {"size": 8}, [{"wall": [[x, y]]}, {"wall": [[x, y]]}, {"wall": [[x, y]], "tool": 1}, {"t": 1}]
    )
    first, walled, freed, moved, _ = (frame.arrays["maze.cells"] for frame in shown)

    assert walled[y, x] in (puzzles.WALL, puzzles.WRONG)
    np.testing.assert_array_equal(freed, first)
    assert moved.shape == (8, 8)
    assert shown[4].arrays["answer.now"].tolist() == [1]


def test_what_can_be_reached_is_searched_again_after_every_click():
    free, start = values.mazes(1, 8, np.random.default_rng(0))
    y, x = np.argwhere(free[0] & ~start[0])[0].tolist()
    scene = puzzles.Maze()
    scene.look({"size": 8})
    np.testing.assert_array_equal(scene.away, search(free[0], start[0]))
    scene.look({"size": 8, "wall": [[x, y]]})
    free[0, y, x] = False
    np.testing.assert_array_equal(scene.away, search(free[0], start[0]))
    scene.look({"size": 8, "wall": [[x, y]], "tool": 1})
    free[0, y, x] = True
    np.testing.assert_array_equal(scene.away, search(free[0], np.eye(1, 64, y * 8 + x, dtype=bool).reshape(8, 8)))


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.sampled_from(["wall", "bit", "t", "size", "seed", "tool", "length"]),
        st.none()
        | st.booleans()
        | st.text(max_size=3)
        | st.floats()
        | st.integers()
        | st.lists(st.floats(), max_size=3),
    )
)
def test_what_a_browser_sends_cannot_break_a_scene(values):
    network = thinking.flood_fill(), thinking.parity()
    for scene, practice in zip((puzzles.Maze(), puzzles.String()), network, strict=True):
        scene.look(dict(values))
        arrays = scene.picture(practice)
        assert 0 <= arrays["answer.now_right"][0] <= 1


def test_a_click_before_play_is_answered_and_teaches_nothing(brief):
    for i, frame in enumerate(frames("flood_fill", values={"size": 8, "wall": [[1, 1]]})):
        assert frame.facts["update"] == i
        if i == 2:
            break


def test_a_click_turns_a_bit_and_every_parity_after_it(brief):
    before, after = idle("think_parity", {"length": 12}, [{"bit": [[4, 1]]}])
    bits, odd = before.arrays["parity.rows"][[0, 2]]

    assert (after.arrays["parity.rows"][0] != bits).nonzero()[0].tolist() == [4]
    assert ((after.arrays["parity.rows"][2] != odd) == (np.arange(12) >= 4)).all()


def test_both_networks_are_asked_for_every_size(brief):
    *_, last = frames("flood_fill_peers")

    assert last.facts["ended"]["word"] == "finished"
    for name in ("loop", "forward"):
        assert last.arrays[f"exact.{name}"].shape == (3,)
        assert np.isfinite(last.arrays[f"exact.{name}"]).all()
