"""Small pictures to be remembered: ten by ten cells, each on (+1) or off (−1); and what a reader can move.

No two overlap by more than 0.28, so that Hebbian storage keeps all five apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fbviz.dials import Dials, dials, menu, slider

Array = np.ndarray

SIDE = 10
DRAWN = {
    "heart": """
        ..........
        .###..###.
        ##########
        ##########
        ##########
        .########.
        ..######..
        ...####...
        ....##....
        ..........""",
    "stairs": """
        ........##
        ........##
        ......####
        ......####
        ....######
        ....######
        ..########
        ..########
        ##########
        ##########""",
    "ring": """
        ..######..
        .########.
        ###....###
        ##......##
        ##......##
        ##......##
        ##......##
        ###....###
        .########.
        ..######..""",
    "squares": """
        #####.....
        #####.....
        #####.....
        #####.....
        #####.....
        .....#####
        .....#####
        .....#####
        .....#####
        .....#####""",
    "stripes": """
        ##..##..##
        ##..##..##
        ##..##..##
        ##..##..##
        ##..##..##
        ##..##..##
        ##..##..##
        ##..##..##
        ##..##..##
        ##..##..##""",
}


def glyph(name: str) -> Array:
    """A built-in picture: (SIDE, SIDE) of ±1, float32, its first row on top."""
    rows = DRAWN[name].split()
    return np.array([[1 if cell == "#" else -1 for cell in row] for row in rows], np.float32)


def glyphs() -> Array:
    """All of them, (patterns, SIDE, SIDE)."""
    return np.stack([glyph(name) for name in DRAWN])


@dials("recall")
@dataclass(frozen=True, slots=True, kw_only=True)
class RecallDials(Dials):
    """One recall."""

    noise: float = slider(0.0, 0.5, step=0.05, default=0.2, label="share of flipped cells")
    seed: int = slider(0, 50, default=0, label="which cells")
    beta: float = slider(0.01, 0.2, step=0.01, default=0.2, label="β (modern only)")
    pattern: int = menu(dict(enumerate((*DRAWN, "my own"))), default=0, label="picture to recall")
    rule: str = menu(
        {"classical": "classical, neuron by neuron", "modern": "modern, softmax"},
        default="classical",
        label="update rule",
    )


@dials("two_neurons")
@dataclass(frozen=True, slots=True, kw_only=True)
class TwoNeuronsDials(Dials):
    """Two neurons that are updated at once."""

    damping: float = slider(0.1, 1.0, step=0.1, default=1.0, label="λ")


@dials("capacity")
@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityDials(Dials):
    """The memory that is filled."""

    neurons: int = slider(100, 500, step=100, default=500, label="neurons N", later=True)
