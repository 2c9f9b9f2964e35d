"""A real server in a process of its own, started by one of the commands of the README."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from resource import RLIMIT_NOFILE, setrlimit

import psutil

from fbviz.learning.compiled.cache import home
from fbviz.learning.compiled.loading import ENTRY

ROOT = Path(__file__).resolve().parents[1]
SHELL = Path(sys.executable).with_name("fbviz")
LAUNCHES = {
    "streamlit run": ["-m", "streamlit", "run", "app.py"],
    "python": ["app.py"],
    "fbviz run": [str(SHELL), "run"],
    "uvicorn": ["-m", "uvicorn", "app:app", "--log-level", "warning"],
}


def compiles(process):
    """Is it the one that fills the cache of the kernel?"""
    with contextlib.suppress(psutil.NoSuchProcess):
        return f"import {ENTRY}" in process.cmdline()
    return False


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def flags(launch, port):
    """Where to listen: at this port, or where PORT says."""
    if launch == "uvicorn":
        return ["--port", str(port)]
    where = ["--server.address", "127.0.0.1", "--server.headless", "true"]
    return [*where, "--server.port", str(port)] if port else where


class Server:
    """`with Server() as server:` it answers at server.url; afterwards it has stopped, and nothing had gone wrong in it.

    `at` is the path under which it is to be found, `arguments` go to the command, `environment` is added to ours;
    where a number of `descriptors` is given, it may open no more files and sockets.
    """

    def __init__(
        self,
        launch="streamlit run",
        port=0,
        *,
        at="",
        arguments=(),
        cwd=ROOT,
        shell=SHELL,
        descriptors=0,
        **environment,
    ):
        told = "" if port else environment.get("PORT", "")
        self.port = int(told) if told.isdigit() else port or free_port()
        self.url = f"http://127.0.0.1:{self.port}/{at}"
        self.home = tempfile.TemporaryDirectory()  # nobody's own settings
        self.output = Path(self.home.name, "log")
        command = [str(shell) if part == str(SHELL) else part for part in LAUNCHES[launch]]
        with self.output.open("wb") as output:
            self.process = psutil.Popen(
                [sys.executable, *command, *flags(launch, 0 if told else self.port), *arguments],
                cwd=cwd,
                env={"FBVIZ_CACHE": str(home()), **os.environ, "HOME": self.home.name, "PYTHONFAULTHANDLER": "1"}
                | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=lambda: descriptors and setrlimit(RLIMIT_NOFILE, (descriptors, descriptors)),
            )

    def __enter__(self):
        deadline = time.monotonic() + 90
        while self.process.poll() is None and time.monotonic() < deadline:
            if self.health():
                return self
            time.sleep(0.05)
        with contextlib.suppress(psutil.NoSuchProcess):
            self.process.kill()
        raise TimeoutError(f"the server does not answer: {self.log()}")

    def __exit__(self, *_):
        try:
            self.settle()
            self.stop()
        finally:
            if self.process.is_running():
                self.process.kill()
                self.process.wait()
            self.home.cleanup()

    def health(self, path="_stcore/health", **headers):
        """The status and the sentence with which it says how it is; None while it does not answer."""
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as why:
            return why.code, why.read().decode()
        except OSError:
            return None

    def refused(self):
        """The exit status and the words of a start that fails."""
        status = self.process.wait(60)
        said = self.log()
        self.home.cleanup()
        return status, said

    def log(self):
        """All that it has printed."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    @property
    def forkserver(self):
        """The process that has torch loaded."""
        return self.process.children()[0]

    def workers(self):
        """The processes of runs."""
        forked = [worker for parent in self.process.children() for worker in parent.children()]
        return [worker for worker in forked if not compiles(worker)]

    def clear(self, but=()):
        """End the runs that a test has left: they outlive their browser, and the next test needs the processor."""
        while left := [worker for worker in self.workers() if worker not in but]:
            for worker in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    worker.kill()
            psutil.wait_procs(left, timeout=10)
            time.sleep(0.1)  # who waited has its place now

    def settle(self):
        """Wait until nobody connects: uvicorn, when it is to end, waits for ever for a browser that just does."""
        before, end = None, time.monotonic() + 10
        with contextlib.suppress(psutil.NoSuchProcess):  # it has been ended
            while (now := set(self.process.net_connections("tcp"))) != before and time.monotonic() < end:
                before = now
                time.sleep(0.3)

    def stop(self, how=signal.SIGTERM, seconds=30):
        """End the server; returns the processes of its family that are still there after a moment."""
        left = []
        if self.process.is_running():
            family = self.process.children(recursive=True)
            self.process.send_signal(how)
            try:
                self.process.wait(seconds)
            except psutil.TimeoutExpired:
                self.process.send_signal(signal.SIGABRT)  # its log says where each of its threads stands
                self.process.wait(seconds)
                raise TimeoutError(f"the server does not end: {self.log()}") from None
            _, left = psutil.wait_procs(family, timeout=30)
        assert "Traceback" not in self.log(), self.log()
        return left
