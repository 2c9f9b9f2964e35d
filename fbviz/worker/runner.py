"""The runner: it meets the browser in a run's process, and pulls the program that the browser watches.

A program is a generator of frames. Between two of its updates the runner looks whether the browser said something. To
pause is not to pull. Nobody wants a frame: none is measured.

A runner can be left: it hands over its journal, and another process goes on from there with the same numbers.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from multiprocessing.connection import Connection

from fbviz import limits
from fbviz.commands import (
    Begin,
    Click,
    Leave,
    Left,
    Load,
    Order,
    Pause,
    Ping,
    Play,
    Reset,
    Set,
    Speed,
    Step,
    Value,
    Want,
    unpacked,
)
from fbviz.experiment import Experiment
from fbviz.frames import Frame, pack
from fbviz.snapshot import Ended
from fbviz.words import Sentence
from fbviz.worker.journal import Journal

Program = Callable[[Experiment, "Runner"], Iterator[Frame]]

LISTEN = 0.002  # seconds between two looks for commands: far below what a person notices, far above an update
FRAME = 1 / 30  # seconds between two frames: a screen shows no more; and as long as it takes to measure one
CLICKS = 1000  # that a program may leave unread
PONG = b""  # the answer to a ping


class Anew(BaseException):  # no error
    """The program is to begin anew. Raised inside it, so that it does and measures nothing more."""


class Gone(BaseException):  # no error
    """The runner has been left: the process has nothing more to do."""


class Runner:
    """One browser view's place in a process: what it asked for, and what it gets."""

    def __init__(self, connection: Connection, programs: Mapping[str, Program]) -> None:
        self.connection, self.programs = connection, programs
        self.load: Load | None = None
        self.notices: list[Sentence] = []  # what was not taken of its link as it came
        self.run = 0  # the engine's number of what was loaded or reset; it stands in every frame
        self.values: dict[str, Value] = {}  # live parameters, set while a program runs
        self.playing = self.begun = self.ended = False
        self.owed = 0  # single steps asked for
        self.speed = 0.0  # updates a second; 0 is as fast as it goes
        self.want = True
        self.arrived = False  # the program stands again where a runner was left
        self.rested = False  # the program has said "idle": it only answers
        self.changed = False  # a live parameter is new
        self.more = False  # the program has more to show of this moment, though it stands still
        self.unplayed = False  # nothing has been played or reset since it was loaded
        self.listen_at = self.frame_at = self.update_at = 0.0  # when to look again, by the clock of perf_counter
        self.asked_at = 0.0  # when the program asked last whether a frame is wanted
        self.burst, self.left_at = 1, (0, 0.0)  # updates between two looks; the update and the time of the last look
        self.seconds, self.since = 0.0, 0.0  # played so far, and when it was last counted
        self.journal = Journal({})
        self.keep: Callable[[], bytes] | None = None  # how the program that runs makes a checkpoint, if it can

    # What a program calls.

    def wanted(self, update: int) -> bool:
        """Is there a reason to yield a frame after this update? Call it after each; paces a run that is to be slow."""
        again = self.catching_up
        self.journal.count(update)
        if again:
            self.redo()
            self.arrived = not self.catching_up
            if self.arrived:
                return True
        elif self.owed and update:
            self.owed -= 1
            return True
        if self.speed and update and self.playing and not again:
            self.pace()
        self.asked_at = now = time.perf_counter()
        if now >= self.listen_at:
            self.hear(0)
            self.listen_at = now + LISTEN
        self.measure(update, now)
        due = self.want and now >= self.frame_at
        return due or self.changed or self.late(now) or not (self.playing or self.catching_up)

    def ahead(self, update: int) -> int:
        """How many updates may be made after this one before it is asked again: as many as fit between two looks."""
        free = self.playing and not (self.speed or self.owed or self.catching_up or self.changed)
        self.left_at = (update, time.perf_counter())
        return self.burst if free else 1

    def measure(self, update: int, now: float) -> None:
        """How many updates fit between two looks, by those that have just been made."""
        before, since = self.left_at
        if update > before and now > since:
            self.burst = max(1, min(2 * self.burst, int(LISTEN * (update - before) / (now - since))))

    def pace(self) -> None:
        """Wait until the next update is due at the speed asked for; a command may end the wait."""
        self.update_at = max(self.update_at + 1 / self.speed, time.perf_counter())
        while self.playing and self.speed and (wait := self.update_at - time.perf_counter()) > 0:
            self.hear(wait)

    # To leave, and to go on elsewhere.

    @property
    def checkpoint(self) -> bytes:
        """What a program that keeps checkpoints is to go on from; empty is from the start."""
        return self.journal.checkpoint

    @property
    def catching_up(self) -> bool:
        """Is the program still on its way to where another runner was left?"""
        return self.journal.catching_up

    def redo(self) -> None:
        """Set again what was set after so many updates the first time."""
        for what in self.journal.due(rested=self.rested):
            self.note(what)

    def note(self, what: Set | Click) -> None:
        """Take in a value or a click, and remember where."""
        if isinstance(what, Click):
            before = self.values.get(what.name)
            self.values[what.name] = [*(before if isinstance(before, list) else []), what.value][-CLICKS:]
        else:
            self.values[what.name] = what.value
        self.changed = True
        self.journal.note(what)

    def leave(self) -> None:
        """Hand over all that another process needs to go on from here. Raises Gone."""
        left = self.journal.left(
            rested=self.rested,
            playing=self.playing,
            seconds=self.seconds,
            checkpoint=b64encode(self.keep() if self.keep else b"").decode(),
        )
        self.connection.send_bytes(pack(Frame({"left": left.facts(), "run": self.run})))
        raise Gone

    # What the process calls.

    def serve(self) -> None:
        """Run what the browser loads, one program after the other. Raises EOFError or OSError when it hangs up."""
        while True:
            try:
                while not self.load or self.ended:
                    self.hear(None)
                self.pull(self.load)
            except Anew:
                self.begun = self.ended = self.rested = self.changed = self.more = False
                self.want, self.owed, self.frame_at, self.keep = True, 0, 0.0, None

    def pull(self, load: Load) -> None:
        """Pull the program to its end."""
        self.since = time.perf_counter()
        frame = Frame()
        for frame in self.frames(load):
            self.take(frame)
            self.redo()
            while not (self.moving or self.ended):
                self.hear(None)
            if self.ended:
                return
            self.since = time.perf_counter()
        self.take(Frame({"ended": Ended("finished", {"updates": frame.facts.get("update", 0)}).facts}))

    def frames(self, load: Load) -> Iterator[Frame]:
        """What the program yields; an exception in it is one more frame, and the last."""
        try:
            experiment, self.notices = Experiment.from_query(load.query)
            yield from self.programs[load.program](experiment, self)
        except (EOFError, ConnectionError):  # the browser's, not the program's
            raise
        except Exception as why:
            yield Frame({"ended": failure(why).facts})

    def take(self, frame: Frame) -> None:
        """Count the time, and hand the frame on if it is wanted, or if it will be the last for a while."""
        now = time.perf_counter()
        late = self.late(now)
        if self.playing:
            self.seconds += now - self.since
        out_of_time = Ended("out_of_time", {"seconds": limits.SECONDS}).facts if late else None
        ended = frame.facts.get("ended") or out_of_time
        self.begun = self.begun or self.playing or bool(frame.facts.get("update"))
        self.ended, self.changed = bool(ended), False
        if self.ended:
            self.playing = False
        self.rested = bool(frame.facts.get("idle"))
        if self.ended or self.rested:
            self.owed = 0  # there is no further step
            self.journal.rest()
        if self.want or self.arrived or not self.moving:
            self.send(
                frame,
                state=self.state(),
                again=self.catching_up,
                ended=ended,
                seconds=round(self.seconds, 3),
                run=self.run,
                notices=[sentence.facts for sentence in self.notices],
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
        return self.changed or self.more or bool(self.owed) or ((self.playing or self.catching_up) and not self.rested)

    def send(self, frame: Frame, **facts: object) -> None:
        self.connection.send_bytes(pack(replace(frame, facts={**frame.facts, **facts})))
        self.want = self.arrived = False
        now = time.perf_counter()
        self.frame_at = now + max(FRAME, now - max(self.asked_at, self.since))

    def late(self, now: float) -> bool:
        """Has it run longer than a run may?"""
        return self.seconds + (now - self.since if self.playing else 0) > limits.SECONDS

    def hear(self, timeout: float | None) -> None:
        """Take in what the browser said; waits up to `timeout` seconds, or for ever, for the first word."""
        while self.connection.poll(timeout):
            self.obey(unpacked(self.connection.recv_bytes()))
            timeout = 0

    def obey(self, order: Order) -> None:
        """One command. Raises Anew if the program is to begin again, Gone to leave."""
        match order:
            case Begin():
                self.load, self.run = order.load, order.run
                self.values, self.playing = order.load.values, order.load.play
                self.unplayed = not (order.load.play or order.load.until or order.left)
                self.begin(order.left, until=order.load.until)
            case Play():
                self.playing, self.unplayed = True, False
                if self.ended or self.rested:
                    self.begin()
            case Pause():
                self.playing = False
            case Step():
                self.playing, self.owed = False, self.owed + 1
            case Reset():
                self.run, self.playing, self.unplayed = order.run, False, False
                self.begin()
            case Speed():
                self.speed, self.update_at = order.value, 0.0
            case Set() | Click() if self.catching_up:
                self.journal.later(order)
            case Set() | Click():
                self.note(order)
            case Want():
                self.want = True
            case Ping():
                self.connection.send_bytes(PONG)
            case Leave():
                self.leave()

    def begin(self, left: Left | None = None, until: int = 0) -> None:
        """Begin the program that is loaded, from the start or from where a runner was left. Raises Anew."""
        self.journal = Journal(self.values, until, left)
        self.values = dict(self.journal.began)
        self.seconds = left.seconds if left else 0.0
        raise Anew


def failure(why: Exception) -> Ended:
    """How an exception is told to a reader."""
    text = str(why).partition("\n")[0][:200]
    if isinstance(why, MemoryError) or "allocate memory" in text or "out of memory" in text:
        return Ended("out_of_memory")
    return Ended("failed", {"error": text or type(why).__name__})
