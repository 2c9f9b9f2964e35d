"""Is the kernel here? It is read from the cache, or compiled, when a run asks for it first."""

from __future__ import annotations

import importlib
import logging
from types import ModuleType

ENTRY = "fbviz.learning.compiled.entry"


class Kernel:
    """The compiled functions of this process."""

    def __init__(self) -> None:
        self.entry: ModuleType | None = None
        self.patient = True  # may a run wait until it is compiled? Those of a server do not: see worker/forkserver.py
        self.broken = ""  # why there is none

    def ready(self) -> bool:
        """Can it make updates now?"""
        if self.patient and not (self.entry or self.broken):
            self.load()
        return self.entry is not None

    def cached(self) -> bool:
        """Would it be here in a moment?"""
        try:
            from fbviz.learning.compiled.cache import filled

            return filled().exists()
        except (ImportError, OSError) as why:
            self.give_up(why)
            return False

    def load(self) -> None:
        """Have it: half a second from the cache, half a minute without. Where it cannot be had, why is logged once."""
        try:
            self.entry = importlib.import_module(ENTRY)
        except Exception as why:  # no numba, no room on the disk, a cache that is spoiled: all runs go on without
            self.give_up(why)

    def give_up(self, why: Exception) -> None:
        """Without it, and why."""
        self.broken = f"{type(why).__name__}: {why}".partition("\n")[0][:300]
        logging.getLogger(__name__).warning("Runs are trained by PyTorch alone. %s", self.broken)


KERNEL = Kernel()
