"""A loop that remembers: what its words say."""

import numpy as np
import torch

from fbviz.chapters.associative_memory import hopfield
from fbviz.chapters.associative_memory.figures import CLASSICAL_LIMIT
from fbviz.chapters.associative_memory.recall import CELLS, GLYPHS
from fbviz.chapters.associative_memory.two_neurons import START, SWAPS
from fbviz.chapters.associative_memory.values import SIDE, CapacityDials, TwoNeuronsDials, glyphs
from tests.claims.claim import chapter
from tests.learning.runners import frames

says = chapter("associative-memory")


@says(
    "Five pictures of {} × {} cells are kept in the connections of {} neurons.",
    "with {} of its {} cells flipped",
    "We start at {}.)",
    "it stays near {}",
    "Each of the {} cells is pulled by all the others.",
    "After {} flips the heart is whole.",
)
def recall_of_a_heart(seen):
    frame = seen("spoiled")
    started = next(frames("recall")).facts["overlap"]
    flipped = CELLS * (1 - started) / 2
    assert GLYPHS == 5
    return SIDE, SIDE, CELLS, flipped, CELLS, started, started, CELLS, frame.facts["update"]


@says(
    "With {} % of the cells flipped the classical network repaired all five pictures in every one of {} tries; "
    "with {} % in {} of them; with {} % in {}."
)
def spoiled_more_and_more(seen):
    """Each of the five from twenty seeds."""
    parts = (0.2, 0.3, 0.4)
    right = {part: sum(repaired(pattern, part, seed) for pattern in range(5) for seed in range(20)) for part in parts}
    assert right[0.2] == 100
    return 20, 100, 30, right[0.3], 40, right[0.4]


def repaired(pattern, part, seed):
    """Is a picture whole again?"""
    stored = torch.tensor(glyphs()).reshape(GLYPHS, CELLS)
    dice = torch.Generator().manual_seed(seed)
    state = hopfield.noisy(stored[pattern], part, dice)
    for _ in hopfield.flips(hopfield.hebbian(stored), state, dice):
        pass
    return torch.equal(state, stored[pattern])


@says(
    "They start almost alike, at 1 and {}, and both are updated at the same moment, {} times.",
    "a cycle of two, with a step of {} each time",
)
def two_neurons_that_swap(seen):
    assert START[0] == 1
    return START[1], SWAPS, seen("swap").facts["residual"]


@says(
    "Pull the slider down: at $\\lambda = 0.6$ and below one wins and one loses; from $0.7$ on they swap "
    "for ever, only less far."
)
def damping_lets_one_win_wherever_the_slider_stands(seen):
    rule = TwoNeuronsDials.rules()["damping"]
    places = np.arange(rule.low, rule.high + rule.step / 2, rule.step).round(6).tolist()
    _, *moved = seen.moved("damping", *({"damping": place} for place in places))
    steps = {}
    for damping, frame in zip(places, moved, strict=True):
        first, second = (frame.arrays[f"swap.{name}"][-1] for name in ("first", "second"))
        if damping <= 0.6:
            assert first > 0.8
            assert second < -0.8
        else:
            assert abs(first - second) < 1e-6
            steps[damping] = frame.facts["residual"]
    assert [*steps] == [0.7, 0.8, 0.9, 1.0]
    assert [*steps.values()] == sorted(steps.values())
    assert min(steps.values()) > 0.5
    return 0.6, 0.7


@says("and count those that do (overlap above {})")
def what_counts_as_staying(seen):
    """An overlap of 0.92 does, one of 0.9 does not."""
    goal, place = torch.ones(1, 100), torch.arange(100)
    states = [torch.where(place < flipped, -1.0, 1.0)[None] for flipped in (4, 5)]
    assert [hopfield.recalled(state, goal) for state in states] == [1, 0]
    return [hopfield.overlap(states[1], goal).item()]


@says(
    "{} neurons, {} random pictures: a load of {}.",
    "Of the {} pictures, it",
    "Up to about {} pictures a neuron almost all of them stay",
    "At {} only {} % are left, at {} none.",
    "At {} pictures, a load of {}, it still holds nearly all.",
    "The limit {} was calculated",
    "The same {} neurons and {} random pictures",
)
def the_cliff(seen):
    share = shares(seen("overload"))
    assert min(part for load, part in share.items() if load < CLASSICAL_LIMIT) > 0.95
    assert share[0.12] > 0.95
    assert share[0.26] == 0
    neurons = CapacityDials.start()["neurons"]
    count = 0.2 * neurons
    limits = (CLASSICAL_LIMIT, 0.2, 100 * share[0.2], 0.26, 0.12 * neurons, 0.12, CLASSICAL_LIMIT)
    return neurons, count, 0.2, count, *limits, neurons, count


def shares(frame):
    """The share of patterns that classical storage still holds, by its load."""
    loads = (round(float(load), 2) for load in frame.arrays["capacity.loads"])
    return dict(zip(loads, frame.arrays["capacity.classical"].tolist(), strict=True))


@says("With fewer the cliff is less steep, as you can see with the slider.")
def fewer_neurons_have_a_gentler_cliff(seen):
    few, many = shares(seen("capacity", neurons=100)), shares(seen("overload"))
    assert width(few) > width(many)


def width(share):
    """Loads from the last at which nine of ten are held to the first at which less than one is."""
    return min([load for load, part in share.items() if part < 0.1], default=max(share)) - max(
        load for load, part in share.items() if part >= 0.9
    )


@says(
    "A picture's product with itself is {}, with another one about ±{}.",
    "With only {} neurons the same update holds {} pictures without an error.",
    "with the modern update at β = 1",
)
def what_softmax_tells_apart(seen):
    patterns = hopfield.random_patterns(100, 500, seed=0)
    products = patterns @ patterns.T
    others = products[~torch.eye(100, dtype=torch.bool)]
    many = hopfield.random_patterns(10_000, 64, seed=0)
    assert torch.equal(torch.sign(hopfield.modern(many, many, beta=1.0)), many)
    assert abs(others.std() - 500**0.5) < 0.5
    return products[0, 0], 500**0.5, 64, 10_000


@says(
    "choose the modern update, and pull β down to {}. The state ends in a mixture that resembles all five pictures a "
    "little and is none of them."
)
def a_mixture_of_all(seen):
    *_, last = seen.moved("memory", {"rule": 1, "beta": 0.02})
    overlaps = last.arrays["recall.overlaps"][:5]
    assert 0.2 < overlaps.min() < overlaps.max() < 0.5
    return [0.02]
