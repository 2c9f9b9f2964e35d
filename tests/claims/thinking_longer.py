"""Thinking longer: what its words say."""

import numpy as np
from torch import nn

from fbviz.chapters.thinking_longer import thinking
from fbviz.chapters.thinking_longer.puzzles import LONG
from fbviz.chapters.thinking_longer.thinking import LENGTH, SIDE, STEPS, STEPS_FOR
from fbviz.chapters.thinking_longer.values import SIDES, distances, mazes
from tests.claims.claim import About, chapter
from tests.learning.test_thinking import corridor

says = chapter("thinking-longer")
LARGE = SIDES[-1]


@says(
    "A loop of {} parameters learns, on mazes of {} × {}, which cells can be reached from the start. It runs {} steps. "
    "Then it gets mazes of {} × {}, nine times the area, and runs {} steps.",
    "Of the mazes of 24 × 24,",
    "a {} × {} window",
    "at most $t$ steps away from the start, for {} steps",
)
def what_is_learned_and_what_is_asked(seen):
    assert LARGE**2 == 9 * SIDE**2
    loop = thinking.flood_fill()
    asked = (LARGE, LARGE, STEPS_FOR[LARGE], LARGE, LARGE)
    return loop.size, SIDE, SIDE, STEPS, *asked, *loop.network.look.kernel_size, STEPS


@says(
    "Maze {} is a long one: its farthest cell is {} steps away. Look at the curve of right answers: it climbs until "
    "then and stays.",
    "or it would crumble at step {} or {}",
    "After {} steps {} mazes of this size were still right in every cell.",
)
def a_long_maze(seen):
    block, right = seen.block("flood_fill"), seen("flood_fill").arrays["answer.right"]
    seed = block.values["seed"]
    far = distances(*mazes(1, LARGE, np.random.default_rng(seed))).max()
    assert (right[far - 2] < 1, right[far - 1 :].min()) == (True, 1)
    [network] = seen.networks("flood_fill")
    free, start = mazes(20, LARGE, np.random.default_rng(5))
    said = thinking.fills(network, free, start, 2000)
    assert (said[[499, 1999]] == (distances(free, start) >= 0)).all()
    return seed, far, far + 1, 500, len(said), len(free)


@says(
    "Set the size to {} and build one corridor that winds through the whole maze: it can be {} steps long",
    "On {} × {} such a corridor has {} steps. At step {} it is filled as far as {} steps lead, and shortly after step "
    "{} it is full.",
)
def one_corridor(seen):
    small, large = (distances(*corridor(side)) for side in (SIDE, LARGE))
    assert small.max() > 2 * STEPS
    [network] = seen.networks("flood_fill")
    said, asked = thinking.fills(network, *corridor(LARGE), 320), STEPS_FOR[LARGE]
    assert (said[asked - 1] == ((large >= 0) & (large <= asked))).all()
    assert (said[319] == (large >= 0)).all()
    return SIDE, small.max(), LARGE, LARGE, large.max(), asked, asked, 300


@says(
    "{} layers of {} × {} convolutions, {} parameters, {} times as many. It sees {} × {} mazes too, and gets {} "
    "updates instead of {}.",
    "After training on {} × {}, the plain network of {} layers is asked for mazes of {} × {}.",
    "{} layers hear {} cells far.",
    "Of the mazes of 16 × 16,",
    "the farthest cell of a {} × {} maze, and how far can {} layers hear?",
)
def the_plain_network(seen):
    loop, plain = thinking.flood_fill(), thinking.forward_fill()
    layers = [layer for layer in plain.network.layers if hasattr(layer, "kernel_size")][:-1]  # the last one reads
    count, middle = len(layers), SIDES[1]
    kernel = layers[0].kernel_size
    compared = (count, *kernel, plain.size, plain.size / loop.size, SIDE, SIDE, plain.enough, loop.enough)
    return *compared, SIDE, SIDE, count, middle, middle, count, count, middle, middle, middle, middle, count


@says("At {} × {} most ways are short enough, and it is right in about {} % of the mazes.")
def the_plain_network_at_home(seen):
    return SIDE, SIDE, About(100 * seen("forward").arrays["exact.forward"][0])


@says(
    "The cell, {} parameters, learns on strings of {} bits with {} steps. In how many strings of {} bits, with {} "
    "steps, are all {} answers right?",
    "Of the strings of {} bits,",
)
def strings(seen):
    return thinking.parity().size, LENGTH, STEPS, LONG, LONG, LONG, LONG


@says(
    "Stopped after {} of its {} updates, our loop was right in about {} % of the small mazes and in about {} % of the "
    "large ones"
)
def a_rule_that_is_nearly_right(seen):
    practice = thinking.flood_fill()
    while practice.updates < 200:
        practice.update()
    small, large = (About(100 * thinking.exact_fills(practice.network, side, 100, seed=5)) for side in (SIDE, LARGE))
    return practice.updates, practice.enough, small, large


@says("With two hidden channels instead of eight the same training never finds it.")
def a_network_too_small_for_the_rule(seen):
    class Small(thinking.FloodFill):
        def __init__(self):
            super().__init__()
            self.look, self.say = nn.Conv2d(3, 2, 3, padding=1), nn.Conv2d(2, 1, 1)

    assert thinking.flood_fill().network.look.out_channels == 8
    practice = thinking.Practice(Small, thinking.filling_loss, rate=0.05, enough=thinking.flood_fill().enough, seed=0)
    while practice.updates < practice.enough:
        practice.update()
    assert thinking.exact_fills(practice.network, SIDE, 100, seed=5) < 0.8
