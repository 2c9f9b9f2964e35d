"""Questions that take a while to answer: which cells of a maze can be reached, and the running parity of a string.

Every answer here is found step by step with numpy alone, so it is the truth that a network is measured against.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fbviz.dials import Dials, dials, menu, slider

Array = np.ndarray

SIDES = (8, 16, 24)  # of the mazes that are asked: the first is learned from
PARAMETERS = {"loop": 233, "forward": 14_629}  # of the networks that learn them
MOST, MOST_BITS = 128, 64  # steps that a reader can scrub through
FREE = (0.55, 0.8)  # the least and the largest share of free cells: around the 0.593 where ways are longest


def mazes(n: int, side: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """n square mazes at random: free (n, side, side) and start (n, side, side), both bool; one start each, free."""
    free = rng.random((n, side, side)) < rng.uniform(*FREE, (n, 1, 1))
    start = np.zeros_like(free)
    start[np.arange(n), rng.integers(side, size=n), rng.integers(side, size=n)] = True
    return free | start, start


def distances(free: Array, start: Array) -> Array:
    """Steps from the start to each cell, up, down, left or right (n, side, side) int32; −1 where no way leads.

    Breadth-first search on all mazes at once: each round reaches the free neighbours of what was reached.
    """
    found, front, steps = np.where(start, 0, -1).astype(np.int32), start, 0
    while front.any():
        steps += 1
        front = neighbours(front) & free & (found < 0)
        found[front] = steps
    return found


def neighbours(cells: Array) -> Array:
    """The cells beside those of (n, side, side); the edge of a maze is a wall."""
    near = np.zeros_like(cells)
    near[:, 1:] |= cells[:, :-1]
    near[:, :-1] |= cells[:, 1:]
    near[:, :, 1:] |= cells[:, :, :-1]
    near[:, :, :-1] |= cells[:, :, 1:]
    return near


def bit_strings(n: int, length: int, rng: np.random.Generator) -> Array:
    """(n, length) zeros and ones at random, int32."""
    return rng.integers(0, 2, (n, length), dtype=np.int32)


def running_parity(bits: Array) -> Array:
    """Whether the ones up to and with each place are odd: 0 or 1, the shape of bits (…, length)."""
    odd: Array = np.bitwise_xor.accumulate(bits, axis=-1)
    return odd


@dials("flood_fill")
@dataclass(frozen=True, slots=True, kw_only=True)
class MazeDials(Dials):
    """The reader's own maze."""

    t: int = slider(1, MOST, default=MOST, label="steps t")
    size: int = slider(SIDES[0], SIDES[-1], step=SIDES[0], default=SIDES[-1], label="size of the maze")
    seed: int = slider(0, 99, default=0, label="which maze")
    tool: str = menu(
        {"wall": "puts a wall or takes it away", "start": "moves the start"}, default="wall", label="a click"
    )


@dials("think_parity")
@dataclass(frozen=True, slots=True, kw_only=True)
class StringDials(Dials):
    """The reader's own string."""

    t: int = slider(1, MOST_BITS, default=MOST_BITS, label="steps t")
    length: int = slider(8, 64, step=8, default=32, label="number of bits")
    seed: int = slider(0, 99, default=0, label="which string")
