"""Where compiled functions are kept between two starts, and whether they are there."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from functools import cache
from pathlib import Path

from fbviz import choices

SOURCES = ("kernel.py", "plan.py", "single.py", "entry.py")


@cache
def folder() -> Path:
    """A folder of our own for this very source: the user's cache, or where nothing can be written there, a new one."""
    written = [Path(__file__).parent / name for name in SOURCES] + [Path(choices.__file__)]
    mark = hashlib.sha256(b"".join(path.read_bytes() for path in written)).hexdigest()[:16]
    try:
        kept = home() / "fbviz" / f"kernel-{mark}"
        kept.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=kept):
            return kept
    except (OSError, RuntimeError):  # read-only, or nobody's home
        return Path(tempfile.mkdtemp(prefix="fbviz-kernel-"))


def home() -> Path:
    """Where caches are kept. RuntimeError where nobody has a home."""
    if named := os.environ.get("FBVIZ_CACHE") or os.environ.get("XDG_CACHE_HOME"):
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ["LOCALAPPDATA"]) if os.name == "nt" else Path.home() / ".cache"
