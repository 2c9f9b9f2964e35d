"""Every limit of a server, with its reason. A host sets one by the environment variable FBVIZ_ and its name."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

SERVER = 1000  # megabytes of the server and of torch, loaded once
RUN = 40  # of a run
OWN = 100  # file descriptors of the server itself
PER_CORE = 25  # runs that one core still moves visibly, four frames a second each: a class of fifty on two cores


def limit(name: str, default: int, why: str) -> int:
    """What the host set, or `default`. ValueError, with the reason, for anything but a whole number from 1."""
    text = os.environ.get(f"FBVIZ_{name}", str(default))
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"FBVIZ_{name} is {text!r}; it can be a whole number from 1. {why}")
    return int(text)


def megabytes() -> int:
    """The memory of this machine, or of the container it stands in; 8000 where neither is said."""
    found = []
    with contextlib.suppress(OSError, ValueError):
        found.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    with contextlib.suppress(AttributeError, OSError, ValueError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(found, default=8_000_000_000) // 1_000_000


def room(memory: int, cores: int) -> int:
    """How many runs a machine holds at once; at least two, so that one may wait for nobody."""
    return max(2, min((memory - SERVER) // RUN, cores * PER_CORE))


RUNS = limit(
    "RUNS", room(megabytes(), os.cpu_count() or 1), f"Runs that hold a process at once: each takes up to {RUN} MB."
)
SECONDS = limit("SECONDS", 900, "Seconds a run may train: a forgotten one must not heat the room for ever.")
MEMORY = limit("MEMORY", 1500, "Megabytes one run may use: the largest experiment needs about half.")
GRACE = limit("GRACE", 20, "Seconds a run goes on after its browser has gone: a reload or a tunnel takes less.")
DEADLINE = limit("DEADLINE", 20, "Seconds in which a browser takes a frame: one that does not is taken as gone.")
RELEASE = limit("RELEASE", 600, "Seconds after which a run nobody looks at is given up.")
REST = limit("REST", 10, "Seconds a paused run keeps its place while others wait: a thought takes less.")
SHARE = limit("SHARE", 30, "Seconds a run trains while others wait: most runs of a lesson are over by then.")
SILENCE = limit("SILENCE", 5, "Seconds a process may neither answer nor work: one that is busy works.")
SEATS = limit("SEATS", 2000, "Views that may be open at once: each keeps its last picture, about 50 kB.")
MESSAGE = limit("MESSAGE", 65_536, "Bytes of one message from a browser: the longest link fits ten times.")
RATE = limit("RATE", 200, "Messages a second from one browser: a drawn frame is one.")


def sockets() -> int:
    """How many views may have a socket at once: at most SEATS, and no more than there are file descriptors for.

    A view takes one and its page's own socket another, a run one; a process may open as many as the system lets it.
    """
    try:
        import resource
    except ImportError:  # Windows counts no descriptors
        return SEATS
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    free = most if most != resource.RLIM_INFINITY else 1 << 20
    return max(1, min(SEATS, (free - OWN - RUNS) // 2))
