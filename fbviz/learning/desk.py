"""The desk: where a program meets the browser that watches it.

A program is a generator of frames. The desk pulls it, and between two updates of the program looks
whether the browser said something. To pause is not to pull. Nobody wants a frame: none is measured.
"""

from __future__ import annotations

import time
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


class Anew(BaseException):  # no error
    """The program is to begin anew. Raised inside it, so that it does and measures nothing more."""


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
        self.changed = False  # a live parameter is new
        self.listen_at = self.frame_at = self.update_at = 0.0  # when to look again, by the clock of perf_counter
        self.seconds, self.since = 0.0, 0.0  # played so far, and when it was last counted

    # What a program calls.

    def wanted(self, update: int) -> bool:
        """Is there a reason to yield a frame after this update? Call it after each; paces a run that is to be slow."""
        if self.owed and update:
            self.owed -= 1
            return True
        if self.speed and update and self.playing:
            self.pace()
        now = time.perf_counter()
        if now >= self.listen_at:
            self.hear(0)
            self.listen_at = now + LISTEN
        due = self.want and now >= self.frame_at
        return due or not self.playing or self.changed or self.late(now)

    def pace(self) -> None:
        """Wait until the next update is due at the speed asked for; a command may end the wait."""
        self.update_at = max(self.update_at + 1 / self.speed, time.perf_counter())
        while self.playing and self.speed and (wait := self.update_at - time.perf_counter()) > 0:
            self.hear(wait)

    # What the worker calls.

    def serve(self) -> None:
        """Run what the browser loads, one program after the other. Raises EOFError or OSError when it hangs up."""
        while True:
            try:
                while not self.program or self.ended:
                    self.hear(None)
                self.pull()
            except Anew:
                self.begun = self.ended = self.changed = False
                self.want, self.owed, self.seconds, self.frame_at = True, 0, 0.0, 0.0

    def pull(self) -> None:
        """Pull the program to its end."""
        self.since = time.perf_counter()
        frame = Frame()
        for frame in self.frames():
            self.take(frame)
            while not (self.moving(frame) or self.ended):
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
        if self.ended or frame.facts.get("idle"):
            self.owed = 0  # there is no further step
        if self.want or not self.moving(frame):
            state = self.state(idle=bool(frame.facts.get("idle")))
            self.send(frame, state=state, ended=ended, seconds=round(self.seconds, 3), run=self.run)

    def state(self, *, idle: bool) -> str:
        """How the program stands, in the word that the browser is told."""
        if self.ended:
            return "ended"
        return "playing" if self.playing and not idle else "paused" if self.begun else "ready"

    def moving(self, frame: Frame) -> bool:
        """Is the program to be pulled on? One that has said "idle" waits for a new live parameter."""
        return self.changed or bool(self.owed) or (self.playing and not frame.facts.get("idle"))

    def send(self, frame: Frame, **facts: Any) -> None:
        self.connection.send_bytes(pack(replace(frame, facts={**frame.facts, **facts})))
        self.want = False
        self.frame_at = time.perf_counter() + FRAME

    def late(self, now: float) -> bool:
        """Has it run longer than a run may?"""
        return self.seconds + (now - self.since if self.playing else 0) > limits.SECONDS

    def hear(self, timeout: float | None) -> None:
        """Take in what the browser said; waits up to `timeout` seconds, or for ever, for the first word."""
        while self.connection.poll(timeout):
            self.obey(orjson.loads(self.connection.recv_bytes()))
            timeout = 0

    def obey(self, command: Mapping[str, Any]) -> None:
        """One command, already checked by the engine. Raises Anew if the program is to begin again."""
        match command:
            case {"do": "load", "program": program, "query": query, "run": run}:
                self.load(program, query, run, dict(command["values"]), play=command["play"])
            case {"do": "play"}:
                self.playing = True
                if self.ended:
                    raise Anew
            case {"do": "pause"}:
                self.playing = False
            case {"do": "step"}:
                self.playing, self.owed = False, self.owed + 1
            case {"do": "reset", "run": run}:
                self.load(self.program, self.query, run, self.values, play=False)
            case {"do": "speed", "value": value}:
                self.speed, self.update_at = value, 0.0
            case {"do": "set", "name": name, "value": value}:
                self.values[name], self.changed = value, True
            case {"do": "click", "name": name, "value": place}:
                before = self.values.get(name)
                self.values[name], self.changed = [*(before if isinstance(before, list) else []), place], True
            case {"do": "want"}:
                self.want = True

    def load(self, program: str, query: Mapping[str, str], run: int, values: dict[str, Any], *, play: bool) -> None:
        """Put a program in the place of the one that runs."""
        self.program, self.query, self.run, self.values, self.playing = program, dict(query), run, values, play
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
