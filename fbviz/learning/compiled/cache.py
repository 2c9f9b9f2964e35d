"""Where compiled functions are kept between two starts, and whether they are there."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from functools import cache
from pathlib import Path

from llvmlite import binding

from fbviz import choices

SOURCES = ("kernel.py", "plan.py", "single.py", "entry.py")


@cache
def folder() -> Path:
    """A folder of our own for this very source, here: in the user's cache, or where that is read-only, a new one."""
    written = [Path(__file__).parent / name for name in SOURCES] + [Path(choices.__file__)]
    mark = hashlib.sha256(b"".join([__file__.encode(), *(path.read_bytes() for path in written)])).hexdigest()[:16]
    try:
        return writable(home() / "fbviz" / f"kernel-{mark}")
    except (OSError, RuntimeError):  # read-only, or nobody's home
        os.environ["FBVIZ_CACHE"] = tempfile.mkdtemp(prefix="fbviz-")  # where the processes begun here find it, too
        return writable(home() / "fbviz" / f"kernel-{mark}")


def writable(path: Path) -> Path:
    """That folder. OSError where nothing can be written in it."""
    path.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=path):
        return path


def home() -> Path:
    """Where caches are kept. RuntimeError where nobody has a home."""
    if named := os.environ.get("FBVIZ_CACHE") or os.environ.get("XDG_CACHE_HOME"):
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ["LOCALAPPDATA"]) if os.name == "nt" else Path.home() / ".cache"


def filled() -> Path:
    """A file that is there when the functions are, for this processor."""
    processor = binding.get_host_cpu_name() + binding.get_host_cpu_features().flatten()
    return folder() / f"filled-{hashlib.sha256(processor.encode()).hexdigest()[:16]}"
