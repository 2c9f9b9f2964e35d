"""Every sentence a reader can see, collected from the code and from the values. `make words` writes them to .po files.

A literal inside t("…") or Sentence("…") is read from the source. What stands in a value (the help of a setting, the
docstring of a choice) is read from the value, so it is written once.
"""

from __future__ import annotations

import ast
import datetime
import inspect
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from fbviz.chapters.figures import FIGURES
from fbviz.chapters.lesson import SECTIONS
from fbviz.dials import DIALS, Menu
from fbviz.experiment import PARTS, PRESETS, SETTINGS
from fbviz.fields import OneOf
from fbviz.snapshot import ENDINGS
from fbviz.tables import spoken
from fbviz.words import LANGUAGES, PACKAGE, files

ROOT = Path(__file__).resolve().parents[1]
LOCALE, ROOMS = PACKAGE / "locale", PACKAGE / "chapters"
SPEAKERS = {"t", "Sentence"}


def written() -> Iterator[tuple[Path, str]]:
    """The literals said in the source, and where."""
    for path in sorted([ROOT / "app.py", *ROOT.glob("pages/*.py"), *PACKAGE.glob("**/*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            first = node.args[0]
            if name in SPEAKERS and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield home(path), first.value


def held() -> Iterator[tuple[Path, str]]:
    """The words held in values, and whose they are."""
    yield from ((LOCALE, spoken(part)) for part in PARTS)
    for setting in SETTINGS:
        yield from ((LOCALE, said) for said in (setting.label, setting.rule.help))
        if isinstance(setting.rule, OneOf):
            for entry in setting.rule.table.values():
                yield from ((LOCALE, said) for said in (entry.label, entry.help))
    for figure in FIGURES.values():
        yield from ((home(Path(inspect.getfile(figure.f))), said) for said in (figure.label, figure.help))
    for dials in DIALS.values():
        for rule in dials.rules().values():
            said = [rule.label, *(rule.labels if isinstance(rule, Menu) else ())]
            yield from ((home(Path(inspect.getfile(dials))), text) for text in said)
    yield from ((LOCALE, said) for said in (*ENDINGS.values(), *PRESETS, *SECTIONS.values()))


def home(path: Path) -> Path:
    """The folder whose words a file's are: its chapter's, or those of the house."""
    return path.parent if path.parent.parent == ROOMS else LOCALE


def messages() -> dict[Path, list[str]]:
    """Every sentence, once, in the folder that keeps it: what two chapters say, the house keeps."""
    homes: dict[str, set[Path]] = {}
    for where, text in (*held(), *written()):
        homes.setdefault(text, set()).add(where)
    found: dict[Path, list[str]] = {}
    for text, where in homes.items():
        if text:
            found.setdefault(where.pop() if len(where) == 1 else LOCALE, []).append(text)
    return found


def update(language: str) -> None:
    """Bring a language's files up to date: new sentences empty, those no longer said gone."""
    old: dict[str, str] = {}
    for path in files(language):
        with path.open("rb") as file:
            old |= {m.id: m.string for m in read_po(file, locale=language) if m.id}
        path.unlink()
    for folder, texts in sorted(messages().items()):
        write(folder / f"{language}.po", language, {text: old.get(text, "") for text in texts})


def write(path: Path, language: str, said: Mapping[str, str]) -> None:
    """The file of a language: what is said in English, and in it."""
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
    for english, other in said.items():
        new.add(english, other)
    with path.open("wb") as file:
        write_po(file, new, width=120, omit_header=False)
    print(f"{path.relative_to(ROOT)}: {sum(not m.string for m in new if m.id)} of {len(new)} to translate")


if __name__ == "__main__":
    for language in LANGUAGES:
        if language != "en":
            update(language)
