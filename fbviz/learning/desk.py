"""The desk: where a program meets the browser that watches it.

A program is a generator of frames. The desk pulls it, and between two updates of the program looks
whether the browser said something. To pause is not to pull. Nobody wants a frame: none is measured.

A desk can be left: it hands over a note of what was done here, and another process goes on from it with the same
numbers. A program that keeps checkpoints goes on from its last; any other is run again, unpaced, up to the same update,
with each value set where it was set the first time.
"""

from __future__ import annotations

import math
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

import orjson

from fbviz import limits
from fbviz.frames import Frame, pack
from fbviz.snapshot import Ended

Program = Callable[[Mapping[str, str], "Desk"], Iterator[Frame]]

LISTEN = 0.002  # seconds between two looks for commands: far below what a person notices, far above an update
FRAME = 1 / 30  # seconds between two frames: a screen shows no more, and each costs as much as a few updates
JOURNAL = 2000  # values and clicks that are remembered with their updates; of more, the first are only values
CLICKS = 1000  # that a program may leave unread
REST = 1 << 53  # more updates than any program makes: it is to go on until it comes to rest
PONG = b""  # the answer to a ping


class Anew(BaseException):  # no error
    """The program is to begin anew. Raised inside it, so that it does and measures nothing more."""


class Left(BaseException):  # no error
    """The desk has been left: the process has nothing more to do."""


