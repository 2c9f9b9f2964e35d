"""The engine: seats, the worker processes behind them, and the queue for them.

A seat is one browser view. Its worker is a process of its own, so it can be killed, cannot harm
another, and does not hold up a page. One thread moves bytes: newest frame wins, nothing queues up.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import orjson

from fbviz import limits
from fbviz.frames import unpack
from fbviz.live.seats import Seat, Worker

TICK = 0.5  # seconds between two looks at who has gone, and at how much memory runs take
NOTE = struct.Struct("<ii")  # what the nursery reports: pid, and how it ended
BORN = 1 << 30
PAGE = os.sysconf("SC_PAGE_SIZE")


class BusyError(RuntimeError):
    """There is no seat left."""


class Engine:
    """All seats of a server. Every public method may be called from any thread."""

    def __init__(self, runs: int = limits.RUNS) -> None:
        self.runs = runs
        self.lock = threading.RLock()
        self.seats: dict[str, Seat] = {}
        self.waiting: deque[Seat] = deque()
        self.unborn: deque[Worker] = deque()
        self.workers: dict[int, Seat] = {}
        self.devices = ["auto", "cpu"]  # and the GPUs, as soon as the nursery has counted them
        self.control, theirs = socket.socketpair()
        self.nursery = subprocess.Popen(
            [sys.executable, "-m", "fbviz.learning.nursery", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
            env=os.environ | {"PYTORCH_NVML_BASED_CUDA_CHECK": "1"},  # to count GPUs must not spoil forking
        )
        theirs.close()
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.control, selectors.EVENT_READ)
        self.closed = False
        self.ticked = 0.0
        threading.Thread(target=self.move, name="fbviz engine", daemon=True).start()

    def seat(self, token: str) -> Seat:
        """The seat of that token, made if there is none. BusyError when the server is full."""
        with self.lock:
            if token not in self.seats:
                if len(self.seats) >= limits.SEATS:
                    raise BusyError(f"{limits.SEATS} views are open; close one, or come back later.")
                self.seats[token] = Seat(token, self.obey)
            self.seats[token].seen = time.monotonic()
            return self.seats[token]

    def close(self) -> None:
        """End every worker and the nursery."""
        with self.lock:
            self.closed = True
            self.control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.nursery.wait(2)
        self.nursery.kill()
        self.nursery.wait()

    # Commands.

    def obey(self, seat: Seat, command: dict[str, Any]) -> None:
        """Pass a command on, or keep it for the worker the seat will get."""
        with self.lock:
            seat.seen = time.monotonic()
            match command["do"]:
                case "load":
                    seat.load = command
                case "speed":
                    seat.speed = command["value"]
                case "set" if seat.load:
                    seat.load["values"][command["name"]] = command["value"]
            if seat.worker:
                self.say(seat.worker, command)
            elif seat.load and command["do"] in ("load", "play", "step", "reset", "set"):
                seat.load["play"] = command["do"] == "play" or (command["do"] == "load" and command["play"])
                self.queue(seat)

    def say(self, worker: Worker, command: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # it is about to be reported dead
            worker.connection.send_bytes(orjson.dumps(command))

    # Workers.

    def queue(self, seat: Seat) -> None:
        """Give the seat a worker as soon as there is one."""
        if seat not in self.waiting:
            self.waiting.append(seat)
        self.admit()

    def admit(self) -> None:
        """Let in who waits while there is room; runs with nothing to lose make room."""
        while self.waiting:
            if self.busy() >= self.runs and not self.make_room():
                break
            self.start(self.waiting.popleft())
        for place, seat in enumerate(self.waiting, start=1):
            if (seat.state, seat.place) != ("queued", place):
                seat.state, seat.place = "queued", place
                seat.tell(state="queued", place=place)

    def busy(self) -> int:
        return len(self.workers) + len(self.unborn)

    def make_room(self) -> bool:
        """Take the worker of the seat that has waited longest to be played, or has ended; False if all are at work."""
        idle = [seat for seat in self.workers.values() if seat.state in ("ready", "ended") and seat.worker]
        if not idle:
            return False
        self.release(min(idle, key=lambda seat: seat.seen))
        return True

    def start(self, seat: Seat) -> None:
        """Ask the nursery for a worker for this seat and hand it what is to be run."""
        ours, theirs = socket.socketpair()
        socket.send_fds(self.control, [b"f"], [theirs.fileno()])
        theirs.close()
        seat.worker = Worker(Connection(ours.detach()), seat)
        self.unborn.append(seat.worker)
        self.selector.register(seat.worker.connection, selectors.EVENT_READ, seat.worker)
        if seat.speed:
            self.say(seat.worker, {"do": "speed", "value": seat.speed})
        self.say(seat.worker, seat.load or {})

    def release(self, seat: Seat) -> None:
        """Take the seat's worker away. What it showed stays."""
        worker, seat.worker = seat.worker, None
        if worker:
            self.hang_up(worker)
            self.workers.pop(worker.pid, None)

    def hang_up(self, worker: Worker) -> None:
        """Close the line; a worker ends when nobody is at the other end, or at once if it does not listen."""
        with contextlib.suppress(KeyError, ValueError):
            self.selector.unregister(worker.connection)
        worker.connection.close()
        if worker.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)

    # The thread.

    def move(self) -> None:
        """Carry frames and reports until the engine is closed."""
        while not self.closed:
            for key, _ in self.selector.select(TICK):
                with self.lock:
                    if self.closed:
                        return
                    if key.fileobj is self.control:
                        self.report()
                    else:
                        self.receive(key.data)
            if time.monotonic() - self.ticked > TICK:
                with self.lock:
                    self.ticked = time.monotonic()
                    self.tidy()

    def receive(self, worker: Worker) -> None:
        """Show a frame of a worker."""
        try:
            data = worker.connection.recv_bytes()
        except (OSError, EOFError, ValueError):  # hung up: the nursery will say how it ended
            with contextlib.suppress(KeyError, ValueError):
                self.selector.unregister(worker.connection)
            return
        seat = worker.seat
        if seat.worker is not worker:
            return
        seat.state = state_of(data)
        seat.show(data)
        if self.waiting and seat.state in ("ready", "ended"):
            self.admit()

    def report(self) -> None:
        """Read what the nursery says of births and deaths."""
        data = self.control.recv(NOTE.size * 64)
        if not data:
            self.selector.unregister(self.control)
            return
        for pid, status in NOTE.iter_unpack(data[: len(data) // NOTE.size * NOTE.size]):
            if not pid:
                self.devices += [f"cuda:{index}" for index in range(status)]
                continue
            if status == BORN:
                self.born(self.unborn.popleft(), pid)
            else:
                self.died(pid, status)
        self.admit()

    def born(self, worker: Worker, pid: int) -> None:
        worker.pid = pid
        if worker.seat.worker is worker:
            self.workers[pid] = worker.seat
        else:  # released before it was born
            self.hang_up(worker)

    def died(self, pid: int, status: int) -> None:
        """Say why the run of that process is over; nobody else notices."""
        seat = self.workers.pop(pid, None)
        if seat is None or seat.worker is None:
            return
        worker, seat.worker, seat.state = seat.worker, None, "ended"
        self.hang_up(worker)
        if worker.over_memory:
            ended = {"word": "out_of_memory", "values": {}}
        elif status < 0:
            ended = {"word": "killed", "values": {"signal": -status}}
        else:
            ended = {"word": "failed", "values": {"error": f"exit code {status}"}}
        seat.tell(state="ended", ended=ended)

    def tidy(self) -> None:
        """Pause and give up what nobody looks at; end what takes too much memory."""
        now = time.monotonic()
        for seat in list(self.seats.values()):
            away = 0.0 if seat.watchers else now - seat.seen
            if away > limits.RELEASE:
                self.forget(seat)
            elif away > limits.GRACE and seat.worker and seat.state == "playing":
                self.say(seat.worker, {"do": "pause"})
        for pid, seat in self.workers.items():
            if seat.worker and megabytes(pid) > limits.MEMORY:
                seat.worker.over_memory = True
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def forget(self, seat: Seat) -> None:
        self.release(seat)
        self.seats.pop(seat.token, None)
        with contextlib.suppress(ValueError):
            self.waiting.remove(seat)
        self.admit()


def state_of(data: bytes) -> str:
    """The state a frame is in, without copying its arrays."""
    return str(unpack(data).facts.get("state", "playing"))


def megabytes(pid: int) -> float:
    """The memory a process holds for itself; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0.0
    return (int(fields[1]) - int(fields[2])) * PAGE / 1e6


@cache
def engine() -> Engine:
    """The engine of this process, started at the first call."""
    return Engine()
