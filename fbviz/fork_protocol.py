"""What the fork server and the engine tell each other, beside the workers' own channels: a line of JSON each.

The engine writes a byte: FORK, with the file descriptor of a worker's connection beside it, or PING.
The fork server answers with a note.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypedDict, Unpack

FORK, PING = b"f", b"p"


class Note(TypedDict, total=False):
    """What the fork server says: one of these, and a status with `died`."""

    gpus: int  # it is warm, and there are so many
    broken: str  # why it cannot be, and ends
    forked: int  # the pid of a worker, for each FORK in their order; 0 where the system had no room
    died: int  # the pid of a worker that has ended
    status: int  # its exit status, or −signal
    pong: int  # the answer to PING


def line(**facts: Unpack[Note]) -> bytes:
    """A note as it is sent."""
    return json.dumps(facts).encode() + b"\n"


class Notes:
    """Takes notes out of the bytes that have come so far."""

    def __init__(self) -> None:
        self.rest = b""

    def read(self, data: bytes) -> Iterator[Note]:
        """The notes that are whole with `data`."""
        *whole, self.rest = (self.rest + data).split(b"\n")
        yield from map(json.loads, whole)
