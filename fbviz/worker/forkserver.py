"""The fork server: a process that has torch loaded and makes a worker by forking itself, in about 50 ms.

Started as `python -m fbviz.worker.forkserver FD PROGRAMS`: one end of a socket pair, and the module whose programs
are run. What goes over it is in fbviz/fork_protocol.py. When the other end closes, all workers are ended.
multiprocessing's own is not used because it runs the main script again in every child.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import traceback
from multiprocessing.connection import Connection

from fbviz.fork_protocol import FORK, line

NICE = 5  # pages answer before runs go on
IDLE = 19  # and what is compiled takes what is left
NO_ROOM = 0  # the pid of a worker the system had no room for


def main(control: socket.socket, programs: str) -> None:
    """Fork a worker for each FORK on `control`, report each worker that was forked or has ended, until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then closes `control`
    try:
        gpus = warm(programs)
    except (ImportError, OSError, RuntimeError) as why:  # no torch, one without its libraries, a broken CUDA
        control.sendall(line(broken=f"{type(why).__name__}: {why}"[:300]))
        return
    control.sendall(line(gpus=gpus))
    wake, woken = socket.socketpair()
    for end in (wake, woken):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    compiler = compiling()
    alive = {compiler.pid} if compiler else set()
    with selectors.DefaultSelector() as selector:
        for source in (control, wake):
            selector.register(source, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if wake in ready:
                wake.recv(4096)
                for pid, status in reap(alive):
                    if compiler and pid == compiler.pid:
                        have_kernel(status)
                    else:
                        control.sendall(line(died=pid, status=status))
            if control in ready:
                asked, handed, _, _ = socket.recv_fds(control, 1, 1)
                if not asked:
                    break
                if asked == FORK:
                    control.sendall(line(forked=fork(handed[0], programs, (control, wake, woken), alive)))
                else:
                    control.sendall(line(pong=1))
    signal.set_wakeup_fd(-1)
    for pid in alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def warm(programs: str) -> int:
    """Load all that a worker will need, once for all of them; returns how many GPUs there are."""
    importlib.import_module(programs).load()
    gpus = 0
    if "torch" in sys.modules:  # a table of programs that only count, as tests have, need not wait for it
        import torch
        import torch._dynamo  # the first optimizer asks for it

        from fbviz.learning import arithmetic
        from fbviz.learning.compiled.loading import KERNEL

        arithmetic.settle()
        KERNEL.patient = False  # runs do not wait for it: see compiling()
        if KERNEL.cached():
            KERNEL.load()
        gpus = torch.cuda.device_count()
    gc.collect()
    gc.freeze()  # what is loaded is shared with the workers and never looked at again
    return gpus


def compiling() -> subprocess.Popen[bytes] | None:
    """A process that fills the cache of the kernel while runs are trained by PyTorch; None where it is here."""
    if "torch" not in sys.modules:
        return None
    from fbviz.learning.compiled.loading import ENTRY, KERNEL

    if KERNEL.entry or KERNEL.broken:
        return None
    return subprocess.Popen(
        [sys.executable, "-P", "-c", f"import {ENTRY}"], stdin=subprocess.DEVNULL, preexec_fn=lambda: os.nice(IDLE)
    )


def have_kernel(status: int) -> None:
    """The cache is filled: from now on runs have it. Where it could not be filled, why has been printed."""
    from fbviz.learning.compiled.loading import KERNEL

    if status == 0:
        KERNEL.load()
        gc.collect()
        gc.freeze()


def fork(connection: int, programs: str, mine: tuple[socket.socket, ...], alive: set[int]) -> int:
    """A worker that serves the connection of that file descriptor; returns its pid, or NO_ROOM."""
    try:
        pid = os.fork()
    except OSError:
        os.close(connection)
        return NO_ROOM
    if pid:
        os.close(connection)
        alive.add(pid)
        return pid
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for end in mine:
        end.close()
    os.nice(NICE)
    try:
        work(connection, programs)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def work(connection: int, programs: str) -> None:
    """Serve one browser view until it hangs up."""
    from fbviz.worker.runner import Gone, Runner

    with contextlib.suppress(EOFError, ConnectionError, Gone):
        Runner(Connection(connection), importlib.import_module(programs).load()).serve()


def reap(alive: set[int]) -> list[tuple[int, int]]:
    """(pid, exit status or −signal) of the workers that have ended since the last call; they leave `alive`."""
    ended = []
    while alive:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            break
        alive.discard(pid)
        ended.append((pid, os.waitstatus_to_exitcode(status)))
    return ended


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the server has ended meanwhile
        main(socket.socket(fileno=int(sys.argv[1])), sys.argv[2])
