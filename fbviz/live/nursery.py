"""The nursery as the engine sees it: it hands in the ends of lines and hears of births and deaths."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from fbviz.notes import NOTE

ROOT = Path(__file__).parents[2]
PATIENCE = 2  # seconds in which a nursery that nobody needs ends by itself


class Nursery:
    """A process that forks workers. Its `fileno` can be selected on."""

    def __init__(self, programs: str) -> None:
        self.control, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fbviz.learning.nursery", str(theirs.fileno()), programs],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env=os.environ | {"PYTORCH_NVML_BASED_CUDA_CHECK": "1"},  # to count GPUs must not spoil forking
        )
        theirs.close()

    def fileno(self) -> int:
        return self.control.fileno()

    def bear(self) -> socket.socket:
        """Our end of the line to a worker that will be there in a moment; births are reported in this order."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.control, [b"f"], [theirs.fileno()])
        return ours

    def notes(self) -> Iterator[tuple[int, int]]:
        """What it has reported since, as fbviz/notes.py has it. EOFError when it has gone."""
        data = self.control.recv(NOTE.size * 64)
        if not data:
            raise EOFError
        yield from NOTE.iter_unpack(data)

    def hang_up(self) -> None:
        """Tell it to end; its end of the line is heard here too."""
        self.control.shutdown(socket.SHUT_RDWR)

    def close(self) -> int:
        """End it and all its workers; returns its exit code, or −signal."""
        self.control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(PATIENCE)
        self.process.kill()
        return self.process.wait()
