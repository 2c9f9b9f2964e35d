"""Words in the reader's language. English stands in the code; other languages in locale/<language>.po."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
LANGUAGES = {"en": "English", "zh": "中文"}

Translate = Callable[[str], str]


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """English to `language`, as its .po file has it; empty for English and for a language nobody has written."""
    path = LOCALE / f"{language}.po"
    if language not in LANGUAGES or not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale=language) if m.id and m.string and not m.fuzzy}


def translator(language: str) -> Translate:
    """A function that says an English sentence in `language`, or in English where it is missing."""
    said = catalogue(language)
    return lambda english: said.get(english, english)


def english(text: str) -> str:
    """The translator of those who read the code: what stands there."""
    return text


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something to tell a reader: a template the catalogue knows and the values that fill it.

    It can cross a process or a socket and be said in the language of whoever is there.
    """

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def say(self, t: Translate = english) -> str:
        """The sentence in the language of `t`; a value that is a word of the catalogue is translated too."""
        return t(self.template).format(**{k: t(v) if isinstance(v, str) else v for k, v in self.values.items()})

    def __str__(self) -> str:
        return self.say()


class SaidError(ValueError):
    """What was wrong, in a sentence that can be said in the reader's language."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
