"""The engine: seats, the worker processes behind them, and the queue for them.

A seat is one browser view. Its worker is a process of its own, so it can be killed, cannot harm
another, and does not hold up a page. One thread moves bytes: newest frame wins, nothing queues up.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import threading
import time
from collections import deque
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fbviz import limits
from fbviz.frames import unpack
from fbviz.live.line import Line
from fbviz.live.nursery import Nursery
from fbviz.live.seats import RefusedError, Seat, Worker
from fbviz.notes import BORN, UNBORN

PROGRAMS = "fbviz.learning.programs"  # by name: whoever imports it has torch
IDLE = ("ready", "ended")  # states in which a seat loses nothing with its worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an engine allows."""

    runs: int = limits.RUNS
    seats: int = limits.SEATS
    memory: float = limits.MEMORY  # MB
    grace: float = limits.GRACE  # seconds
    release: float = limits.RELEASE
    tick: float = 0.5  # seconds between two looks at who has gone, and at how much memory runs take


class Engine:
    """All seats of a server. Every public method may be called from any thread."""

    def __init__(self, rules: Rules | None = None, programs: str = PROGRAMS) -> None:
        self.rules, self.programs = rules or Rules(), programs
        self.lock = threading.RLock()
        self.seats: dict[str, Seat] = {}
        self.waiting: deque[Seat] = deque()
        self.unborn: deque[Worker] = deque()
        self.workers: dict[int, Worker] = {}  # by process
        self.devices = ["auto", "cpu"]  # and the GPUs, as soon as the nursery has counted them
        self.selector = selectors.DefaultSelector()
        self.closed = False
        self.nursery: Nursery | None = None
        self.open_nursery()
        self.thread = threading.Thread(target=self.move, name="fbviz engine", daemon=True)
        self.thread.start()

    def seat(self, token: str) -> Seat:
        """The seat of that token, made if there is none. RefusedError when the server is full."""
        with self.lock:
            if token not in self.seats:
                if len(self.seats) >= self.rules.seats:
                    raise RefusedError("full", seats=self.rules.seats)
                self.seats[token] = Seat(token, self.obey)
            self.seats[token].seen = time.monotonic()
            return self.seats[token]

    def close(self) -> None:
        """End every worker and the nursery."""
        with self.lock:
            nursery, self.nursery, self.closed = self.nursery, None, True
            if nursery:
                nursery.hang_up()
        self.thread.join()
        if nursery:
            nursery.close()
        for worker in [*self.unborn, *self.workers.values()]:
            worker.line.close()
        self.selector.close()

    # Commands.

    def obey(self, seat: Seat, command: dict[str, Any]) -> None:
        """Pass a command on, or keep it for the worker the seat will get."""
        with self.lock:
            seat.seen = time.monotonic()
            match command["do"]:
                case "load":
                    seat.load, seat.newest, seat.run = command, b"", seat.run + 1
                case "reset":
                    seat.run += 1
                case "speed":
                    seat.speed = command["value"]
                case "set" if seat.load:
                    seat.load["values"][command["name"]] = command["value"]
            if seat.load is None and seat.state != "empty":
                seat.tell("empty")  # the browser shows what this server has forgotten: it should load it again
            elif seat.worker:
                seat.state = "starting" if command["do"] in ("load", "play", "step", "reset") else seat.state
                seat.worker.say(command | {"run": seat.run})
            elif seat.load:
                self.prepare(seat, seat.load, command["do"])

    def prepare(self, seat: Seat, load: dict[str, Any], do: str) -> None:
        """Keep in mind what is to be done as soon as there is a worker, and ask for one."""
        if do in ("play", "pause", "step", "reset"):
            load["play"] = do == "play"
        if do in ("load", "play", "step", "reset", "set", "click"):
            seat.owes_step = do == "step"
            if seat not in self.waiting:
                self.waiting.append(seat)
            self.admit()

    # Workers.

    def admit(self) -> None:
        """Let in who waits while there is room; runs with nothing to lose make room."""
        while self.waiting and (len(self.workers) + len(self.unborn) < self.rules.runs or self.make_room()):
            self.start(self.waiting.popleft())
        for place, seat in enumerate(self.waiting, start=1):
            if (seat.state, seat.place) != ("queued", place) or not seat.newest:
                seat.place = place
                seat.tell("queued", place=place, ended=None)

    def make_room(self) -> bool:
        """Take the worker of a seat that loses nothing, or whose browser has gone; False if all are at work."""
        now = time.monotonic()
        idle = [w for w in self.workers.values() if w.seat.state in IDLE or w.seat.away(now) > self.rules.grace]
        if not idle:
            return False
        self.release(min((worker.seat for worker in idle), key=lambda seat: seat.seen))
        return True

    def start(self, seat: Seat) -> None:
        """Have a worker born for this seat and hand it what is to be run."""
        nursery = self.nursery or self.open_nursery()
        seat.worker = Worker(Line(nursery.bear()), seat)
        self.unborn.append(seat.worker)
        self.selector.register(seat.worker.line, selectors.EVENT_READ, seat.worker)
        seat.worker.say({"do": "speed", "value": seat.speed})
        seat.worker.say((seat.load or {}) | {"run": seat.run})
        if seat.owes_step:
            seat.worker.say({"do": "step"})
        seat.state, seat.owes_step = "starting", False

    def release(self, seat: Seat) -> None:
        """Take the seat's worker away. What it showed stays."""
        worker, seat.worker = seat.worker, None
        if worker:
            self.hang_up(worker)
            if seat.state not in IDLE:
                seat.tell("ended", ended={"word": "stopped", "values": {}})

    def hang_up(self, worker: Worker) -> None:
        """Close the line and end the process."""
        self.unhear(worker)
        worker.line.close()
        if self.workers.pop(worker.pid, None):
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)

    def unhear(self, worker: Worker) -> None:
        with contextlib.suppress(KeyError, ValueError):  # it has hung up itself
            self.selector.unregister(worker.line)

    def open_nursery(self) -> Nursery:
        self.nursery = Nursery(self.programs)
        self.selector.register(self.nursery, selectors.EVENT_READ)
        return self.nursery

    # The thread.

    def move(self) -> None:
        """Carry frames and reports until the engine is closed."""
        ticked = time.monotonic()
        while not self.closed:
            for key, _ in self.selector.select(self.rules.tick):
                with self.lock:
                    if self.closed:
                        return
                    if isinstance(key.fileobj, Nursery):
                        self.report(key.fileobj)
                    else:
                        self.receive(key.data)
            if time.monotonic() - ticked > self.rules.tick:
                ticked = time.monotonic()
                with self.lock:
                    self.tidy(ticked)

    def receive(self, worker: Worker) -> None:
        """Show the newest of the frames that have come from a worker."""
        seat = worker.seat
        try:
            messages = worker.line.receive()
        except EOFError:  # the nursery will say how it ended
            self.unhear(worker)
            return
        for data in messages:
            frame = unpack(data)
            if seat.worker is worker and frame.facts.get("run") == seat.run:
                seat.show(frame, data)
        if self.waiting and seat.state in IDLE:
            self.admit()

    def report(self, nursery: Nursery) -> None:
        """Hear of births and deaths."""
        try:
            for pid, status in nursery.notes():
                if not pid:
                    self.devices = ["auto", "cpu", *(f"cuda:{index}" for index in range(status))]
                elif status == BORN:
                    self.born(self.unborn.popleft(), pid)
                elif worker := self.workers.get(pid):
                    self.died(worker, status)
        except (EOFError, OSError):
            self.orphaned(nursery)
        self.admit()

    def born(self, worker: Worker, pid: int) -> None:
        if pid == UNBORN:
            self.ended(worker, {"word": "out_of_memory", "values": {}})
            return
        worker.pid = pid
        self.workers[pid] = worker
        if worker.seat.worker is not worker:  # released before it was born
            self.hang_up(worker)

    def died(self, worker: Worker, status: int) -> None:
        """Say why the run of that process is over; nobody else notices."""
        self.receive(worker)  # its last words
        if worker.over_memory:
            self.ended(worker, {"word": "out_of_memory", "values": {}})
        elif status < 0:
            self.ended(worker, {"word": "killed", "values": {"signal": -status}})
        else:
            self.ended(worker, {"word": "failed", "values": {"error": f"exit code {status}"}})

    def ended(self, worker: Worker, why: dict[str, Any]) -> None:
        """A worker is no more. What it showed stays."""
        self.workers.pop(worker.pid, None)
        self.hang_up(worker)
        if worker.seat.worker is worker:
            worker.seat.worker = None
            worker.seat.tell("ended", ended=why)

    def orphaned(self, nursery: Nursery) -> None:
        """The nursery itself has ended: so have all runs. The next Play opens another."""
        self.selector.unregister(nursery)
        self.nursery = None
        status = nursery.close()
        for worker in [*self.unborn, *self.workers.values()]:
            if worker.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGKILL)
            self.died(worker, status)
        self.unborn.clear()

    def tidy(self, now: float) -> None:
        """Pause and give up what nobody looks at; end what takes too much memory."""
        for seat in list(self.seats.values()):
            away = seat.away(now)
            if away > self.rules.release:
                self.forget(seat)
            elif away > self.rules.grace:
                self.rest(seat)
        for worker in self.workers.values():
            worker.line.flush()
            if megabytes(worker.pid) > self.rules.memory:
                worker.over_memory = True
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker.pid, signal.SIGKILL)
        self.admit()

    def rest(self, seat: Seat) -> None:
        """Nobody looks: the run waits, and lets others pass in the queue."""
        if seat.worker and seat.state in ("starting", "playing"):
            seat.worker.say({"do": "pause"})
        elif seat in self.waiting:
            self.waiting.remove(seat)
            seat.tell("ready")

    def forget(self, seat: Seat) -> None:
        self.release(seat)
        del self.seats[seat.token]
        with contextlib.suppress(ValueError):
            self.waiting.remove(seat)


def megabytes(pid: int) -> float:
    """The memory a process holds for itself; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0.0
    return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE") / 1e6


@cache
def engine() -> Engine:
    """The engine of this process, started at the first call."""
    return Engine()
