"""Small pictures to be remembered: ten by ten cells, each on (+1) or off (−1).

No two overlap by more than 0.28, so that Hebbian storage keeps all five apart.
"""

from __future__ import annotations

import numpy as np

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
