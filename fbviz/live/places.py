"""Who gives a place to who waits: a place is a process, and there are fewer of them than views."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fbviz import limits
from fbviz.commands import Click, Play, Reset, Set, Step
from fbviz.frames import unpack
from fbviz.live.seats import Seat, Worker

ACTS = (Play, Step, Reset, Set, Click)  # by which a view is used, and not only looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an engine allows."""

    runs: int = limits.RUNS
    seats: int = limits.SEATS
    sockets: int = limits.SEATS
    memory: float = limits.MEMORY  # MB
    grace: float = limits.GRACE  # seconds, as all that follow
    release: float = limits.RELEASE
    rest: float = limits.REST
    share: float = limits.SHARE
    silence: float = limits.SILENCE
    tick: float = 0.5  # between two looks at who has gone, who stands still, and how much memory runs take


def idle(seat: Seat) -> bool:
    """Has its run come to rest, so that it only answers its reader?"""
    return bool(seat.newest) and bool(unpack(seat.newest).facts.get("idle"))


def can_give(worker: Worker) -> bool:
    """Is there something to hand over, and has it not been asked to already?"""
    return not (worker.leaving or worker.catching_up) and worker.seat.state not in ("starting", "queued")


def giver(asking: Seat, workers: Iterable[Worker], rules: Rules, now: float) -> tuple[Worker, str] | tuple[None, str]:
    """The worker that is to leave for `asking`, and why; None where all are to go on.

    In this order: one of the same page, which holds one place; one that nobody looks at; one with nothing to do;
    one that has rested for a while; one that has had its share of time. Of several, the one used longest ago.
    """
    able = [worker for worker in workers if can_give(worker)]
    grounds: list[tuple[str, Callable[[Worker], bool]]] = [
        ("page", lambda w: w.seat.page == asking.page and (w.seat.used < asking.used or w.seat.state != "playing")),
        ("away", lambda w: w.seat.away(now) > rules.grace),
        ("rest", lambda w: w.seat.state in ("ready", "ended")),
        ("rest", lambda w: w.seat.state == "paused" and now - max(w.seat.used, w.seat.since) > rules.rest),
        ("share", lambda w: w.seat.state == "playing" and now - w.began > rules.share),
    ]
    for why, gives in grounds:
        if found := [worker for worker in able if gives(worker)]:
            return min(found, key=lambda worker: worker.seat.used), why
    return None, ""
