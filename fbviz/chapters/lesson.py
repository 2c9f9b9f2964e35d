"""A chapter's words: Markdown in each language, read here into blocks.

They are `<language>.md` in the chapter's folder: TOML between two lines of +++, then prose, then fenced blocks of TOML
whose first word says what they are. This file knows what a chapter may say; how it looks is for the pages.
"""

from __future__ import annotations

import math
import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from fbviz import dials
from fbviz.commands import Value
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.snapshot import BROKEN_OFF
from fbviz.words import Translate, english

SECTIONS: Mapping[str, str] = {  # of chapters, in reading order, and their titles
    "begin": "First steps",
    "inside": "Going deeper",
    "tutorial": "A tutorial, checked",
    "words": "Reference",
}
FENCE = re.compile(r"^```(\w+)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
OWN = "own"  # the learner's own experiment of the Playground


@dataclass(frozen=True, slots=True)
class Prose:
    """A stretch of Markdown."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A program to be watched: its experiment as a link, its figures, and what a reader can move."""

    key: str
    figures: list[str]
    experiment: str = ""  # "own" is the reader's of the Playground; a program that asks for none has none
    program: str = "training"
    columns: int = 2
    height: int = 300  # pixels of a figure
    toolbar: bool = True
    dials: list[str] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)  # of dials that begin elsewhere than at their defaults

    def __post_init__(self) -> None:
        """ValueError for a dial that the program does not have, and for one that begins where it cannot stand."""
        dials.check(self.program, self.dials, self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Predict:
    """A question answered before a run, and the measurement in it that decides.

    A measured number below edges[0] means choice 0, one from edges[0] to below edges[1] choice 1, and so on.
    """

    key: str
    ask: str
    choices: list[str]
    told: str  # what was measured, in a sentence: {measured} stands for the number
    figures: list[str]
    measure: str  # a path in the facts of the last frame, or an array, whose last number counts
    edges: list[float]
    answer: int  # what a test has seen measured
    why: str
    experiment: str = ""  # as of a Run
    program: str = "training"
    columns: int = 2
    height: int = 300
    unit: str = "number"  # or percent, or points of it
    help: str = ""
    values: dict[str, Value] = field(default_factory=dict)  # of dials, which stand still

    def __post_init__(self) -> None:
        """ValueError as of a Run."""
        dials.check(self.program, self.values, self.values)

    def measured(self, frame: Frame) -> float | None:
        """The number that decides; None if the run broke off before it was known."""
        ended = frame.facts.get("ended")
        if ended and ended["word"] in BROKEN_OFF:
            return None
        value: Any = frame.facts
        if self.measure in frame.arrays:
            value = frame.arrays[self.measure].ravel()[-1]
        else:
            for name in self.measure.split("."):
                value = value.get(name) if isinstance(value, Mapping) else None
        return None if value is None or math.isnan(value) else float(value)

    def choice(self, measured: float) -> int:
        """Which of the choices was right."""
        return bisect_right(self.edges, measured)

    def said(self, measured: float, t: Translate = english) -> str:
        """The number as a reader is told it."""
        if self.unit == "points":
            return f"{100 * measured:.1f}".replace("-", "−")
        return t("{share} %").format(share=plain(100 * measured)) if self.unit == "percent" else plain(measured)


def plain(number: float) -> str:
    """A whole number with all its digits, another to three of them; never as a power of ten."""
    digits = f"{number:.0f}" if number == round(number) else f"{Decimal(f'{number:.3g}'):f}"
    return digits.replace("-", "−")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a test holds true of an experiment: after it, `metric` is in [least, most]."""

    experiment: str
    metric: str
    least: float = float("-inf")
    most: float = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """An entry of the glossary. Other chapters link to its key."""

    key: str
    term: str
    text: str
    formula: str = ""
    names: list[str] = field(default_factory=list)  # how it is written where it is used


Block = Prose | Run | Predict | Claim | Word
BLOCKS: Mapping[str, Any] = {kind.__name__.lower(): kind for kind in (Run, Predict, Claim, Word)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A chapter."""

    slug: str
    order: int
    title: str
    question: str
    blocks: tuple[Block, ...]
    section: str = "begin"

    def __post_init__(self) -> None:
        """ValueError for a section that there is not."""
        if self.section not in SECTIONS:
            raise ValueError(f"section is {self.section}; it can be {', '.join(SECTIONS)}")

    @property
    def questions(self) -> tuple[Predict, ...]:
        """What a reader is asked, in its order."""
        return tuple(block for block in self.blocks if isinstance(block, Predict))

    def key(self, block: Run | Predict) -> str:
        """The name of a block among those of all chapters."""
        return f"{self.slug}-{block.key}"


def experiment(query: str) -> Experiment:
    """The experiment that a block names. ValueError for a link that cannot be taken as it is."""
    taken, notices = Experiment.from_query(dict(parse_qsl(query, keep_blank_values=True)))
    if notices:
        raise ValueError(f"{query}: {notices[0]}")
    return taken


def read(room: Path, language: str) -> Lesson:
    """The chapter in a folder. ValueError names the file and what is wrong in it."""
    path = room / f"{language}.md"
    try:
        _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
        return Lesson(slug=room.name.replace("_", "-"), **tomllib.loads(head), blocks=tuple(blocks(body)))
    except (TypeError, ValueError) as why:
        raise ValueError(f"{room.name}/{path.name}: {why}") from why


def blocks(body: str) -> Iterator[Block]:
    """The blocks of a chapter in their order; a fence with another first word is prose."""
    position = 0
    for fence in FENCE.finditer(body):
        if fence[1] not in BLOCKS:
            continue
        if prose := body[position : fence.start()].strip():
            yield Prose(prose)
        yield BLOCKS[fence[1]](**by_pytorch(tomllib.loads(fence[2])))
        position = fence.end()
    if prose := body[position:].strip():
        yield Prose(prose)


def by_pytorch(facts: dict[str, Any]) -> dict[str, Any]:
    """The same block, trained by PyTorch: its text may speak of one run, and by the kernel a chaotic one is another."""
    asked = facts.get("experiment", "")
    return facts if asked in ("", OWN) else facts | {"experiment": f"{asked}&engine=torch"}
