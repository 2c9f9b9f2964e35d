"""Words in the reader's language. English stands in the code; another in <language>.po of locale/ or a chapter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

PACKAGE = Path(__file__).parent
LANGUAGES = {"en": "English", "zh": "中文"}
TAGS = {"en": "en", "zh": "zh-CN"}  # as HTML names them

Translate = Callable[[str], str]


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """English to `language`, as its .po files have it; empty for English and for a language nobody has written."""
    said: dict[str, str] = {}
    for path in files(language) if language in LANGUAGES else ():
        with path.open("rb") as file:
            found = read_po(file, locale=language)
        said |= {str(m.id): str(m.string) for m in found if m.id and m.string and not m.fuzzy}
    return said


def files(language: str) -> list[Path]:
    """Where a language is written: for the house, and for each chapter that has words in its figures."""
    return sorted([*PACKAGE.glob(f"locale/{language}.po"), *PACKAGE.glob(f"chapters/*/{language}.po")])


def translator(language: str) -> Translate:
    """A function that says an English sentence in `language`, or in English where it is missing."""
    said = catalogue(language)
    return lambda english: said.get(english, english)


def spoken(*asked: str | None) -> str:
    """The first of these languages that is written here; English if none is. zh-CN, zh_CN and ZH are zh."""
    found = (re.split("[-_]", tag, maxsplit=1)[0].lower() for tag in asked if tag)
    return next((language for language in found if language in LANGUAGES), "en")


def english(text: str) -> str:
    """The translator of those who read the code: what stands there."""
    return text


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something to tell a reader: a template the catalogue knows and the values that fill it.

    A value is a number, a text, a tuple of texts, or another sentence; only that one is translated.
    It can cross a process or a socket and be said in the language of whoever is there.
    """

    template: str
    values: Mapping[str, Filling] = field(default_factory=dict)

    def say(self, t: Translate = english) -> str:
        """The sentence in the language of `t`, as plain text."""
        return self.filled(t, str)

    def markdown(self, t: Translate = english) -> str:
        """The same where Markdown is rendered: each text is a code span, for some came from outside."""
        return self.filled(t, code)

    @property
    def facts(self) -> dict[str, object]:
        """As a frame carries it to a browser, which translates the template; several texts in it are one."""
        texts = {name: ", ".join(value) if isinstance(value, tuple) else value for name, value in self.values.items()}
        said = {name: str(value) if isinstance(value, Sentence) else value for name, value in texts.items()}
        return {"template": self.template, "values": said}

    def filled(self, t: Translate, quoted: Callable[[str], str]) -> str:
        """The template in the language of `t`, with every text in its values `quoted`."""

        def said(value: Filling) -> float | str:
            match value:
                case Sentence():
                    return value.filled(t, quoted)
                case tuple():
                    return ", ".join(map(quoted, value))
                case str():
                    return quoted(value)
            return value

        return t(self.template).format(**{name: said(value) for name, value in self.values.items()})

    def __str__(self) -> str:
        return self.say()


Filling = float | str | tuple[str, ...] | Sentence  # what may fill a template


class SaidError(ValueError):
    """What was wrong, in a sentence that can be said in the reader's language."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


# What came from outside, in a sentence.


def short(text: str, most: int = 40) -> str:
    """One line of at most `most` characters; what cannot be printed, or turns the line around, is �."""
    kept = text[:most] + "…" * (len(text) > most)
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in kept)


def named(names: Iterable[str]) -> tuple[str, ...] | Sentence:
    """Up to three names, and how many more there are."""
    every = list(names)
    first = tuple(map(short, every[:3]))
    more = len(every) - len(first)
    return Sentence("{names} and {more} more", {"names": first, "more": more}) if more else first


def code(text: str) -> str:
    """`text` as a code span of Markdown, in which nothing else has a meaning (CommonMark 6.1)."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text or not text.strip() else f"{fence}{text}{fence}"
