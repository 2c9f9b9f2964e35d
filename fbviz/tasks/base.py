"""What a task is, and the table of all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fbviz.tables import Entry, Table
from fbviz.tasks.kinds import Kind

Array = np.ndarray
Examples = tuple[Array, Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Entry):
    """Something to learn: its kind, how many numbers go in and come out, and the part of the plane that is drawn."""

    kind: Kind
    inputs: int = 2  # n
    outputs: int = 1  # k
    domain: tuple[float, float] = (-1.5, 1.5)  # of both axes
    fixed: bool = False  # its points are given, not drawn

    @property
    def classes(self) -> int:
        """How many classes the answers are of; 0 for values."""
        return max(2, self.outputs) if self.kind.classified else 0


TASKS: Table[Task] = Table(Task)
