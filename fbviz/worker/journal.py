"""The journal of a run: what was set and clicked after how many updates, so that another process can do it again."""

from __future__ import annotations

import math
from base64 import b64decode
from collections.abc import Iterator

from fbviz.commands import Click, Left, Noted, Set, Value

MOST = 2000  # values and clicks that are remembered with their updates; of more, the first are only values
REST = 1 << 53  # more updates than any program makes: it is to go on until it comes to rest


class Journal:
    """Counts the updates of a program, and keeps what its reader did meanwhile.

    A program that keeps checkpoints goes on from its last; any other makes the same updates again.
    """

    def __init__(self, values: dict[str, Value], until: int = 0, left: Left | None = None) -> None:
        self.began = dict(left.values if left else values)  # the values it begins with
        self.entries: list[Noted] = []  # what was set or clicked since
        self.undone = list(left.journal) if left else []  # what is still to be done again
        self.until = left.until if left else until  # how many updates it has to make to stand where it was left
        self.checkpoint = b64decode(left.checkpoint) if left else b""  # to go on from; empty is from the start
        # the update it is at, and how many it has made: a live parameter may begin it anew
        self.at = self.made = left.made if left and self.checkpoint else 0

    @property
    def catching_up(self) -> bool:
        """Is the program still on its way to where it was left?"""
        return bool(self.undone) or self.made < self.until

    def count(self, update: int) -> None:
        """The program is at this update."""
        if update != self.at:
            self.made += update - self.at if update > self.at else max(1, update)
            self.at = update

    def due(self, *, rested: bool = False) -> Iterator[Set | Click]:
        """What is to be done again now; all of it, for a program that has come to rest."""
        made = math.inf if rested else self.made
        while self.undone and self.undone[0].made <= made:
            yield self.undone.pop(0).what

    def later(self, what: Set | Click) -> None:
        """To be done as soon as the program stands where it was left."""
        self.undone.append(Noted(max(self.made, self.until), what))

    def note(self, what: Set | Click) -> None:
        """Remember it; of one name, only the last value before an update counts."""
        if isinstance(what, Set):
            self.entries = [note for note in self.entries if note.made < self.made or note.what.name != what.name]
        self.entries.append(Noted(self.made, what))
        if len(self.entries) > MOST:
            first = self.entries.pop(0).what
            self.began |= {first.name: first.value} if isinstance(first, Set) else {}

    def rest(self) -> None:
        """The program has come to its end, or to rest: there is nothing to catch up with."""
        self.until = 0

    def left(self, *, rested: bool, playing: bool, seconds: float, checkpoint: str) -> Left:
        """All that another process needs to go on from here."""
        until = REST if rested else max(self.made, self.until)
        journal = [*self.entries, *self.undone]
        return Left(self.began, journal, self.made, until, playing, seconds, checkpoint)
