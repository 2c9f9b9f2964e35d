"""Seats: one browser view each, what it runs and its newest frame."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from fbviz.commands import Command, Left, Load, Order, packed
from fbviz.frames import Frame, pack, unpack
from fbviz.live.channel import Channel
from fbviz.live.pulse import Pulse
from fbviz.live.requests import Pace, read


@dataclass(eq=False)
class Worker:
    """A process that serves one seat."""

    channel: Channel
    seat: Seat = field(repr=False)
    pulse: Pulse
    pid: int = 0  # not yet known
    began: float = field(default_factory=time.monotonic)
    leaving: str = ""  # it has been asked to hand over and end: why, in a word of GIVEN
    catching_up: bool = False  # it makes again what another had made before it gave its place away
    over_memory: bool = False
    orphan: bool = False  # the fork server that would have told how it ended is no more

    def say(self, order: Order) -> None:
        self.channel.send(packed(order))


@dataclass(eq=False)
class Seat:
    """One browser view: what it runs, its newest frame, and who waits for a newer one."""

    token: str
    obey: Callable[[Seat, Command], None] = field(repr=False)  # the engine's
    load: Load | None = None  # what to begin with, when there is a worker for it
    settled: bool = True  # is it, and whether it plays, as it was asked for? Otherwise a worker that leaves will say
    left: Left | None = None  # where its last worker stood when it gave its place away
    owed: list[Command] = field(default_factory=list)  # asked for while there was no worker
    asked: bool = False  # something was asked for while its worker is leaving
    touched: bool = False  # a value was set since the run began: a new process could not guess it
    run: int = 0  # counts what was loaded or reset; frames of an earlier one come too late
    speed: float = 0.0
    worker: Worker | None = None
    state: str = "ready"
    place: int = 0  # in the queue
    number: int = 0  # of the newest frame
    newest: bytes = b""
    seen: float = field(default_factory=time.monotonic)  # when somebody last looked
    used: float = 0.0  # when somebody last did something here
    since: float = field(default_factory=time.monotonic)  # when its state last changed
    sockets: int = 0  # that are open
    pace: Pace = field(default_factory=Pace, repr=False)
    watchers: dict[asyncio.Event, asyncio.AbstractEventLoop] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """What the views of one browser tab have in common."""
        return self.token.partition(".")[0]

    def hear(self, message: str) -> None:
        """Do what a browser says, however it came here. RefusedError, in a sentence, for what is no command."""
        self.pace.count()
        self.obey(self, read(message))

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

    def runs(self, load: Load) -> bool:
        """Is this what it has loaded already? Then whoever asks for it again, after a rerun of the page, joins in."""
        return self.load is not None and (self.load.program, self.load.query) == (load.program, load.query)

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
        if frame.facts["state"] != self.state:
            self.state, self.since = frame.facts["state"], time.monotonic()
        if not frame.arrays and self.newest:  # who comes later gets the picture too
            data = pack(Frame(frame.facts, unpack(self.newest).arrays))
        self.newest = data
        self.number += 1
        for event, loop in list(self.watchers.items()):
            with contextlib.suppress(RuntimeError):  # a loop that has closed waits for nothing
                loop.call_soon_threadsafe(event.set)

    def tell(self, state: str, **facts: object) -> None:
        """Say something about the run that its worker does not know; the rest of the facts stay."""
        known = unpack(self.newest).facts if self.newest else {}
        frame = Frame({**known, "state": state, **facts})
        self.show(frame, pack(frame))
