"""Frames: what goes from a worker to a browser. A short JSON header, then raw arrays.

    4 bytes   length of the header, little endian
    header    UTF-8 JSON: {"facts": {...}, "arrays": [[name, dtype, shape, offset], ...]}, padded with spaces
    arrays    little endian, C order, each at a multiple of 8 from the end of the header

What JavaScript needs to read it: a DataView for the length, JSON.parse, and typed arrays over the buffer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

ALIGN = 8
DTYPES = frozenset({"uint8", "int32", "float32", "float64"})


@dataclass(frozen=True, slots=True)
class Frame:
    """Facts for the status line, and the arrays that figures name."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


def pack(frame: Frame) -> bytes:
    """The bytes of a frame. NaN in `facts` becomes null. TypeError for an array no browser can read."""
    rows, chunks, offset = [], [], 0
    for name, array in frame.arrays.items():
        if array.dtype.name not in DTYPES:
            raise TypeError(f"{name} is {array.dtype}; it can be {', '.join(sorted(DTYPES))}.")
        raw = np.ascontiguousarray(array).tobytes()
        rows.append([name, array.dtype.name, array.shape, offset])
        chunks.append(raw.ljust(up(len(raw)), b"\0"))
        offset += len(chunks[-1])
    header = orjson.dumps({"facts": frame.facts, "arrays": rows}, option=orjson.OPT_SERIALIZE_NUMPY)
    header = header.ljust(up(len(header) + 4) - 4)
    return b"".join([len(header).to_bytes(4, "little"), header, *chunks])


def unpack(data: bytes) -> Frame:
    """The frame in `data`; its arrays are views that cannot be written to. ValueError for what is no frame."""
    start = 4 + int.from_bytes(data[:4], "little")
    try:
        header = orjson.loads(data[4:start])
        arrays = {
            name: np.frombuffer(data, dtype, math.prod(shape), start + offset).reshape(shape)
            if math.prod(shape)
            else np.zeros(shape, dtype)
            for name, dtype, shape, offset in header["arrays"]
        }
        return Frame(header["facts"], arrays)
    except (ValueError, TypeError, LookupError) as why:
        raise ValueError(f"This is no frame: {why}") from why


def up(size: int) -> int:
    """`size` brought up to the next multiple of ALIGN."""
    return -(-size // ALIGN) * ALIGN
