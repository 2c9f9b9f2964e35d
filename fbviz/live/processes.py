"""The processes of runs: forked by the fork server, heard on one selector, looked after, and ended."""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import signal
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from fbviz.commands import Ping
from fbviz.live.channel import Channel
from fbviz.live.forkserver import ForkServer
from fbviz.live.places import Rules
from fbviz.live.pulse import Pulse
from fbviz.live.seats import Seat, Worker
from fbviz.snapshot import Ended

RETRY = 10.0  # seconds before a fork server that could not load torch is tried again

log = logging.getLogger("fbviz")


class Owner(Protocol):
    """Who is told what becomes of the processes."""

    def heard(self, worker: Worker, messages: list[bytes]) -> None:
        """Frames have come from a worker, the newest last."""

    def ended(self, worker: Worker, why: Ended) -> None:
        """A worker is no more."""

    def never_forked(self, worker: Worker) -> None:
        """A worker will not be forked: the fork server has ended, and its seat waits again."""

    def sparing(self, worker: Worker) -> AbstractContextManager[None]:
        """What goes wrong in here costs this worker its run at most."""


class Processes:
    """Every worker there is or will be. Whoever calls holds the engine's lock; only `ready` waits, without it."""

    def __init__(self, programs: str, rules: Rules, owner: Owner) -> None:
        self.programs, self.rules, self.owner = programs, rules, owner
        self.waiting: deque[Worker] = deque()  # to be forked, in this order
        self.alive: dict[int, Worker] = {}  # by process
        self.devices = ["auto", "cpu"]  # and the GPUs, as soon as the fork server has counted them
        self.selector = selectors.DefaultSelector()
        self.broken = ""  # why no worker can be forked
        self.retry_at = 0.0
        self.forkserver: ForkServer | None = None
        self.open_forkserver()

    @property
    def count(self) -> int:
        return len(self.alive) + len(self.waiting)

    def start(self, seat: Seat, *, again: bool) -> Worker:
        """Have a worker forked for this seat. OSError where there is no room for one."""
        forkserver = self.forkserver or self.open_forkserver()
        channel = Channel(forkserver.fork())
        worker = Worker(channel, seat, Pulse(self.rules.silence), catching_up=again)
        self.waiting.append(worker)
        self.selector.register(channel, selectors.EVENT_READ, worker)
        return worker

    def stop(self, worker: Worker) -> None:
        """Close the channel and end the process."""
        self.unhear(worker)
        worker.channel.close()
        if self.alive.pop(worker.pid, None):
            kill(worker.pid)

    def unhear(self, worker: Worker) -> None:
        with contextlib.suppress(KeyError, ValueError):  # it has hung up itself
            self.selector.unregister(worker.channel)

    def open_forkserver(self) -> ForkServer:
        """Start one. OSError where there is no room for it."""
        self.forkserver = ForkServer(self.programs, self.rules.silence)
        self.forkserver.pulse.beat(time.monotonic())
        self.selector.register(self.forkserver, selectors.EVENT_READ)
        return self.forkserver

    def hang_up(self) -> None:
        """Have the fork server end; `ready` returns at once."""
        if self.forkserver:
            self.forkserver.hang_up()

    def close(self) -> None:
        """End every worker and the fork server."""
        for worker in [*self.waiting, *self.alive.values()]:
            worker.channel.close()
            kill(worker.pid)
        if self.forkserver:
            self.forkserver.close()
        self.selector.close()

    # What comes from them.

    def ready(self) -> Iterator[Worker | None]:
        """Who has something to say, after a tick at most; None is the fork server."""
        try:
            keys = self.selector.select(self.rules.tick)
        except OSError as why:
            log.error("The channels of runs cannot be heard: %s", why)
            time.sleep(self.rules.tick)
            return
        yield from (key.data for key, _ in keys)

    def hear(self, worker: Worker | None) -> None:
        """Take in what it says."""
        if worker:
            self.receive(worker)
        elif self.forkserver:
            self.report(self.forkserver)

    def receive(self, worker: Worker) -> None:
        """Hand on the messages of a worker."""
        try:
            messages = worker.channel.receive()
        except EOFError:
            self.unhear(worker)
            if worker.orphan:  # otherwise the fork server will say how it ended
                self.owner.ended(worker, Ended("lost"))
            return
        worker.pulse.beat(time.monotonic())
        self.owner.heard(worker, [data for data in messages if data])  # an empty one answers a ping

    def report(self, forkserver: ForkServer) -> None:
        """Hear which workers were forked, and which have ended."""
        now = time.monotonic()
        try:
            for note in forkserver.news(now):
                match note:
                    case {"gpus": count}:
                        self.devices = ["auto", "cpu", *(f"cuda:{index}" for index in range(count))]
                        self.broken = ""
                    case {"forked": pid}:
                        self.forked(self.waiting.popleft(), pid)
                    case {"died": pid, "status": status} if worker := self.alive.get(pid):
                        with self.owner.sparing(worker):
                            self.died(worker, status)
        except (EOFError, OSError):
            self.orphaned(forkserver, now)

    def forked(self, worker: Worker, pid: int) -> None:
        """A worker is there; one that has no pid never will be."""
        if not pid:
            self.owner.ended(worker, Ended("out_of_memory"))
            return
        worker.pid = pid
        worker.pulse.beat(time.monotonic())
        self.alive[pid] = worker
        if worker.seat.worker is not worker:  # released before it was forked
            self.stop(worker)

    def died(self, worker: Worker, status: int) -> None:
        """Say why the run of that process is over; nobody else notices."""
        self.receive(worker)  # its last words
        if worker.over_memory:
            why = Ended("out_of_memory")
        elif status < 0:
            why = Ended("killed", {"signal": -status})
        else:
            why = Ended("failed", {"error": f"exit status {status}"})
        self.owner.ended(worker, why)

    def orphaned(self, forkserver: ForkServer, now: float) -> None:
        """The fork server has ended. Its runs go on; who waited for a worker waits for the next fork server."""
        self.selector.unregister(forkserver)
        self.forkserver = None
        status = forkserver.kill()
        if not forkserver.warm:
            reason = forkserver.broken or f"the process that forks runs ended with exit status {status}"
            if reason != self.broken:
                log.error("No run can be started: %s", reason)
            self.broken, self.retry_at = reason, now + RETRY
        for worker in self.alive.values():
            worker.orphan = True
        for worker in reversed(self.waiting):
            self.stop(worker)
            self.owner.never_forked(worker)
        self.waiting.clear()

    # What is seen to twice a second.

    def tend(self, worker: Worker, now: float) -> None:
        """End a worker that takes too much memory, or that neither answers nor works."""
        worker.channel.flush()
        if megabytes(worker.pid) > self.rules.memory:
            worker.over_memory = True
            kill(worker.pid)
        elif worker.pulse.stopped(now, worker.pid):
            log.warning("A run stood still for %g seconds and was ended.", self.rules.silence)
            self.owner.ended(worker, Ended("silent", {"seconds": self.rules.silence}))
        elif worker.pulse.due(now):
            worker.say(Ping())

    def tend_forkserver(self, now: float) -> None:
        """Replace a fork server that does not answer."""
        if not self.forkserver:
            return
        if self.forkserver.pulse.stopped(now, self.forkserver.process.pid):
            log.error("The process that forks runs does not answer; another takes its place.")
            self.orphaned(self.forkserver, now)
        elif self.forkserver.pulse.due(now):
            self.forkserver.ping()


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
