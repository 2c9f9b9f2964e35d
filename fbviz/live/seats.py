"""Seats: one browser view each, what it runs and its newest frame."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from fbviz.frames import Frame, pack, unpack
from fbviz.live.line import Line
from fbviz.words import Sentence

# What a browser cannot have, in a word, and what a reader is told.
REFUSALS: Mapping[str, Sentence] = {
    "full": Sentence("{seats} views are open here, and there is no room for more. Close one, or come back later."),
    "command": Sentence("There is no such command: {command}"),
    "flood": Sentence("More than {messages} messages a second came from here. Load the page again."),
    "long": Sentence("A message was longer than {bytes} bytes."),
}


class RefusedError(ValueError):
    """A browser cannot have what it asked for: a word from REFUSALS and the values its sentence names."""

    def __init__(self, word: str, **values: Any) -> None:
        self.word, self.values = word, values
        super().__init__(str(self.sentence))

    @property
    def sentence(self) -> Sentence:
        return Sentence(REFUSALS[self.word].template, self.values)

    @property
    def frame(self) -> bytes:
        """The answer to the browser, which keeps what it shows."""
        return pack(Frame({"refused": {"word": self.word, "values": self.values}}))


@dataclass(eq=False)
class Worker:
    """A process that serves one seat."""

    line: Line
    seat: Seat = field(repr=False)
    pid: int = 0  # not yet known
    over_memory: bool = False

    def say(self, command: Mapping[str, Any]) -> None:
        self.line.send(orjson.dumps(command))


@dataclass(eq=False)
class Seat:
    """One browser view: what it runs, its newest frame, and who waits for a newer one."""

    token: str
    obey: Callable[[Seat, dict[str, Any]], None] = field(repr=False)  # the engine's
    load: dict[str, Any] | None = None  # what to begin with, when there is a worker for it
    owes_step: bool = False  # asked for while there was no worker
    run: int = 0  # counts what was loaded or reset; frames of an earlier one come too late
    speed: float = 0.0
    worker: Worker | None = None
    state: str = "ready"
    place: int = 0  # in the queue
    number: int = 0  # of the newest frame
    newest: bytes = b""
    seen: float = field(default_factory=time.monotonic)  # when somebody last looked
    sockets: int = 0  # that are open
    watchers: dict[asyncio.Event, asyncio.AbstractEventLoop] = field(default_factory=dict)

    def command(self, command: object) -> None:
        """Do what the browser asks. RefusedError, in a sentence, for what is no command."""
        self.obey(self, checked(command))

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Somebody looks as long as this is open."""
        self.sockets += 1
        try:
            yield
        finally:
            self.sockets -= 1
            self.seen = time.monotonic()

    def away(self, now: float) -> float:
        """Seconds since somebody last looked."""
        return 0.0 if self.sockets else now - self.seen

    async def newer(self, number: int) -> tuple[int, bytes]:
        """The newest frame and its number, as soon as it is not `number`."""
        event = asyncio.Event()
        self.watchers[event] = asyncio.get_running_loop()
        try:
            while self.number == number or not self.newest:
                event.clear()
                if self.number == number or not self.newest:
                    await event.wait()
            return self.number, self.newest
        finally:
            self.watchers.pop(event, None)

    def show(self, frame: Frame, data: bytes) -> None:
        """Make this the newest frame, and wake who waits for one. `data` is `frame`, packed."""
        self.state = frame.facts["state"]
        if not frame.arrays and self.newest:  # who comes later gets the picture too
            data = pack(Frame(frame.facts, unpack(self.newest).arrays))
        self.newest = data
        self.number += 1
        for event, loop in list(self.watchers.items()):
            with contextlib.suppress(RuntimeError):  # a loop that has closed waits for nothing
                loop.call_soon_threadsafe(event.set)

    def tell(self, state: str, **facts: Any) -> None:
        """Say something about the run that its worker does not know; the rest of the facts stay."""
        known = unpack(self.newest).facts if self.newest else {}
        frame = Frame({**known, "state": state, **facts})
        self.show(frame, pack(frame))


def checked(command: object) -> dict[str, Any]:
    """The command, with only what belongs to it. RefusedError for anything else."""
    match command:
        case {"do": "load", "program": str(name), "query": dict(query), **rest} if strings(query):
            values = rest.get("values", {})
            if isinstance(values, dict):
                play = bool(rest.get("play"))
                return {"do": "load", "program": name, "query": query, "play": play, "values": values}
        case {"do": "play" | "pause" | "step" | "reset" | "want" as word}:
            return {"do": word}
        case {"do": "speed", "value": int() | float() as value} if 0 <= value <= 1e6:
            return {"do": "speed", "value": value}
        case {"do": "set", "name": str(name), "value": value} if len(name) <= 40:
            return {"do": "set", "name": name, "value": value}
        case {"do": "click", "name": str(name), "value": [int() | float() as x, int() | float() as y]} if (
            len(name) <= 40
        ):
            return {"do": "click", "name": name, "value": [x, y]}
    raise RefusedError("command", command=str(command)[:80])


def strings(query: Mapping[Any, Any]) -> bool:
    return all(isinstance(key, str) and isinstance(value, str) for key, value in query.items())
