"""The engine: seats, the workers behind them, and the queue for them.

A seat is one browser view. Its worker is a process of its own, so it can be killed, cannot harm
another, and does not hold up a page. One thread moves bytes: newest frame wins, nothing queues up.
Who waits for a place gets one from places.py; whoever gives a place away goes on later from where it stood.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from fbviz import commands, limits
from fbviz.commands import Begin, Click, Command, Leave, Left, Load, Pause, Play, Reset, Set, Speed, Step, Want
from fbviz.frames import unpack
from fbviz.live import places, requests
from fbviz.live.places import Rules
from fbviz.live.processes import Processes
from fbviz.live.requests import RefusedError
from fbviz.live.seats import Seat, Worker
from fbviz.snapshot import Ended

PROGRAMS = "fbviz.worker.programs"  # by name: whoever imports it has torch

log = logging.getLogger("fbviz")


class Engine:
    """All seats of a server. Every public method may be called from any thread."""

    def __init__(self, rules: Rules | None = None, programs: str = PROGRAMS) -> None:
        self.rules = rules or Rules()
        self.name = secrets.token_hex(4)  # another after each start of the server
        self.lock = threading.RLock()
        self.seats: dict[str, Seat] = {}
        self.waiting: deque[Seat] = deque()
        self.closed = False
        self.processes = Processes(programs, self.rules, self)
        self.thread = threading.Thread(target=self.move, name="fbviz engine", daemon=True)
        self.thread.start()

    @property
    def devices(self) -> list[str]:
        """What runs can be made on here, by the names that links use."""
        return self.processes.devices

    @property
    def trouble(self) -> str:
        """Why nothing can be run here, in a sentence for the host; empty when all is well."""
        if not self.thread.is_alive():
            return "The thread that carries frames has ended. Start the server again."
        broken = self.processes.broken
        return broken and f"No run can be started: {broken}. Mend that, and start the server again."

    def seat(self, token: str) -> Seat:
        """The seat of that token, made if there is none. RefusedError when the server is full."""
        with self.lock:
            if token not in self.seats:
                if len(self.seats) >= self.rules.seats:
                    raise RefusedError("full", seats=self.rules.seats)
                self.seats[token] = Seat(token, self.obey)
            self.seats[token].seen = time.monotonic()
            return self.seats[token]

    @contextlib.contextmanager
    def watched(self, token: str) -> Iterator[Seat]:
        """The seat of that token while a socket is open to it. RefusedError when there is no room for one more."""
        with self.lock:
            if sum(seat.sockets for seat in self.seats.values()) >= self.rules.sockets:
                raise RefusedError("full", seats=self.rules.sockets)
            seat = self.seat(token)
        with seat.open():
            yield seat

    def close(self) -> None:
        """End every worker."""
        with self.lock:
            self.closed = True
            self.processes.hang_up()
        self.thread.join()
        self.processes.close()

    # Commands.

    def obey(self, seat: Seat, command: Command) -> None:
        """Pass a command on, or keep it for the worker the seat will get. RefusedError for one value too many."""
        with self.lock:
            seat.seen = time.monotonic()
            match command:
                case Load():
                    if seat.runs(command) and not command.until:
                        return
                    seat.load, seat.settled, seat.newest, seat.left, seat.owed = command, True, b"", None, []
                    seat.run, seat.touched = seat.run + 1, False
                case Reset():
                    seat.run, seat.touched = seat.run + 1, False
                    command = Reset(seat.run)
                case Speed():
                    seat.speed = command.value
                case Set() | Click():
                    self.keep(seat, command)
            if isinstance(command, places.ACTS) or (isinstance(command, Load) and command.play):
                seat.used = seat.seen
            if seat.load is None:
                if seat.state != "empty":  # the browser shows what this server has forgotten
                    seat.tell("empty", server=self.name)
            elif seat.worker and not seat.worker.leaving:
                seat.state = "starting" if isinstance(command, Load | Play | Step | Reset) else seat.state
                seat.worker.say(Begin(command, seat.run) if isinstance(command, Load) else command)
            else:
                self.prepare(seat, seat.load, command)

    def keep(self, seat: Seat, command: Set | Click) -> None:
        """Remember that a live parameter was set, for a run that has to begin again."""
        seat.touched = True
        if seat.load and isinstance(command, Set):
            values = seat.load.values
            if command.name not in values and len(values) >= requests.NAMES:
                raise RefusedError("command", command=command.name)
            values[command.name] = command.value

    def prepare(self, seat: Seat, load: Load, command: Command) -> None:
        """Keep in mind what is to be done as soon as there is a worker, and ask for one."""
        if isinstance(command, Play | Pause | Step | Reset):
            seat.load, seat.settled = replace(load, play=isinstance(command, Play)), True
        if isinstance(command, Reset) or seat.state == "ended":
            seat.left = None
        if isinstance(command, Pause) and seat.left and seat in self.waiting:
            self.waiting.remove(seat)
            seat.tell("paused", gave="rest")
        if isinstance(command, Want | Speed | Pause) or (seat.state == "ended" and isinstance(command, Set | Click)):
            return
        if seat.left or not isinstance(command, Set):  # without, the run begins with the values of `load`
            seat.owed = commands.owed(seat.owed, command)
        if seat.worker:  # it is leaving
            seat.asked = True
            return
        if seat not in self.waiting:
            self.waiting.append(seat)
        self.admit()

    # Places.

    @property
    def promised(self) -> int:
        """Places that will be free in a moment: their workers hand over."""
        return sum(bool(worker.leaving) for worker in self.processes.alive.values())

    def admit(self) -> None:
        """Let in who waits while there is room, and ask for the places of those who can give one."""
        now = time.monotonic()
        if self.processes.broken and now < self.processes.retry_at:
            self.refuse()
        while self.waiting and (self.processes.count < self.rules.runs or self.make_room(now)):
            seat = self.waiting.popleft()
            if not self.start(seat):
                self.waiting.appendleft(seat)
                break
        for place, seat in enumerate(self.waiting, start=1):
            if place > self.promised and ((seat.state, seat.place) != ("queued", place) or not seat.newest):
                seat.place = place
                seat.tell("queued", place=place, ended=None)

    def make_room(self, now: float) -> bool:
        """Take a place for who waits first from one that loses nothing, or ask others for theirs. Is there room now?"""
        for seat in list(self.waiting)[self.promised :]:
            giver, why = places.giver(seat, self.processes.alive.values(), self.rules, now)
            if giver is None:
                continue
            self.leave(giver, why)
            if giver.seat.worker is None:
                return True
        return False

    def leave(self, worker: Worker, why: str) -> None:
        """Have a worker hand over where it stands, and end; at once where nothing would be lost."""
        seat = worker.seat
        if seat.load is None or seat.state == "ended" or (seat.state == "ready" and not seat.touched):
            self.release(seat)
        else:
            worker.leaving = why
            seat.load, seat.settled = replace(seat.load, play=False), False
            worker.say(Leave())

    def has_left(self, worker: Worker, left: Left, run: int) -> None:
        """A worker has handed over: its run goes on from there when it is its turn, or when it is asked to."""
        seat = worker.seat
        self.release(seat)
        seat.left = left if run == seat.run else None  # otherwise something else has been loaded meanwhile
        if seat.load and not seat.settled:  # it plays on, if nobody has said otherwise
            seat.load = replace(seat.load, play=left.playing and (seat.asked or worker.leaving == "share"))
        if seat.asked:
            self.waiting.append(seat)
        elif seat.load and seat.load.play:
            self.waiting.append(seat)
            seat.tell("queued", place=len(self.waiting), gave=worker.leaving)
        elif seat.state in ("playing", "paused") and not places.idle(seat):
            seat.tell("paused", gave=worker.leaving)

    def refuse(self) -> None:
        """Nothing can be run here: say so to all who wait."""
        for seat in self.waiting:
            seat.tell("ended", ended=Ended("broken", {"error": self.processes.broken}).facts)
        self.waiting.clear()

    def start(self, seat: Seat) -> bool:
        """Get a worker for this seat and hand it what is to be run; False where there is no room for one."""
        load = seat.load
        assert load, "who waits has something to run"
        try:
            seat.worker = worker = self.processes.start(seat, again=bool(seat.left or load.until))
        except OSError as why:
            log.warning("No run can be started now: %s", why)
            return False
        worker.say(Speed(seat.speed))
        worker.say(Begin(load, seat.run, seat.left))
        for command in seat.owed:
            worker.say(command)
        seat.state, seat.left, seat.owed, seat.asked = "starting", None, [], False
        return True

    def release(self, seat: Seat) -> None:
        """Take the seat's worker away. What it showed stays."""
        worker, seat.worker = seat.worker, None
        if worker:
            self.processes.stop(worker)

    # The thread.

    def move(self) -> None:
        """Carry frames and reports until the engine is closed. Nothing that goes wrong with one seat ends it."""
        ticked = time.monotonic()
        while not self.closed:
            for worker in self.processes.ready():
                with self.lock:
                    if self.closed:
                        return
                    with self.sparing(worker):
                        self.processes.hear(worker)
                    if worker is None:
                        with self.sparing():
                            self.admit()
            if time.monotonic() - ticked > self.rules.tick:
                ticked = time.monotonic()
                with self.lock, self.sparing():
                    self.tidy(ticked)

    @contextlib.contextmanager
    def sparing(self, worker: Worker | None = None) -> Iterator[None]:
        """What goes wrong in here is logged, and costs this worker its run at most."""
        try:
            yield
        except Exception as why:
            log.exception("A step of the engine failed")
            if worker:
                with contextlib.suppress(Exception):
                    self.ended(worker, Ended("failed", {"error": type(why).__name__}))

    def heard(self, worker: Worker, messages: list[bytes]) -> None:
        """Show the newest of the frames that have come from a worker."""
        seat, before = worker.seat, worker.seat.state
        for data in messages:
            frame = unpack(data)
            if seat.worker is not worker:
                return
            if "left" in frame.facts:
                self.has_left(worker, Left.of(frame.facts["left"]), frame.facts["run"])
                self.admit()
            elif frame.facts.get("run") == seat.run:
                seat.show(frame, data)
                if worker.catching_up and not frame.facts.get("again"):
                    worker.catching_up, worker.began = False, time.monotonic()  # its share of time begins now
        if seat.state != before:
            self.gather(seat)
            if self.waiting:
                self.admit()

    def gather(self, seat: Seat) -> None:
        """A page holds one place: it stays with the view that was used last, and the others hand over."""
        alive = self.processes.alive.values()
        mates = [worker for worker in alive if worker.seat.page == seat.page and places.can_give(worker)]
        if len(mates) > 1:
            last = max(mates, key=lambda worker: worker.seat.used)
            for worker in mates:
                if worker is not last:
                    self.leave(worker, "page")

    def ended(self, worker: Worker, why: Ended) -> None:
        """A worker is no more. What it showed stays."""
        self.processes.stop(worker)
        if worker.seat.worker is worker:
            worker.seat.worker = None
            worker.seat.tell("ended", ended=why.facts)
            if worker.seat.asked:
                self.waiting.append(worker.seat)

    def never_forked(self, worker: Worker) -> None:
        """Its seat waits for another."""
        if worker.seat.worker is worker:
            worker.seat.worker = None
            self.waiting.appendleft(worker.seat)

    # What is seen to twice a second.

    def tidy(self, now: float) -> None:
        """Pause and give up what nobody looks at; end what takes too much memory, or stands still."""
        for seat in list(self.seats.values()):
            with self.sparing(seat.worker):
                self.look_away(seat, now)
        for worker in list(self.processes.alive.values()):
            with self.sparing(worker):
                self.processes.tend(worker, now)
        self.processes.tend_forkserver(now)
        self.admit()

    def look_away(self, seat: Seat, now: float) -> None:
        """Nobody looks: after a while the run waits, and lets others pass in the queue; later it is given up."""
        away = seat.away(now)
        if away > self.rules.release:
            self.forget(seat)
        elif away <= self.rules.grace:
            return
        elif seat.worker and seat.state in ("starting", "playing"):
            seat.worker.say(Pause())
        elif seat in self.waiting:
            self.waiting.remove(seat)
            seat.tell("paused", gave="away") if seat.left else seat.tell("ready")

    def forget(self, seat: Seat) -> None:
        self.release(seat)
        del self.seats[seat.token]
        with contextlib.suppress(ValueError):
            self.waiting.remove(seat)


@cache
def engine() -> Engine:
    """The engine of this process, started at the first call."""
    return Engine(Rules(sockets=limits.sockets()))
