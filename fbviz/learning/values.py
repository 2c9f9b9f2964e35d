"""What a browser sent, made safe: a value of a desk is whatever somebody typed into a socket."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def real(values: Mapping[str, Any], name: str, low: float, high: float, default: float) -> float:
    """The number called `name`, brought to its bounds; `default` for what is no finite number."""
    value = values.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return default
    return min(max(float(value), low), high)


def whole(values: Mapping[str, Any], name: str, low: int, high: int, default: int) -> int:
    """The whole number called `name`, brought to its bounds."""
    return round(real(values, name, low, high, default))


def places(values: dict[str, Any], name: str) -> list[tuple[float, float]]:
    """Where a figure was clicked since the last look, in the order of the clicks; what is no place is left out."""
    said = values.pop(name, None)
    found = [place for place in said if isinstance(place, list | tuple)] if isinstance(said, list) else []
    numbers = [tuple(real({"at": at}, "at", -math.inf, math.inf, math.nan) for at in place) for place in found]
    return [(place[0], place[1]) for place in numbers if len(place) == 2 and all(map(math.isfinite, place))]


def cells(values: dict[str, Any], name: str, side: int) -> list[tuple[int, int]]:
    """The cells (column, row) of a square of `side` that were clicked since the last look."""
    found = [(round(x), round(y)) for x, y in places(values, name)]
    return [(x, y) for x, y in found if 0 <= x < side and 0 <= y < side]
