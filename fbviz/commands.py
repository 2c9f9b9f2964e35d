"""What is said to a run, by its reader's browser and by the engine: each command is a value.

`packed` and `unpacked` carry one from the engine to the process of the run; live/requests.py reads those of a browser.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

OWED = 1000  # steps and clicks that a run without a process is told later; of more, the first are lost

Value = bool | float | str | list[Any] | None  # what a reader may set
Place = list[float]  # x and y of a click

# What a browser says.


@dataclass(frozen=True, slots=True)
class Load:
    """Put this program in the place of the one that runs."""

    program: str
    query: dict[str, str]  # its experiment, as a link has it
    values: dict[str, Value] = field(default_factory=dict)  # its live parameters
    play: bool = False
    until: int = 0  # the update up to which it is trained before its reader sees it


@dataclass(frozen=True, slots=True)
class Play:
    """Go on; after the end, from the start."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Stand still."""


@dataclass(frozen=True, slots=True)
class Step:
    """One update, then stand still."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Back to the start, and stand still."""

    run: int = 0  # the engine's number of it


@dataclass(frozen=True, slots=True)
class Want:
    """The last frame is drawn; another may come."""


@dataclass(frozen=True, slots=True)
class Speed:
    """So many updates a second; 0 is as fast as it goes."""

    value: float


@dataclass(frozen=True, slots=True)
class Set:
    """A live parameter has this value."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Click:
    """A figure was clicked there."""

    name: str
    value: Place


# What the engine says besides.


@dataclass(frozen=True, slots=True)
class Noted:
    """A value that was set or a click, and after how many updates."""

    made: int
    what: Set | Click


@dataclass(frozen=True, slots=True)
class Left:
    """Where a process stood when it gave its place away: all that another needs to go on with the same numbers."""

    values: dict[str, Value]  # it began with
    journal: list[Noted]
    made: int  # updates
    until: int  # how many are to be made before it stands there again
    playing: bool
    seconds: float  # played so far
    checkpoint: str = ""  # of a program that keeps some, base64

    def facts(self) -> dict[str, object]:
        """As a frame carries it."""
        journal = [{"made": entry.made, "what": told(entry.what)} for entry in self.journal]
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)} | {"journal": journal}

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Left:
        """What `facts` says."""
        journal = [Noted(entry["made"], typed(entry["what"])) for entry in facts["journal"]]
        return cls(**{**facts, "journal": journal})


@dataclass(frozen=True, slots=True)
class Begin:
    """Load this, under the engine's number of it, from the start or from where a process has left."""

    load: Load
    run: int
    left: Left | None = None


@dataclass(frozen=True, slots=True)
class Ping:
    """Say that you are there."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Hand over where you stand, and end."""


Command = Load | Play | Pause | Step | Reset | Want | Speed | Set | Click
Order = Command | Begin | Ping | Leave
ORDERS: Mapping[str, type[Order]] = {
    kind.__name__.lower(): kind
    for kind in (Load, Play, Pause, Step, Reset, Want, Speed, Set, Click, Begin, Ping, Leave)
}


def packed(order: Order) -> bytes:
    """A command on its way to the process of a run."""
    return orjson.dumps(told(order))


def unpacked(data: bytes) -> Order:
    """The command in `data`; `packed` has made it."""
    said = orjson.loads(data)
    if said["do"] == "begin":
        return Begin(typed(said["load"]), said["run"], said["left"] and Left.of(said["left"]))
    order: Order = typed(said)
    return order


def told(order: Order) -> dict[str, object]:
    """A command by the names of its parts."""
    said = {"do": type(order).__name__.lower()} | {f.name: getattr(order, f.name) for f in dataclasses.fields(order)}
    if isinstance(order, Begin):
        said |= {"load": told(order.load), "left": order.left and order.left.facts()}
    return said


def typed(said: Mapping[str, Any]) -> Any:  # whichever command it is
    """The command that `told` has told."""
    parts = dict(said)
    return ORDERS[parts.pop("do")](**parts)


# Commands for a run that has no process yet.


def owed(before: list[Command], command: Command) -> list[Command]:
    """`before` and `command`, without what the newer makes needless: what a run is told as soon as it has a process."""
    match command:
        case Load() | Reset():
            return []
        case Set():
            return [*(c for c in before if not (isinstance(c, Set) and c.name == command.name)), command]
        case Step() | Click():
            return [*before, command][-OWED:]
        case Play() | Pause():
            return [c for c in before if not isinstance(c, Step)]
    return before
