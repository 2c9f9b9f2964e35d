"""The engine: seats, the worker processes behind them, and the queue for them.

A seat is one browser view. Its worker is a process of its own, so it can be killed, cannot harm
another, and does not hold up a page. One thread moves bytes: newest frame wins, nothing queues up.
Who waits for a place gets one from places.py; whoever gives a place away goes on later from where it stood.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import selectors
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from fbviz import limits
from fbviz.frames import unpack
from fbviz.live import commands, places
from fbviz.live.commands import Command, RefusedError
from fbviz.live.line import Line
from fbviz.live.nursery import Nursery
from fbviz.live.places import Rules
from fbviz.live.pulse import Pulse
from fbviz.live.seats import Seat, Worker

PROGRAMS = "fbviz.learning.programs"  # by name: whoever imports it has torch
RETRY = 10.0  # seconds before a nursery that could not load torch is tried again

log = logging.getLogger("fbviz")


class Engine:
    """All seats of a server. Every public method may be called from any thread."""

    def __init__(self, rules: Rules | None = None, programs: str = PROGRAMS) -> None:
        self.rules, self.programs = rules or Rules(), programs
        self.name = secrets.token_hex(4)  # another after each start of the server
        self.lock = threading.RLock()
        self.seats: dict[str, Seat] = {}
        self.waiting: deque[Seat] = deque()
        self.unborn: deque[Worker] = deque()
        self.workers: dict[int, Worker] = {}  # by process
        self.devices = ["auto", "cpu"]  # and the GPUs, as soon as the nursery has counted them
        self.selector = selectors.DefaultSelector()
        self.closed = False
        self.broken = ""  # why no worker can be born
        self.retry_at = 0.0
        self.nursery: Nursery | None = None
        self.open_nursery()
        self.thread = threading.Thread(target=self.move, name="fbviz engine", daemon=True)
        self.thread.start()

    @property
    def trouble(self) -> str:
        """Why nothing can be run here, in a sentence for the host; empty when all is well."""
        if not self.thread.is_alive():
            return "The thread that carries frames has ended. Start the server again."
        return self.broken and f"No run can be started: {self.broken}. Mend that, and start the server again."

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
        """End every worker and the nursery."""
        with self.lock:
            nursery, self.nursery, self.closed = self.nursery, None, True
            if nursery:
                nursery.hang_up()
        self.thread.join()
        for worker in [*self.unborn, *self.workers.values()]:
            worker.line.close()
            kill(worker.pid)
        if nursery:
            nursery.close()
        self.selector.close()

    # Commands.

    def obey(self, seat: Seat, command: Command) -> None:
        """Pass a command on, or keep it for the worker the seat will get. RefusedError for one value too many."""
        with self.lock:
            seat.seen = time.monotonic()
            do = command["do"]
            if do == "load":
                if seat.runs(command) and not command["until"]:
                    return
                seat.load, seat.newest, seat.left, seat.owed = command, b"", None, []
            if do in ("load", "reset"):
                seat.run, seat.touched = seat.run + 1, False
            elif do == "speed":
                seat.speed = command["value"]
            elif do in ("set", "click"):
                self.keep(seat, command)
            if do in places.ACTS or command.get("play"):
                seat.used = seat.seen
            if seat.load is None:
                if seat.state != "empty":  # the browser shows what this server has forgotten
                    seat.tell("empty", server=self.name)
            elif seat.worker and not seat.worker.leaving:
                seat.state = "starting" if do in ("load", "play", "step", "reset") else seat.state
                seat.worker.say(command | {"run": seat.run})
            else:
                self.prepare(seat, seat.load, command)

    def keep(self, seat: Seat, command: Command) -> None:
        """Remember that a live parameter was set, for a run that has to begin again."""
        seat.touched = True
        if seat.load and command["do"] == "set":
            values = seat.load["values"]
            if command["name"] not in values and len(values) >= commands.NAMES:
                raise RefusedError("command", command=command["name"])
            values[command["name"]] = command["value"]

    def prepare(self, seat: Seat, load: Command, command: Command) -> None:
        """Keep in mind what is to be done as soon as there is a worker, and ask for one."""
        do = command["do"]
        if do in ("play", "pause", "step", "reset"):
            load["play"] = do == "play"
        if do == "reset" or seat.state == "ended":
            seat.left = None
        if do == "pause" and seat.left and seat in self.waiting:
            self.waiting.remove(seat)
            seat.tell("paused", gave="rest")
        if do in ("want", "speed", "pause") or (seat.state == "ended" and do in ("set", "click")):
            return
        if seat.left or do != "set":  # without, the run begins with the values of `load`
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
        return sum(bool(worker.leaving) for worker in self.workers.values())

    def admit(self) -> None:
        """Let in who waits while there is room, and ask for the places of those who can give one."""
        now = time.monotonic()
        if self.broken and now < self.retry_at:
            self.refuse()
        while self.waiting and (len(self.workers) + len(self.unborn) < self.rules.runs or self.make_room(now)):
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
            giver, why = places.giver(seat, self.workers.values(), self.rules, now)
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
            seat.load["play"] = None  # as it is then, if nobody says otherwise until it has left
            worker.say({"do": "leave"})

    def has_left(self, worker: Worker, left: dict[str, Any], run: int) -> None:
        """A worker has handed over: its run goes on from there when it is its turn, or when it is asked to."""
        seat, load = worker.seat, worker.seat.load or {}
        self.release(seat)
        seat.left = left if run == seat.run else None  # otherwise something else has been loaded meanwhile
        if load["play"] is None:
            load["play"] = left["playing"] and (seat.asked or worker.leaving == "share")
        if seat.asked:
            self.waiting.append(seat)
        elif load["play"]:
            self.waiting.append(seat)
            seat.tell("queued", place=len(self.waiting), gave=worker.leaving)
        elif seat.state in ("playing", "paused") and not places.idle(seat):
            seat.tell("paused", gave=worker.leaving)

    def refuse(self) -> None:
        """Nothing can be run here: say so to all who wait."""
        for seat in self.waiting:
            seat.tell("ended", ended={"word": "broken", "values": {"error": self.broken}})
        self.waiting.clear()

    # Workers.

    def start(self, seat: Seat) -> bool:
        """Have a worker born for this seat and hand it what is to be run; False where there is no room for one."""
        try:
            nursery = self.nursery or self.open_nursery()
            line = Line(nursery.bear())
        except OSError as why:
            log.warning("No run can be started now: %s", why)
            return False
        load = (seat.load or {}) | {"run": seat.run} | ({"left": seat.left} if seat.left else {})
        again = bool(seat.left or load.get("until"))
        seat.worker = worker = Worker(line, seat, Pulse(self.rules.silence), catching_up=again)
        self.unborn.append(worker)
        self.selector.register(line, selectors.EVENT_READ, worker)
        worker.say({"do": "speed", "value": seat.speed})
        worker.say(load)
        for command in seat.owed:
            worker.say(command | {"run": seat.run})
        seat.state, seat.left, seat.owed, seat.asked = "starting", None, [], False
        return True

    def release(self, seat: Seat) -> None:
        """Take the seat's worker away. What it showed stays."""
        worker, seat.worker = seat.worker, None
        if worker:
            self.hang_up(worker)

    def hang_up(self, worker: Worker) -> None:
        """Close the line and end the process."""
        self.unhear(worker)
        worker.line.close()
        if self.workers.pop(worker.pid, None):
            kill(worker.pid)

    def unhear(self, worker: Worker) -> None:
        with contextlib.suppress(KeyError, ValueError):  # it has hung up itself
            self.selector.unregister(worker.line)

    def open_nursery(self) -> Nursery:
        """Start one. OSError where there is no room for it."""
        self.nursery = Nursery(self.programs, self.rules.silence)
        self.nursery.pulse.beat(time.monotonic())
        self.selector.register(self.nursery, selectors.EVENT_READ)
        return self.nursery

    # The thread.

    def move(self) -> None:
        """Carry frames and reports until the engine is closed. Nothing that goes wrong with one seat ends it."""
        ticked = time.monotonic()
        while not self.closed:
            for key in self.ready():
                with self.lock:
                    if self.closed:
                        return
                    if isinstance(key.fileobj, Nursery):
                        with self.sparing():
                            self.report(key.fileobj)
                    else:
                        with self.sparing(key.data):
                            self.receive(key.data)
            if time.monotonic() - ticked > self.rules.tick:
                ticked = time.monotonic()
                with self.lock, self.sparing():
                    self.tidy(ticked)

    def ready(self) -> list[selectors.SelectorKey]:
        """The lines on which something has come, after a tick at most."""
        try:
            return [key for key, _ in self.selector.select(self.rules.tick)]
        except OSError as why:
            log.error("The lines of runs cannot be heard: %s", why)
            time.sleep(self.rules.tick)
            return []

    @contextlib.contextmanager
    def sparing(self, worker: Worker | None = None) -> Iterator[None]:
        """What goes wrong in here is logged, and costs this worker its run at most."""
        try:
            yield
        except Exception as why:
            log.exception("A step of the engine failed")
            if worker:
                with contextlib.suppress(Exception):
                    self.ended(worker, {"word": "failed", "values": {"error": type(why).__name__}})

    def receive(self, worker: Worker) -> None:
        """Show the newest of the frames that have come from a worker."""
        seat, before = worker.seat, worker.seat.state
        try:
            messages = worker.line.receive()
        except EOFError:
            self.unhear(worker)
            if worker.orphan:  # otherwise the nursery will say how it ended
                self.ended(worker, {"word": "lost", "values": {}})
            return
        worker.pulse.beat(time.monotonic())
        for data in messages:
            if not data:  # the answer to a ping
                continue
            frame = unpack(data)
            if seat.worker is not worker:
                return
            if "left" in frame.facts:
                self.has_left(worker, frame.facts["left"], frame.facts["run"])
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
        mates = [w for w in self.workers.values() if w.seat.page == seat.page and places.can_give(w)]
        if len(mates) > 1:
            last = max(mates, key=lambda worker: worker.seat.used)
            for worker in mates:
                if worker is not last:
                    self.leave(worker, "page")

    def report(self, nursery: Nursery) -> None:
        """Hear of births and deaths."""
        now = time.monotonic()
        try:
            for note in nursery.news(now):
                match note:
                    case {"gpus": count}:
                        self.devices = ["auto", "cpu", *(f"cuda:{index}" for index in range(count))]
                        self.broken = ""
                    case {"born": pid}:
                        self.born(self.unborn.popleft(), pid)
                    case {"died": pid, "status": status} if worker := self.workers.get(pid):
                        with self.sparing(worker):
                            self.died(worker, status)
        except (EOFError, OSError):
            self.orphaned(nursery, now)
        self.admit()

    def born(self, worker: Worker, pid: int) -> None:
        """A worker is there; one that has no pid never will be."""
        if not pid:
            self.ended(worker, {"word": "out_of_memory", "values": {}})
            return
        worker.pid = pid
        worker.pulse.beat(time.monotonic())
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
            self.ended(worker, {"word": "failed", "values": {"error": f"exit status {status}"}})

    def ended(self, worker: Worker, why: dict[str, Any]) -> None:
        """A worker is no more. What it showed stays."""
        self.hang_up(worker)
        if worker.seat.worker is worker:
            worker.seat.worker = None
            worker.seat.tell("ended", ended=why)
            if worker.seat.asked:
                self.waiting.append(worker.seat)

    def orphaned(self, nursery: Nursery, now: float) -> None:
        """The nursery has ended. Its runs go on; who waited for a birth waits for one from the next."""
        self.selector.unregister(nursery)
        self.nursery = None
        status = nursery.kill()
        if not nursery.warm:
            reason = nursery.broken or f"the process that forks runs ended with exit status {status}"
            if reason != self.broken:
                log.error("No run can be started: %s", reason)
            self.broken, self.retry_at = reason, now + RETRY
        for worker in self.workers.values():
            worker.orphan = True
        for worker in reversed(self.unborn):
            self.hang_up(worker)
            if worker.seat.worker is worker:
                worker.seat.worker = None
                self.waiting.appendleft(worker.seat)
        self.unborn.clear()

    # What is seen to twice a second.

    def tidy(self, now: float) -> None:
        """Pause and give up what nobody looks at; end what takes too much memory, or stands still."""
        for seat in list(self.seats.values()):
            with self.sparing(seat.worker):
                self.look_away(seat, now)
        for worker in list(self.workers.values()):
            with self.sparing(worker):
                self.look_after(worker, now)
        if nursery := self.nursery:
            if nursery.pulse.stopped(now, nursery.process.pid):
                log.error("The process that forks runs does not answer; another takes its place.")
                self.orphaned(nursery, now)
            elif nursery.pulse.due(now):
                nursery.ping()
        self.admit()

    def look_after(self, worker: Worker, now: float) -> None:
        """End a worker that takes too much memory, or that neither answers nor works."""
        worker.line.flush()
        if megabytes(worker.pid) > self.rules.memory:
            worker.over_memory = True
            kill(worker.pid)
        elif worker.pulse.stopped(now, worker.pid):
            log.warning("A run stood still for %g seconds and was ended.", self.rules.silence)
            self.ended(worker, {"word": "silent", "values": {"seconds": self.rules.silence}})
        elif worker.pulse.due(now):
            worker.say({"do": "ping"})

    def look_away(self, seat: Seat, now: float) -> None:
        """Nobody looks: after a while the run waits, and lets others pass in the queue; later it is given up."""
        away = seat.away(now)
        if away > self.rules.release:
            self.forget(seat)
        elif away <= self.rules.grace:
            return
        elif seat.worker and seat.state in ("starting", "playing"):
            seat.worker.say({"do": "pause"})
        elif seat in self.waiting:
            self.waiting.remove(seat)
            seat.tell("paused", gave="away") if seat.left else seat.tell("ready")

    def forget(self, seat: Seat) -> None:
        self.release(seat)
        del self.seats[seat.token]
        with contextlib.suppress(ValueError):
            self.waiting.remove(seat)


def kill(pid: int) -> None:
    """End a process, if there is one of that number."""
    if pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


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
    return Engine(Rules(sockets=limits.sockets()))
