"""What the fork server and the engine tell each other, beside the workers' own channels: a line of JSON each.

The engine writes a byte: FORK, with the file descriptor of a worker's connection beside it, or PING.
The fork server answers {"gpus": n} when it is warm, or {"broken": why} when it cannot be and ends; {"born": pid} for
each FORK, in their order, 0 where the system had no room; {"died": pid, "status": exit status or −signal}; {"pong": 1}.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

FORK, PING = b"f", b"p"


def line(**facts: Any) -> bytes:
    """A note as it is sent."""
    return json.dumps(facts).encode() + b"\n"


class Notes:
    """Takes notes out of the bytes that have come so far."""

    def __init__(self) -> None:
        self.rest = b""

    def read(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The notes that are whole with `data`."""
        *whole, self.rest = (self.rest + data).split(b"\n")
        yield from map(json.loads, whole)
