"""The glossary where it is needed: each entry as a few lines of HTML, and the words of a sentence that have one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape

from latex2mathml.converter import convert

from fbviz.chapters.lesson import Word
from fbviz.chapters.rooms import chapters

INLINE = re.compile(  # whatever is none of these is one character of plain text
    r"\$(?P<formula>[^$]+)\$|\*(?P<stressed>[^*]+)\*|\[(?P<said>[^\]]+)\]\((?P<to>[\w#-]+)\)|(?P<plain>[^$*\[]+|.)",
    re.DOTALL,
)


@cache
def entries(language: str) -> Mapping[str, Word]:
    """Every entry in a language, by its key."""
    return {block.key: block for lesson in chapters(language) for block in lesson.blocks if isinstance(block, Word)}


@cache
def pages(language: str) -> Mapping[str, Mapping[str, str]]:
    """What a browser shows of each entry, by its key: its term as text, its formula and its text as HTML."""
    return {
        key: {"term": word.term, "formula": word.formula and formula(word.formula, "block"), "text": html(word.text)}
        for key, word in entries(language).items()
    }


def html(text: str) -> str:
    """A line of Markdown as HTML: formulas, links, and what is stressed."""

    def said(m: re.Match[str]) -> str:
        if m["formula"]:
            return formula(m["formula"])
        if m["to"]:
            return f'<a href="{m["to"]}">{escape(m["said"])}</a>'
        return f"<em>{escape(m['stressed'])}</em>" if m["stressed"] else escape(m["plain"], quote=False)

    return INLINE.sub(said, text)


def formula(latex: str, display: str = "inline") -> str:
    """A formula as MathML, which browsers draw by themselves."""
    return convert(latex, display=display)


@cache
def spellings(language: str) -> tuple[Mapping[str, str], re.Pattern[str]]:
    """The key of each word as it is written in a sentence, and what finds them: the longest first, whole words only."""
    keys = {name.lower(): word.key for word in entries(language).values() for name in word.names}
    longest = sorted(keys, key=len, reverse=True)
    letters = "[A-Za-z]"  # Chinese has no spaces between words
    names = (rf"(?<!{letters}){re.escape(name)}(?!{letters})" for name in longest)
    return keys, re.compile("|".join(names), re.IGNORECASE)


def marked(sentence: str, language: str) -> Iterator[tuple[str, str]]:
    """A sentence in parts: its text, and the key of the entry it has in the glossary, or nothing."""
    keys, words = spellings(language)
    position = 0
    for word in words.finditer(sentence):
        if word.start() > position:
            yield sentence[position : word.start()], ""
        yield word[0], keys[word[0].lower()]
        position = word.end()
    if position < len(sentence):
        yield sentence[position:], ""
