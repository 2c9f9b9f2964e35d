"""How a run's numbers are made, wherever it runs: by one thread, and without denormals.

Threads divide a sum, and another division rounds otherwise; at this size one is also the fastest. Denormals are numbers
below 1e-38, which a processor handles many times more slowly, and weights that decay end there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch


def settle() -> None:
    """For good, in a process that does nothing but run."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


@contextmanager
def settled() -> Iterator[None]:
    """For a while: afterwards the process counts as it did before."""
    threads, flushed = torch.get_num_threads(), sys.float_info.min / 2 == 0
    settle()
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(flushed)
