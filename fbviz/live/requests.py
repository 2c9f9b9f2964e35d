"""What a browser asks for: JSON text, bounded before anything of it is kept."""

from __future__ import annotations

import math
import reprlib
import time
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from fbviz import limits
from fbviz.commands import Click, Command, Load, Set, Speed, Value, typed
from fbviz.frames import Frame, pack
from fbviz.words import Filling, Sentence

NAME = 40  # characters of the name of a program, a setting or a value
TEXT = 400  # characters of a setting in a link, or of a text among the values
NAMES = 100  # settings in a link, and values of a program
ITEMS = 1000  # numbers in a list among the values
FAR = 1e9  # no number of a reader's lies further out
DEPTH = 2  # a list of places is a list of lists
SLOWEST, FASTEST = 0.01, 1e6  # updates a second; 0 is as fast as it goes
FUTURE = 2**31 - 1  # no run makes more updates

# What a browser cannot have, in a word, and what a reader is told.

REFUSALS: Mapping[str, Sentence] = {
    "full": Sentence("{seats} views are open here, and there is no room for more. Close one, or come back later."),
    "command": Sentence("There is no such command: {command}"),
    "flood": Sentence("More than {messages} messages a second came from here. Load the page again."),
    "long": Sentence("A message was longer than {bytes} bytes."),
}


class RefusedError(ValueError):
    """A browser cannot have what it asked for: a word from REFUSALS and the values its sentence names."""

    def __init__(self, word: str, **values: Filling) -> None:
        self.word, self.values = word, values
        super().__init__(str(self.sentence))

    @property
    def sentence(self) -> Sentence:
        return Sentence(REFUSALS[self.word].template, self.values)

    @property
    def final(self) -> bool:
        """Is the browser to be hung up on?"""
        return self.word in ("flood", "long")

    @property
    def frame(self) -> bytes:
        """The answer to the browser, which keeps what it shows."""
        return pack(Frame({"refused": {"word": self.word, "values": self.values}}))


def read(text: str) -> Command:
    """The command in `text`. RefusedError for anything else, or what is too long."""
    if len(text) > limits.MESSAGE:
        raise RefusedError("long", bytes=limits.MESSAGE)
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError as why:
        raise RefusedError("command", command=text[:80]) from why
    try:
        return bounded(said)
    except ValueError as why:
        raise RefusedError("command", command=reprlib.repr(said)[:80]) from why


def bounded(said: object) -> Command:
    """The command, its names and numbers in their bounds. ValueError for what is none."""
    match said:
        case {"do": "load", "program": str(program), "query": dict(query), **rest}:
            return Load(
                program=name(program),
                query={name(key): text(value) for key, value in few(query).items()},
                values={name(key): plain(value) for key, value in few(rest.get("values", {})).items()},
                play=bool(rest.get("play")),
                until=round(number(rest.get("until", 0), 0, FUTURE)),
            )
        case {"do": "play" | "pause" | "step" | "reset" | "want" as word}:
            command: Command = typed({"do": word})
            return command
        case {"do": "speed", "value": value}:
            asked = number(value, 0, FASTEST)
            return Speed(asked and max(asked, SLOWEST))
        case {"do": "set", "name": str(called), "value": value}:
            return Set(name(called), plain(value))
        case {"do": "click", "name": str(called), "value": [x, y]}:
            return Click(name(called), [number(x, -FAR, FAR), number(y, -FAR, FAR)])
    raise ValueError(said)


def name(asked: str) -> str:
    """A name that is not too long. ValueError for others."""
    if len(asked) > NAME:
        raise ValueError(asked[:NAME])
    return asked


def text(asked: object) -> str:
    """A text that is not too long. ValueError for others."""
    if not isinstance(asked, str) or len(asked) > TEXT:
        raise ValueError(type(asked))
    return asked


def few(asked: object) -> dict[str, object]:
    """A dictionary that is not too large. ValueError for others."""
    if not isinstance(asked, dict) or len(asked) > NAMES:
        raise ValueError(type(asked))
    return asked


def number(asked: object, low: float, high: float) -> float:
    """A number, brought to its bounds. ValueError for what is none."""
    if isinstance(asked, bool) or not isinstance(asked, int | float) or math.isnan(asked):
        raise ValueError(type(asked))
    return min(max(asked, low), high)


def plain(asked: object, depth: int = DEPTH) -> Value:
    """A number, a truth, a text, or a list of such: what a program is handed. ValueError for anything else."""
    match asked:
        case bool() | None:
            return asked
        case int() | float():
            return number(asked, -FAR, FAR)
        case str():
            return text(asked)
        case list() if depth and len(asked) <= ITEMS:
            return [plain(item, depth - 1) for item in asked]
    raise ValueError(type(asked))


@dataclass(slots=True)
class Pace:
    """Counts the messages of a second."""

    second: float = 0.0
    messages: int = 0

    def count(self) -> None:
        """One more. RefusedError if they are too many."""
        now = time.monotonic()
        if now - self.second > 1:
            self.second, self.messages = now, 0
        self.messages += 1
        if self.messages > limits.RATE:
            raise RefusedError("flood", messages=limits.RATE)
