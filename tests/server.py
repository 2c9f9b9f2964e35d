"""A real server in a process of its own, started by one of the commands of the README."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
LAUNCHES = {
    "streamlit run": ["-m", "streamlit", "run", "app.py"],
    "python": ["app.py"],
    "uvicorn": ["-m", "uvicorn", "app:app", "--log-level", "warning", "--port"],
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """`with Server() as server:` it answers at server.url; afterwards it has stopped."""

    def __init__(self, launch="streamlit run", port=0, **environment):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        command = [sys.executable, *LAUNCHES[launch], *([str(self.port)] if launch == "uvicorn" else [])]
        self.home = tempfile.TemporaryDirectory()  # `python app.py` reads no flags and no environment, but this
        config = Path(self.home.name, ".streamlit", "config.toml")
        config.parent.mkdir()
        config.write_text(f'[server]\nport = {self.port}\naddress = "127.0.0.1"\nheadless = true\n')
        self.process = psutil.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"HOME": self.home.name} | environment,
            stdout=subprocess.DEVNULL,
        )

    def __enter__(self):
        for _ in range(600):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}_stcore/health", timeout=5):
                return self
            time.sleep(0.1)
        self.process.kill()
        raise TimeoutError("the server does not answer")

    def __exit__(self, *_):
        self.stop()
        self.home.cleanup()

    @property
    def nursery(self):
        """The process that has torch loaded."""
        return self.process.children()[0]

    def workers(self):
        """The processes of runs."""
        return self.nursery.children()

    def stop(self, how=signal.SIGTERM, seconds=10):
        """End the server; returns the processes of its family that are still there after a moment."""
        if not self.process.is_running():
            return []
        family = self.process.children(recursive=True)
        self.process.send_signal(how)
        self.process.wait(seconds)
        _, left = psutil.wait_procs(family, timeout=5)
        return left
