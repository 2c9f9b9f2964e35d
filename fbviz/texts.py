"""Settings as text: the query of a link, or a JSON file. Whatever the text, it is an experiment or a sentence."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fbviz.fields import Rule, Value, Whole, settings, with_settings
from fbviz.words import Filling, SaidError, Sentence, named, short

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Parts = dict[str, dict[str, object]]  # of a file: the settings of each, as JSON has them

# What is told of a link that was not taken as it came, in a word.
NOTICES: Mapping[str, Sentence] = {
    "bounded": Sentence("{name} is “{asked}”; it can be {allowed}. Took {taken}."),
    "unknown": Sentence("Not a setting, so ignored: {names}."),
    "misfit": Sentence("{name} cannot be “{asked}” with this task and these layers. Took {taken}."),
}
LONGEST = 100_000  # characters of a file that is read as JSON; one with every setting has 1,000


def to_query(whole: DataclassInstance) -> dict[str, str]:
    """The settings that differ from their defaults, as they stand in a link."""
    return {s.name: s.rule.write(s.of(whole)) for s in settings(whole) if s.of(whole) != s.default}


def from_query(default: Whole, query: Mapping[str, str]) -> tuple[Whole, list[Sentence]]:
    """`default` with the settings of a link, and a sentence for each that could not be taken as it came.

    Nothing in `query` raises: what is out of range goes to the nearest bound, what cannot be read
    keeps the default, what is not a setting is named and left alone.
    """
    unread = dict(query)
    notices: list[Sentence] = []
    values: dict[str, Value] = {}
    for setting in settings(default):
        if setting.name not in unread:
            continue
        text = unread.pop(setting.name)
        try:
            asked = read(setting.rule, text)
            value = setting.rule.nearest(asked)
        except ValueError:
            asked, value = None, setting.of(default)
        if value != asked:
            facts = {"asked": short(text), "allowed": setting.rule.allowed, "taken": setting.rule.write(value)}
            notices.append(notice("bounded", name=setting.name, **facts))
        values[setting.name] = value
    if unread:
        notices.append(notice("unknown", names=named(unread)))
    return with_settings(default, values), notices


def notice(word: str, **values: Filling) -> Sentence:
    """A sentence of NOTICES with its values."""
    return Sentence(NOTICES[word].template, values)


def read(rule: Rule, text: str) -> Value:
    """The value a text of a link asks for. ValueError for none, and for a text that is too long to be one."""
    if len(text) > rule.longest:
        raise ValueError(short(text))
    return rule.read(text)


def from_json(default: Whole, text: str | bytes) -> tuple[Whole, list[Sentence]]:
    """`default` with the settings of a file, and a sentence for whatever in it does not stand where it should.

    SaidError, and no other, for a text that is no JSON, a name that is no setting, or a value that is not allowed.
    """
    parts, twice = parsed(text, [part.name for part in dataclasses.fields(default)])
    values = {name: value for part in parts.values() for name, value in part.items()}
    values |= {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    home = {setting.name: setting.part for setting in settings(default)}
    for name in values:
        if name not in home:
            facts = {"name": short(name), "allowed": ", ".join(home)}
            raise SaidError(Sentence("{name} is not a setting; it can be {allowed}.", facts))
    return with_settings(default, values), misplaced(parts, home) + repeated(parts, twice)


def parsed(text: str | bytes, names: list[str]) -> tuple[Parts, list[str]]:
    """The parts of a file, with their settings, and the keys that stand twice in one place. Raises SaidError."""
    written, twice = decoded(text), list[str]()

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        twice.extend(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        return dict(pairs)

    try:
        parts = json.loads(written, object_pairs_hook=once)
    except (ValueError, RecursionError) as why:
        facts = {"why": short(str(why), 80)}
        raise SaidError(Sentence("This is not an experiment in JSON: {why}", facts)) from why
    if not isinstance(parts, dict) or not all(isinstance(part, dict) for part in parts.values()):
        raise SaidError(Sentence("This JSON is no experiment; it can have the parts {parts}.", {"parts": tuple(names)}))
    return parts, twice


def decoded(text: str | bytes) -> str:
    """A text in UTF-8, -16 or -32, with a mark of its byte order or without. SaidError for another, or a long one."""
    if len(text) > LONGEST:
        raise SaidError(Sentence("This is too long to be an experiment; it can have {most} bytes.", {"most": LONGEST}))
    try:
        written = text.decode(json.detect_encoding(text)) if isinstance(text, bytes) else text
    except UnicodeDecodeError as why:
        raise SaidError(Sentence("This is no text; it can be UTF-8, UTF-16 or UTF-32.")) from why
    return written.removeprefix("\ufeff")


def misplaced(parts: Parts, home: Mapping[str, str]) -> list[Sentence]:
    """A sentence for parts that are none, and one for settings in another part than their `home`."""
    strange = [part for part in parts if part not in home.values()]
    astray = [f"{part}.{name}" for part in parts if part not in strange for name in parts[part] if home[name] != part]
    notices = []
    if strange:
        facts = {"names": named(strange)}
        notices.append(Sentence("Not a part of an experiment, but its settings were taken: {names}.", facts))
    if astray:
        notices.append(Sentence("In another part than its own, but taken: {names}.", {"names": named(astray)}))
    return notices


def repeated(parts: Parts, twice: list[str]) -> list[Sentence]:
    """A sentence for what stands twice: in one part, or in two."""
    count = Counter(name for part in parts.values() for name in part)
    names = dict.fromkeys([*twice, *(name for name in count if count[name] > 1)])
    return (
        [Sentence("More than once in the file, so the last counts: {names}.", {"names": named(names)})] if names else []
    )
