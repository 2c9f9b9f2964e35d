"""The table of programs: what can be run, by name."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from fbviz import worker
from fbviz.chapters import rooms
from fbviz.worker.runner import Program

PROGRAMS: dict[str, Program] = {}


def program(f: Program) -> Program:
    """Enter the generator below under its own name."""
    PROGRAMS[f.__name__] = f
    return f


def load() -> Mapping[str, Program]:
    """Every program there is: its module is imported, and has entered it."""
    for module in iter_modules(worker.__path__, f"{worker.__name__}."):
        import_module(module.name)
    rooms.enter(web=False)
    return PROGRAMS
