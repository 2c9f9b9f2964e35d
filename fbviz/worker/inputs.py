"""What a browser clicked, made safe: a click is whatever somebody typed into a socket."""

from __future__ import annotations

import math

from fbviz.commands import Value


def places(values: dict[str, Value], name: str) -> list[tuple[float, float]]:
    """Where a figure was clicked since the last look, in the order of the clicks; what is no place is left out."""
    said, found = values.pop(name, None), []
    for place in said if isinstance(said, list) else []:
        match place:
            case [int() | float() as x, int() | float() as y] if math.isfinite(x) and math.isfinite(y):
                found.append((float(x), float(y)))
    return found


def cells(values: dict[str, Value], name: str, side: int) -> list[tuple[int, int]]:
    """The cells (column, row) of a square of `side` that were clicked since the last look."""
    found = [(round(x), round(y)) for x, y in places(values, name)]
    return [(x, y) for x, y in found if 0 <= x < side and 0 <= y < side]
