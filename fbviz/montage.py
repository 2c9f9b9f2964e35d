"""Small fields side by side in one, as a heatmap shows them quickest."""

from __future__ import annotations

import numpy as np

SIDE = 20  # cells of a field, each way
HIGH = SIDE + 4  # of them with room for a name above
COLUMNS, MOST = 4, 8  # fields in a row, and in all


def montage(fields: np.ndarray) -> np.ndarray:
    """The first fields (r, SIDE, SIDE) in one array, rows from below, the first field above on the left; NaN between.

    float32, (rows of fields · HIGH, columns · (SIDE + 1) − 1); one field of NaN where there is none.
    """
    shown = fields[:MOST] if len(fields) else np.full((1, SIDE, SIDE), np.nan)
    rows, columns = shape(len(shown))
    out = np.full((rows * HIGH, columns * (SIDE + 1) - 1), np.nan, np.float32)
    for i, field in enumerate(shown):
        row, column = (rows - 1 - i // COLUMNS) * HIGH, i % COLUMNS * (SIDE + 1)
        out[row : row + SIDE, column : column + SIDE] = field
    return out


def shape(count: int) -> tuple[int, int]:
    """Rows and columns of a montage of so many fields."""
    shown = min(max(count, 1), MOST)
    return -(-shown // COLUMNS), min(shown, COLUMNS)
