"""Seats: one browser view each, what it runs and its newest frame."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from fbviz.frames import Frame, pack


@dataclass(eq=False)
class Worker:
    """A process that serves one seat."""

    connection: Connection
    seat: Seat = field(repr=False)
    pid: int = 0  # not yet known
    over_memory: bool = False


@dataclass(eq=False)
class Seat:
    """One browser view: what it runs, its newest frame, and who waits for a newer one."""

    token: str
    obey: Callable[[Seat, dict[str, Any]], None] = field(repr=False)  # the engine's
    load: dict[str, Any] | None = None  # the last load command, to begin again from
    speed: float = 0.0
    worker: Worker | None = None
    state: str = "ready"
    place: int = 0  # in the queue
    number: int = 0  # of the newest frame
    newest: bytes = b""
    seen: float = field(default_factory=time.monotonic)  # when somebody last looked
    watchers: dict[asyncio.Event, asyncio.AbstractEventLoop] = field(default_factory=dict)

    def command(self, command: Mapping[str, Any]) -> None:
        """Do what the browser asks. ValueError, in a sentence, for what is no command."""
        self.obey(self, checked(command))

    async def newer(self, number: int) -> tuple[int, bytes]:
        """The newest frame and its number, as soon as it is not `number`."""
        event = asyncio.Event()
        self.watchers[event] = asyncio.get_running_loop()
        try:
            while self.number == number:
                event.clear()
                if self.number == number:
                    await event.wait()
            return self.number, self.newest
        finally:
            self.watchers.pop(event, None)

    def show(self, frame: bytes) -> None:
        """Make this the newest frame, and wake who waits for one."""
        self.newest = frame
        self.number += 1
        for event, loop in list(self.watchers.items()):
            with contextlib.suppress(RuntimeError):  # a loop that has closed waits for nothing
                loop.call_soon_threadsafe(event.set)

    def tell(self, **facts: Any) -> None:
        """Show facts alone; the browser keeps the arrays it has."""
        self.show(pack(Frame(facts)))


def checked(command: Mapping[str, Any]) -> dict[str, Any]:
    """The command, with only what belongs to it. ValueError for anything else."""
    match command:
        case {"do": "load", "program": str(name), "query": dict(query), **rest} if strings(query):
            values = rest.get("values", {})
            return {
                "do": "load",
                "program": name,
                "query": query,
                "play": bool(rest.get("play")),
                "values": dict(values),
            }
        case {"do": "play" | "pause" | "step" | "reset" | "want" as word}:
            return {"do": word}
        case {"do": "speed", "value": int() | float() as value} if 0 <= value <= 1e6:
            return {"do": "speed", "value": value}
        case {"do": "set", "name": str(name), "value": value} if len(name) <= 40:
            return {"do": "set", "name": name, "value": value}
    raise ValueError(f"No such command: {str(command)[:80]}")


def strings(query: Mapping[Any, Any]) -> bool:
    return all(isinstance(key, str) and isinstance(value, str) for key, value in query.items())
