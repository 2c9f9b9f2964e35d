"""The tasks, drawn with numpy so that a page can show them and a worker can learn them.

Points: f(n, noise, rng) -> x (n, 2), y (n, k). Sequences: f(n, length, rng) -> x (n, T, 1), y (n, T, 1).
Classes are ±1 (k = 1) or one-hot in ±1 (k > 1); values lie in about [−1, 1]. `noise` moves a point
after it got its label, in units of the plane, so that no rule can be right about all of them.
The shapes of circle, xor, gauss, spiral, plane and bumps are those of TensorFlow Playground, on a smaller scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fbviz.choices import BINARY, CLASSES, REGRESSION, SEQUENCE
from fbviz.tables import Entry, Table

Array = np.ndarray
Examples = tuple[Array, Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Entry):
    """Something to learn: its kind, how many numbers go in and come out, and the part of the plane that is drawn."""

    kind: str
    inputs: int = 2
    outputs: int = 1
    domain: tuple[float, float] = (-1.5, 1.5)  # of both axes
    fixed: bool = False  # its points are given, not drawn


TASKS: Table[Task] = Table(Task)


@TASKS.add(kind=BINARY)
def circle(n: int, noise: float, rng: np.random.Generator) -> Examples:
    """One class around the other."""
    y = signs(n)
    r = np.where(y > 0, rng.uniform(0.0, 0.5, n), rng.uniform(0.7, 1.0, n))
    return moved(ring(r, rng.uniform(0, 2 * np.pi, n)), noise, rng), y[:, None]


@TASKS.add(kind=BINARY, label="XOR")
def xor(n: int, noise: float, rng: np.random.Generator) -> Examples:
    """Opposite corners agree; no straight line divides them."""
    x = rng.uniform(-1, 1, (n, 2))
    x += 0.06 * np.sign(x)  # a gap along the axes
    return moved(x, noise, rng), np.where(x.prod(1) >= 0, 1.0, -1.0)[:, None]


@TASKS.add(kind=BINARY, label="Gaussians")
def gauss(n: int, noise: float, rng: np.random.Generator) -> Examples:
    """Two clouds; a straight line is enough."""
    y = signs(n)
    return moved(0.5 * y[:, None] + 0.18 * rng.normal(size=(n, 2)), noise, rng), y[:, None]


@TASKS.add(kind=BINARY)
def spiral(n: int, noise: float, rng: np.random.Generator) -> Examples:
    """Two arms wound into each other: the hardest of the plane."""
    y = signs(n)
    along = np.sqrt(rng.uniform(0.003, 1, n))  # even along the arm's area, not crowded at its middle
    return moved(ring(along, 1.75 * 2 * np.pi * along + np.where(y > 0, 0, np.pi)), noise, rng), y[:, None]


@TASKS.add(kind=BINARY)
def moons(n: int, noise: float, rng: np.random.Generator) -> Examples:
    """Two half circles, each holding the other's end."""
    y, angle = signs(n), rng.uniform(0, np.pi, n)
    x = 0.7 * ring(np.ones(n), angle) * y[:, None] + np.outer(y, [-0.35, -0.175])
    return moved(x, noise, rng), y[:, None]


@TASKS.add(kind=BINARY)
def checkerboard(n: int, noise: float, rng: np.random.Generator) -> Examples:
    """Sixteen fields in two colours."""
    x = rng.uniform(-1, 1, (n, 2))
    return moved(x, noise, rng), np.where(np.floor(2 * x).sum(1) % 2 == 0, 1.0, -1.0)[:, None]


@TASKS.add(kind=CLASSES, outputs=3, label="Three classes")
def three(n: int, noise: float, rng: np.random.Generator) -> Examples:
    """Three arms that turn around the middle."""
    label = np.arange(n) % 3
    r = rng.uniform(0.1, 1, n)
    x = ring(r, 2 * np.pi * label / 3 + 2.0 * r + 0.25 * rng.normal(size=n))
    return moved(x, noise, rng), np.where(label[:, None] == np.arange(3), 1.0, -1.0)


@TASKS.add(kind=BINARY, label="Four points", domain=(0.0, 7.0), fixed=True)
def article(n: int, noise: float, rng: np.random.Generator) -> Examples:
    """Four points on a line with labels 0, 0, 1, 1, and (5, 6) to be tested on: the tutorial's own data."""
    return np.array([[1, 2], [2, 3], [3, 4], [4, 5], [5, 6.0]]), np.array([[-1], [-1], [1], [1], [1.0]])


@TASKS.add(kind=REGRESSION)
def plane(n: int, noise: float, rng: np.random.Generator) -> Examples:
    """A tilted plane: the value is half the sum of the coordinates."""
    x = rng.uniform(-1, 1, (n, 2))
    return moved(x, noise, rng), x.mean(1, keepdims=True)


@TASKS.add(kind=REGRESSION)
def bumps(n: int, noise: float, rng: np.random.Generator) -> Examples:
    """Six cones, up and down in turn."""
    x = rng.uniform(-1, 1, (n, 2))
    tops = np.array([(a, b) for b in (0.5, -0.5) for a in (-0.8, 0.0, 0.8)])  # (6, 2)
    cones = np.maximum(0, 1 - np.linalg.norm(x[:, None] - tops, axis=2) / 0.4)  # (n, 6)
    return moved(x, noise, rng), (cones * [1, -1, 1, -1, 1, -1]).sum(1, keepdims=True)


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


def signs(n: int) -> Array:
    """(n,) +1 and −1 in turn, so that classes are equally large."""
    return np.where(np.arange(n) % 2, -1.0, 1.0)


def ring(r: Array, angle: Array) -> Array:
    """(n, 2) the points at radius r (n,) and angle (n,)."""
    return np.stack([r * np.cos(angle), r * np.sin(angle)], 1)


def moved(x: Array, noise: float, rng: np.random.Generator) -> Array:
    return x + noise * rng.normal(size=x.shape)


def delayed(n: int, length: int, steps: int, rng: np.random.Generator) -> Examples:
    """x (n, T, 1) of random ±1, and y: the same, `steps` later."""
    bits = rng.choice([-1.0, 1.0], (n, length, 1))
    return bits, np.concatenate([-np.ones((n, min(steps, length), 1)), bits[:, :-steps]], 1)[:, :length]
