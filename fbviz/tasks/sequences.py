"""Sequences: f(n, length, rng) -> x (n, T, 1), y (n, T, 1), an answer for each element."""

from __future__ import annotations

import numpy as np

from fbviz.tasks.base import TASKS, Examples
from fbviz.tasks.kinds import SEQUENCE


@TASKS.add(kind=SEQUENCE, inputs=1, label="Flip-flop")
def flip_flop(n: int, length: int, rng: np.random.Generator) -> Examples:
    """Hold the sign of the last pulse until the next one comes."""
    x = np.where(rng.random((n, length)) < 0.3, rng.choice([-1.0, 1.0], (n, length)), 0.0)
    x[:, 0] = rng.choice([-1.0, 1.0], n)  # the first answer is known
    seen = np.maximum.accumulate(np.where(x != 0, np.arange(length), 0), axis=1)
    return x[..., None], np.take_along_axis(x, seen, 1)[..., None]


@TASKS.add(kind=SEQUENCE, inputs=1, label="Running parity")
def parity(n: int, length: int, rng: np.random.Generator) -> Examples:
    """Has an odd number of ones come so far? One wrong bit turns every later answer round."""
    bits = rng.integers(0, 2, (n, length))
    return (2.0 * bits - 1)[..., None], (2.0 * (bits.cumsum(1) % 2) - 1)[..., None]


@TASKS.add(kind=SEQUENCE, inputs=1, label="One-step delay")
def delay(n: int, length: int, rng: np.random.Generator) -> Examples:
    """Say the bit that came one step ago, while hearing the next; before the first it was −1."""
    return delayed(n, length, 1, rng)


@TASKS.add(kind=SEQUENCE, inputs=1, label="Three-step delay")
def delay_three(n: int, length: int, rng: np.random.Generator) -> Examples:
    """Say the bit that came three steps ago; before the first they were −1."""
    return delayed(n, length, 3, rng)


def delayed(n: int, length: int, steps: int, rng: np.random.Generator) -> Examples:
    """x (n, T, 1) of random ±1, and y: the same, `steps` later."""
    bits = rng.choice([-1.0, 1.0], (n, length, 1))
    return bits, np.concatenate([-np.ones((n, min(steps, length), 1)), bits[:, :-steps]], 1)[:, :length]
