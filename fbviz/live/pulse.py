"""Does a process still answer? One that is busy need not, one that stands still must."""

from __future__ import annotations

import os
from pathlib import Path

PAUSE = 1.0  # seconds between two pings
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Pulse:
    """Pings that were sent to a process, and whether it has answered or at least worked since."""

    def __init__(self, patience: float) -> None:
        self.patience = patience  # seconds
        self.heard = self.asked = 0.0  # the last answer, and the first ping after it; by the clock of monotonic
        self.worked = -1.0  # seconds of processor time it had used when it was last looked at

    def beat(self, now: float) -> None:
        """Something has come from it."""
        self.heard, self.asked = now, 0.0

    def due(self, now: float) -> bool:
        """Is it to be pinged now? Then it is taken as done."""
        if self.asked or now - self.heard < PAUSE:
            return False
        self.asked, self.worked = now, -1.0
        return True

    def stopped(self, now: float, pid: int) -> bool:
        """Has it neither answered a ping nor done any work for as long as one has patience?"""
        if not self.asked:
            return False
        used = worked(pid)
        if used != self.worked:
            self.asked, self.worked = now, used
        return now - self.asked > self.patience


def worked(pid: int) -> float:
    """Seconds of processor time a process has used; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK
