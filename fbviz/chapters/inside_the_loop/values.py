"""What this chapter's programs and figures both go by, and what a reader can move."""

from __future__ import annotations

from dataclasses import dataclass

from fbviz.dials import Dials, dials, slider

SIDE = 60  # cells of the stability map, each way
GAIN, WEIGHT_SCALE = 4.0, 8.0  # its ends; it begins at 0
BASINS = 6  # fixed points whose basin has a colour of its own


@dials("portrait")
@dataclass(frozen=True, slots=True, kw_only=True)
class PortraitDials(Dials):
    """The input that the loop is held at; of two numbers the second is 0."""

    x1: float = slider(-1.0, 1.0, step=0.05, default=0.0, label="input x")
