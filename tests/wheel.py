"""fbviz as a wheel brings it: built here, installed into a folder of its own, with nothing downloaded."""

import subprocess
import sys

from tests.server import ROOT

PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def installed(folder):
    """The folder a fresh wheel was installed into."""
    built, place = folder / "dist", folder / "installed"
    quick = ["--no-deps", "--no-index"]
    subprocess.run([*PIP, "wheel", *quick, "--no-build-isolation", "--wheel-dir", built, ROOT], check=True)
    subprocess.run([*PIP, "install", *quick, "--target", place, *built.glob("*.whl")], check=True)
    return place


def files(place):
    """Every file, and when it was written."""
    return {path: path.stat().st_mtime_ns for path in place.rglob("*")}
