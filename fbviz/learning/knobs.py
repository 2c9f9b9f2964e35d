"""Values a reader sets while a program runs, taken for what they may be: they come from outside."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def whole(values: Mapping[str, Any], name: str, low: int, high: int, default: int) -> int:
    """The whole number in `values`, brought to the nearest bound; `default` for what is no number."""
    value = values.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return default
    return min(max(round(value), low), high)
