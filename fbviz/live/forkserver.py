"""The fork server as the engine sees it: it takes the ends of channels, and reports whom it forked and who ended."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

from fbviz.fork_protocol import FORK, PING, Note, Notes
from fbviz.live.pulse import Pulse

PATIENCE = 2  # seconds in which a fork server that nobody needs ends by itself
WARMING = 60.0  # seconds it may stand still while it loads torch: a cold disk is slow
CHUNK = 1 << 16


class ForkServer:
    """A process that forks workers. Its `fileno` can be selected on. Raises OSError where there is no room for it."""

    def __init__(self, programs: str, patience: float) -> None:
        self.patience, self.pulse = patience, Pulse(WARMING)
        self.notes = Notes()
        self.warm = False  # has it loaded torch?
        self.broken = ""  # why it could not
        self.control, theirs = socket.socketpair()
        self.control.setblocking(False)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "fbviz.worker.forkserver", str(theirs.fileno()), programs],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=os.environ
                | {
                    "PYTHONPATH": os.pathsep.join(sys.path),  # it finds what is found here, and -P nothing else
                    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",  # to count GPUs must not spoil forking
                },
            )

    def fileno(self) -> int:
        return self.control.fileno()

    def fork(self) -> socket.socket:
        """Our end of the channel to a worker that will be there in a moment; workers are forked in this order.

        Raises OSError when there is no room for one now.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self.control, [FORK], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ours

    def ping(self) -> None:
        """Ask whether it still answers."""
        with contextlib.suppress(OSError):  # full or closed: it will be seen to be silent, or to have gone
            self.control.send(PING)

    def news(self, now: float) -> Iterator[Note]:
        """What it has reported since, as fbviz/fork_protocol.py has it. EOFError when it has gone."""
        try:
            data = self.control.recv(CHUNK)
        except BlockingIOError:
            return
        if not data:
            raise EOFError
        self.pulse.beat(now)
        for note in self.notes.read(data):
            if "gpus" in note:
                self.warm, self.pulse.patience = True, self.patience
            self.broken = note.get("broken", self.broken)
            yield note

    def hang_up(self) -> None:
        """Tell it to end; its end of the channel is heard here too."""
        with contextlib.suppress(OSError):  # it has ended already
            self.control.shutdown(socket.SHUT_RDWR)

    def kill(self) -> int:
        """End it at once, not its workers; returns its exit status, or −signal."""
        self.control.close()
        self.process.kill()
        return self.process.wait()

    def close(self) -> int:
        """End it and all its workers; returns its exit status, or −signal."""
        self.control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(PATIENCE)
        return self.kill()
