"""A claim: what a text says in so many words, and the check that computes the numbers in them.

    @says("all four right at update {}", "only from update {}")
    def right_once(seen):
        told = seen("surface", seed=1, updates=1500)
        return told.facts["first"], told.arrays["surface.numbers"][8]

A check returns the numbers of its phrases, in their order; a bound, or what is said in words, it asserts itself.
"""

import re
from dataclasses import dataclass

from fbviz.chapters.lesson import Predict, Prose, Run, Word, experiment
from fbviz.chapters.rooms import chapters
from fbviz.dials import given
from fbviz.words import english
from tests.learning.runners import NEVER, frames

CLAIMS = []


@dataclass(frozen=True)
class Claim:
    """Phrases of a text, and what holds them; {} is a number."""

    slug: str  # of a chapter, or "readme", or "house" for what the code says
    phrases: tuple
    check: object  # called with what its chapter's programs show, a `Seen`


def chapter(slug):
    """A decorator for the checks of one text."""

    def says(*phrases):
        def enter(check):
            CLAIMS.append(Claim(slug, phrases, check))
            return check

        return enter

    return says


@dataclass(frozen=True)
class About:
    """What a text rounds to a tenth."""

    value: float


def agrees(number, measured):
    """Is the number of a text what was measured, in the digits in which it is said?"""
    if isinstance(measured, About):
        return abs(number.value - measured.value) <= 0.1 * abs(measured.value)
    return abs(number.value - float(measured)) <= 0.5 * number.unit + 1e-9


def told(lesson):
    """Every text of a chapter: where it stands, what it says without its links, and the question it belongs to."""
    for place, text, block in words(lesson):
        yield place, re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text), block


def words(lesson):
    """The same with them."""
    glossary = any(isinstance(block, Word) for block in lesson.blocks)
    for i, block in enumerate(lesson.blocks):
        if isinstance(block, Prose) and not glossary:  # what stands between its words are references
            yield f"block {i}", block.text, None
        if isinstance(block, Word):
            yield block.key, block.text, None
        if isinstance(block, Predict):
            for part in ("ask", "told", "why", "help"):
                yield f"{block.key}, {part}", getattr(block, part).replace("{measured}", ""), block
            for j, choice in enumerate(block.choices):
                yield f"{block.key}, choice {j}", choice, block


@dataclass(frozen=True)
class Seen:
    """What the programs of a chapter show, trained once for all tests."""

    slug: str
    watched: object
    once: object

    def block(self, key):
        [block] = [
            block
            for lesson in chapters("en")
            for block in lesson.blocks
            if lesson.slug == self.slug and isinstance(block, Run | Predict) and block.key == key
        ]
        return block

    def in_chapter(self, slug):
        """The same of another chapter."""
        return Seen(slug, self.watched, self.once)

    def experiment(self, key):
        """What a block trains."""
        return experiment(self.block(key).experiment)

    def __call__(self, key, **values):
        """The last frame of a block, its dials where a reader has put them from the start."""
        block = self.block(key)
        return self.of(block.program, block.experiment, starts(block) | values)

    def of(self, program, query, values=None):
        """The last frame of a program."""
        return self.watched(program, query, values)[0]

    def networks(self, key):
        """What has learned to think in a block."""
        block = self.block(key)
        return self.watched(block.program, block.experiment, starts(block))[1]

    def moved(self, key, *moves):
        """The frames of a block when its run is over: as it is, and after each move of its reader."""
        block = self.block(key)
        return self.once(follow, block.program, block.experiment, starts(block), moves)


def starts(block):
    """Where the dials of a block begin, as its reader's browser says it."""
    if isinstance(block, Predict):
        return block.values
    offered = given(block.program, block.dials, block.values, english)
    return {dial["name"]: dial["value"] for dials in offered.values() for dial in dials}


def follow(program, query, values, moves):
    """The frames in which a program waits for its reader, who then makes the next of these moves."""
    return [frame for frame in frames(program, query, values, moves, step=NEVER) if frame.facts.get("idle")]


def linked(block):
    """The numbers that a question's own link sets."""
    parts = [part for pair in block.experiment.split("&") for part in pair.partition("=")[2].split("-")]
    return {float(part) for part in parts if part.replace(".", "", 1).isdigit()}
