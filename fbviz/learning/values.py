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


def pair(value: Any, side: int) -> tuple[int, int] | None:
    """The cell [x, y] of a square that was clicked, or None for anything else and for what lies outside."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    x, y = (whole({"at": v}, "at", -1, side, -1) for v in value)
    return (x, y) if 0 <= x < side and 0 <= y < side else None
