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
    said, found = values.pop(name, None), []
    for place in said if isinstance(said, list) else []:
        match place:
            case [int() | float() as x, int() | float() as y] if math.isfinite(x) and math.isfinite(y):
                found.append((float(x), float(y)))
    return found


def cells(values: dict[str, Any], name: str, side: int) -> list[tuple[int, int]]:
    """The cells (column, row) of a square of `side` that were clicked since the last look."""
    found = [(round(x), round(y)) for x, y in places(values, name)]
    return [(x, y) for x, y in found if 0 <= x < side and 0 <= y < side]
