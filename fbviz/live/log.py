"""The log of a server: what repeats is said once a second at most, and a shortage is no traceback."""

from __future__ import annotations

import asyncio
import errno
import logging
import time

PAUSE = 1.0  # seconds before the same is said again
SHORTAGE = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

log = logging.getLogger("fbviz")


class Seldom(logging.Filter):
    """Lets the same message through once a PAUSE."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, float] = {}  # by message, when

    def filter(self, record: logging.LogRecord) -> bool:
        """Has it not been said just now?"""
        now = time.monotonic()
        if now - self.said.get(record.msg, -PAUSE) < PAUSE:
            return False
        self.said[record.msg] = now
        return True


def begin() -> None:
    """Have the log say seldom what repeats, also what asyncio tells of each connection it cannot take."""
    if not any(isinstance(found, Seldom) for found in log.filters):
        log.addFilter(Seldom())
    asyncio.get_running_loop().set_exception_handler(tell)


def tell(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """What asyncio calls when something failed that nobody waits for."""
    why = context.get("exception")
    if "_start_serving" in str(context.get("message")) and isinstance(why, ValueError):
        return  # the server was stopped before it could take connections again
    if isinstance(why, OSError) and why.errno in SHORTAGE:
        log.error("No room for a new connection: %s. It is tried again when others close.", why.strerror)
    else:
        loop.default_exception_handler(context)
