"""The nursery: a process that has torch loaded and makes a worker by forking itself, in about 50 ms.

Started as `python -m fbviz.learning.nursery FD`, FD being one end of a socket pair. The other end sends one
byte with the file descriptor of a worker's connection; back come pairs of numbers: first (0, how many GPUs
there are), then (pid, BORN) when a worker begins and (pid, status) when it has ended. When the other end
closes, all workers are ended.
multiprocessing's own forkserver is not used because it runs the main script again in every child.
"""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import socket
import struct
import sys
import traceback
from multiprocessing.connection import Connection

NOTE = struct.Struct("<ii")
BORN = 1 << 30  # no exit status is as large
NICE = 5  # pages answer before runs go on


def main(control: socket.socket) -> None:
    """Fork a worker for each byte on `control`, report births and deaths, until it closes."""
    import torch
    import torch._dynamo  # the first optimizer asks for it; a second, saved to every worker

    import fbviz.learning.programs  # noqa: F401

    torch.set_num_threads(1)  # more are slower at this size
    gc.collect()
    gc.freeze()  # what is loaded is shared with the workers and never looked at again
    wake, woken = socket.socketpair()
    for end in (wake, woken):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    alive: set[int] = set()
    control.sendall(NOTE.pack(0, torch.cuda.device_count()))
    with selectors.DefaultSelector() as selector:
        for source in (control, wake):
            selector.register(source, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if wake in ready:
                wake.recv(4096)
                for pid, status in reap(alive):
                    control.sendall(NOTE.pack(pid, status))
            if control in ready:
                asked, handed, _, _ = socket.recv_fds(control, 1, 1)
                if not asked:
                    break
                pid = fork(handed[0], (control, wake, woken))
                alive.add(pid)
                control.sendall(NOTE.pack(pid, BORN))
    for pid in alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def fork(connection: int, mine: tuple[socket.socket, ...]) -> int:
    """A worker that serves the connection of that file descriptor; returns its pid."""
    if pid := os.fork():
        os.close(connection)
        return pid
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for end in mine:
        end.close()
    os.nice(NICE)
    try:
        work(connection)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def work(connection: int) -> None:
    """Serve one browser view until it hangs up."""
    from fbviz.learning.desk import Desk
    from fbviz.learning.programs import PROGRAMS

    with contextlib.suppress(EOFError, ConnectionError):
        Desk(Connection(connection), PROGRAMS).serve()


def reap(alive: set[int]) -> list[tuple[int, int]]:
    """(pid, exit code or −signal) of the workers that have ended since the last call; they leave `alive`."""
    ended = []
    while alive:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            break
        alive.discard(pid)
        ended.append((pid, os.waitstatus_to_exitcode(status)))
    return ended


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
