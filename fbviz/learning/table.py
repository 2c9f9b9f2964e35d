"""The table of programs: what a worker can run, by name."""

from __future__ import annotations

from fbviz.learning.desk import Program

PROGRAMS: dict[str, Program] = {}


def program(f: Program) -> Program:
    """Enter the generator below under its own name."""
    PROGRAMS[f.__name__] = f
    return f