class Desk:
    """One browser view's place in a worker: what it asked for, and what it gets."""

    def __init__(self, connection: Connection, programs: Mapping[str, Program]) -> None:
        self.connection, self.programs = connection, programs
        self.program, self.query = "", dict[str, str]()
        self.run = 0  # the engine's number of what was loaded or reset; it stands in every frame
        self.values: dict[str, Any] = {}  # live parameters, set while a program runs
        self.playing = self.begun = self.ended = False
        self.owed = 0  # single steps asked for
        self.speed = 0.0  # updates a second; 0 is as fast as it goes
        self.want = True
        self.arrived = False  # the program stands again where a desk was left
        self.rested = False  # the program has said "idle": it only answers
        self.changed = False  # a live parameter is new
        self.listen_at = self.frame_at = self.update_at = 0.0  # when to look again, by the clock of perf_counter
        self.seconds, self.since = 0.0, 0.0  # played so far, and when it was last counted
        self.at = 0  # the update the program is at, and how many it has made: a live parameter may begin it anew
        self.made = 0
        self.until = 0  # how many it has to make before it stands again where a desk was left
        self.began: dict[str, Any] = {}  # the values it began with
        self.journal: list[tuple[int, dict[str, Any]]] = []  # what was set or clicked since, after how many updates
        self.undone: list[tuple[int, dict[str, Any]]] = []  # of a journal, what is still to be done again
        self.checkpoint = b""  # what a program that keeps checkpoints is to go on from; empty is from the start
        self.keep: Callable[[], bytes] | None = None  # how the program that runs makes a checkpoint, if it can

    # What a program calls.

    def wanted(self, update: int) -> bool:
        """Is there a reason to yield a frame after this update? Call it after each; paces a run that is to be slow."""
        again = self.catching_up
        if update != self.at:
            self.at, self.made = update, self.made + 1
        if again:
            self.redo(self.made)
            self.arrived = not self.catching_up
            if self.arrived:
                return True
        elif self.owed and update:
            self.owed -= 1
            return True
        if self.speed and update and self.playing and not again:
            self.pace()
        now = time.perf_counter()
        if now >= self.listen_at:
            self.hear(0)
            self.listen_at = now + LISTEN
        due = self.want and now >= self.frame_at
        return due or self.changed or self.late(now) or not (self.playing or self.catching_up)

    def pace(self) -> None:
        """Wait until the next update is due at the speed asked for; a command may end the wait."""
        self.update_at = max(self.update_at + 1 / self.speed, time.perf_counter())
        while self.playing and self.speed and (wait := self.update_at - time.perf_counter()) > 0:
            self.hear(wait)

    # To leave, and to go on elsewhere.

    @property
    def catching_up(self) -> bool:
        """Is the program still on its way to where it was left?"""
        return bool(self.undone) or self.made < self.until

    def redo(self, made: float) -> None:
        """Set again what was set after so many updates the first time."""
        while self.undone and self.undone[0][0] <= made:
            self.note(self.undone.pop(0)[1])

    def note(self, command: dict[str, Any]) -> None:
        """Take in a value or a click, and remember where."""
        name, value = command["name"], command["value"]
        if command["do"] == "click":
            before = self.values.get(name)
            self.values[name] = [*(before if isinstance(before, list) else []), value][-CLICKS:]
        else:
            self.values[name] = value
            self.journal = [entry for entry in self.journal if entry[0] < self.made or entry[1]["name"] != name]
        self.changed = True
        self.journal.append((self.made, command))
        if len(self.journal) > JOURNAL:
            _, first = self.journal.pop(0)
            self.began |= {first["name"]: first["value"]} if first["do"] == "set" else {}

    def leave(self) -> None:
        """Hand over all that another process needs to go on from here. Raises Left."""
        note = {
            "values": self.began,
            "journal": [*self.journal, *self.undone],
            "made": self.made,
            "until": REST if self.rested else max(self.made, self.until),
            "playing": self.playing,
            "seconds": self.seconds,
            "checkpoint": b64encode(self.keep() if self.keep else b"").decode(),
        }
        self.connection.send_bytes(pack(Frame({"left": note, "run": self.run})))
        raise Left

    # What the worker calls.

    def serve(self) -> None:
        """Run what the browser loads, one program after the other. Raises EOFError or OSError when it hangs up."""
        while True:
            try:
                while not self.program or self.ended:
                    self.hear(None)
                self.pull()
            except Anew:
                self.begun = self.ended = self.rested = self.changed = False
                self.want, self.owed, self.frame_at, self.keep = True, 0, 0.0, None

    def pull(self) -> None:
        """Pull the program to its end."""
        self.since = time.perf_counter()
        frame = Frame()
        for frame in self.frames():
            self.take(frame)
            self.redo(math.inf if self.rested else self.made)
            while not (self.moving or self.ended):
                self.hear(None)
            if self.ended:
                return
            self.since = time.perf_counter()
        self.take(Frame({"ended": {"word": "finished", "values": {"updates": frame.facts.get("update", 0)}}}))

    def frames(self) -> Iterator[Frame]:
        """What the program yields; an exception in it is one more frame, and the last."""
        try:
            yield from self.programs[self.program](self.query, self)
        except (EOFError, ConnectionError):  # the browser's, not the program's
            raise
        except Exception as why:
            yield Frame({"ended": failure(why)})

    def take(self, frame: Frame) -> None:
        """Count the time, and hand the frame on if it is wanted, or if it will be the last for a while."""
        now = time.perf_counter()
        late = self.late(now)
        if self.playing:
            self.seconds += now - self.since
        ended = frame.facts.get("ended") or (
            {"word": "out_of_time", "values": {"seconds": limits.SECONDS}} if late else None
        )
        self.begun = self.begun or self.playing or bool(frame.facts.get("update"))
        self.ended, self.changed = bool(ended), False
        if self.ended:
            self.playing = False
        self.rested = bool(frame.facts.get("idle"))
        if self.ended or self.rested:
            self.owed = self.until = 0  # there is no further step
        if self.want or self.arrived or not self.moving:
            self.send(
                frame,
                state=self.state(),
                again=self.catching_up,
                ended=ended,
                seconds=round(self.seconds, 3),
                run=self.run,
            )

    def state(self) -> str:
        """How the program stands, in the word that the browser is told."""
        if self.ended:
            return "ended"
        going = (self.playing and not self.rested) or self.catching_up
        return "playing" if going else "paused" if self.begun else "ready"

    @property
    def moving(self) -> bool:
        """Is the program to be pulled on? One that has come to rest waits for a new live parameter."""
        return self.changed or bool(self.owed) or ((self.playing or self.catching_up) and not self.rested)

    def send(self, frame: Frame, **facts: Any) -> None:
        self.connection.send_bytes(pack(replace(frame, facts={**frame.facts, **facts})))
        self.want = self.arrived = False
        self.frame_at = time.perf_counter() + FRAME

    def late(self, now: float) -> bool:
        """Has it run longer than a run may?"""
        return self.seconds + (now - self.since if self.playing else 0) > limits.SECONDS

    def hear(self, timeout: float | None) -> None:
        """Take in what the browser said; waits up to `timeout` seconds, or for ever, for the first word."""
        while self.connection.poll(timeout):
            self.obey(orjson.loads(self.connection.recv_bytes()))
            timeout = 0

    def obey(self, command: dict[str, Any]) -> None:
        """One command, already checked by the engine. Raises Anew if the program is to begin again, Left to leave."""
        match command:
            case {"do": "load"}:
                self.load(command)
            case {"do": "play"}:
                self.playing = True
                if self.ended:
                    self.begin()
            case {"do": "pause"}:
                self.playing = False
            case {"do": "step"}:
                self.playing, self.owed = False, self.owed + 1
            case {"do": "reset", "run": run}:
                self.run, self.playing = run, False
                self.begin()
            case {"do": "speed", "value": value}:
                self.speed, self.update_at = value, 0.0
            case {"do": "set" | "click"} if self.catching_up:
                self.undone.append((max(self.made, self.until), command))
            case {"do": "set" | "click"}:
                self.note(command)
            case {"do": "want"}:
                self.want = True
            case {"do": "ping"}:
                self.connection.send_bytes(PONG)
            case {"do": "leave"}:
                self.leave()

    def load(self, command: Mapping[str, Any]) -> None:
        """Put a program in the place of the one that runs; with the note of a desk that was left, go on from there."""
        self.program, self.query, self.run = command["program"], command["query"], command["run"]
        self.values, self.playing = command["values"], command["play"]
        self.begin(command.get("left", {}), until=command.get("until", 0))

    def begin(self, left: Mapping[str, Any] | None = None, until: int = 0) -> None:
        """Begin the program that is loaded, from the start or from where a desk was left. Raises Anew."""
        left = left or {}
        self.values = dict(left.get("values", self.values))
        self.began, self.journal = dict(self.values), []
        self.undone = [(at, command) for at, command in left.get("journal", [])]
        self.until, self.seconds = left.get("until", until), left.get("seconds", 0.0)
        self.checkpoint = b64decode(left.get("checkpoint", ""))
        self.at = self.made = left["made"] if self.checkpoint else 0
        raise Anew


def resting(why: Ended) -> dict[str, Any]:
    """The facts of a program whose run is over, and that goes on answering its reader."""
    return {"idle": True, "done": why.facts}


def failure(why: Exception) -> dict[str, Any]:
    """How an exception is told to a reader, in the form of an ending."""
    text = str(why).partition("\n")[0][:200]
    if isinstance(why, MemoryError) or "allocate memory" in text or "out of memory" in text:
        return {"word": "out_of_memory", "values": {}}
    return {"word": "failed", "values": {"error": text or type(why).__name__}}
