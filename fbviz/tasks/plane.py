"""Points in the plane: f(n, noise, rng) -> x (n, 2), y (n, k).

Values lie in about [−1, 1]. `noise` moves a point after it got its label, in units of the plane, so that no rule can be
right about all of them.
The shapes of circle, xor, gauss, spiral, plane and bumps are those of TensorFlow Playground, on a smaller scale.
"""

from __future__ import annotations

import numpy as np

from fbviz.tasks.base import TASKS, Array, Examples
from fbviz.tasks.kinds import CLASSES, REGRESSION


@TASKS.add(kind=CLASSES)
def circle(n: int, noise: float, rng: np.random.Generator) -> Examples:
    """One class around the other."""
    y = signs(n)
    r = np.where(y > 0, rng.uniform(0.0, 0.5, n), rng.uniform(0.7, 1.0, n))
    return moved(ring(r, rng.uniform(0, 2 * np.pi, n)), noise, rng), y[:, None]


@TASKS.add(kind=CLASSES, label="XOR")
def xor(n: int, noise: float, rng: np.random.Generator) -> Examples:
    """Opposite corners agree; no straight line divides them."""
    x = rng.uniform(-1, 1, (n, 2))
    x += 0.06 * np.sign(x)  # a gap along the axes
    return moved(x, noise, rng), np.where(x.prod(1) >= 0, 1.0, -1.0)[:, None]


@TASKS.add(kind=CLASSES, label="Gaussians")
def gauss(n: int, noise: float, rng: np.random.Generator) -> Examples:
    """Two clouds; a straight line is enough."""
    y = signs(n)
    return moved(0.5 * y[:, None] + 0.18 * rng.normal(size=(n, 2)), noise, rng), y[:, None]


@TASKS.add(kind=CLASSES)
def spiral(n: int, noise: float, rng: np.random.Generator) -> Examples:
    """Two arms wound into each other: the hardest of the plane."""
    y = signs(n)
    along = np.sqrt(rng.uniform(0.003, 1, n))  # even along the arm's area, not crowded at its middle
    return moved(ring(along, 1.75 * 2 * np.pi * along + np.where(y > 0, 0, np.pi)), noise, rng), y[:, None]


@TASKS.add(kind=CLASSES)
def moons(n: int, noise: float, rng: np.random.Generator) -> Examples:
    """Two half circles, each holding the other's end."""
    y, angle = signs(n), rng.uniform(0, np.pi, n)
    x = 0.7 * ring(np.ones(n), angle) * y[:, None] + np.outer(y, [-0.35, -0.175])
    return moved(x, noise, rng), y[:, None]


@TASKS.add(kind=CLASSES)
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


@TASKS.add(kind=CLASSES, label="Four points", domain=(0.0, 7.0), fixed=True)
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


def signs(n: int) -> Array:
    """(n,) +1 and −1 in turn, so that classes are equally large."""
    return np.where(np.arange(n) % 2, -1.0, 1.0)


def ring(r: Array, angle: Array) -> Array:
    """(n, 2) the points at radius r (n,) and angle (n,)."""
    return np.stack([r * np.cos(angle), r * np.sin(angle)], 1)


def moved(x: Array, noise: float, rng: np.random.Generator) -> Array:
    return x + noise * rng.normal(size=x.shape)
