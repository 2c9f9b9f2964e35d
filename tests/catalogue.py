"""Every sentence a reader can see, collected from the code and from the values. `make words` writes them to zh.po.

A literal inside t("…") or Sentence("…") is read from the source. What stands in a value (the help of a setting, the
docstring of a choice) is read from the value, so it is written once.
"""

from __future__ import annotations

import ast
import datetime
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from fbviz.experiment import PARTS, PRESETS, SETTINGS
from fbviz.fields import OneOf
from fbviz.figures import FIGURES
from fbviz.glyphs import DRAWN
from fbviz.snapshot import ENDINGS
from fbviz.tables import spoken
from fbviz.words import LANGUAGES, LOCALE

ROOT = Path(__file__).resolve().parents[1]
SPEAKERS = {"t", "Sentence"}


def written() -> Iterator[str]:
    """The literals said in the source."""
    for path in sorted([ROOT / "app.py", *ROOT.glob("pages/*.py"), *ROOT.glob("fbviz/**/*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            first = node.args[0]
            if name in SPEAKERS and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def held() -> Iterator[str]:
    """The words held in values."""
    yield from map(spoken, PARTS)
    for setting in SETTINGS:
        yield from (setting.label, setting.rule.help)
        if isinstance(setting.rule, OneOf):
            for entry in setting.rule.table.values():
                yield from (entry.label, entry.help)
    for figure in FIGURES.values():
        yield from (figure.label, figure.help)
    yield from DRAWN
    yield from ENDINGS.values()
    yield from PRESETS


def messages() -> list[str]:
    """Every sentence, once, in the order of the house."""
    return [text for text in dict.fromkeys([*held(), *written()]) if text]


def update(language: str) -> None:
    """Bring a language's file up to date: new sentences empty, those no longer said gone."""
    path = LOCALE / f"{language}.po"
    old = {}
    if path.exists():
        with path.open("rb") as file:
            old = {m.id: m.string for m in read_po(file, locale=language) if m.id}
    epoch = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)  # no date that changes at every run
    new = Catalog(
        locale=language,
        project="fbviz",
        version=version("fbviz"),
        header_comment=f"# What fbviz says, in {LANGUAGES[language]}. `make words` keeps it complete.",
        msgid_bugs_address="CONTRIBUTING.md",
        last_translator="the authors of fbviz",
        language_team="the authors of fbviz",
        fuzzy=False,
        creation_date=epoch,
        revision_date=epoch,
    )
    for text in messages():
        new.add(text, old.get(text, ""))
    with path.open("wb") as file:
        write_po(file, new, width=120, omit_header=False)
    print(f"{path.name}: {sum(not m.string for m in new if m.id)} of {len(new)} to translate")


if __name__ == "__main__":
    for language in LANGUAGES:
        if language != "en":
            update(language)
