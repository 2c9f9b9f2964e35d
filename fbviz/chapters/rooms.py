"""The rooms: every folder here that has words is a chapter.

In a room `figures.py` and `values.py` belong to the pages and never reach torch; every other module belongs to the
process of a run. Both are found by their names, so that a new chapter is a new folder and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from fbviz.chapters.lesson import Lesson, Predict, read

HERE = Path(__file__).parent
WEB = ("figures", "values")  # the modules of a room that a page may import


def rooms() -> list[Path]:
    """The folder of each chapter."""
    return sorted(words.parent for words in HERE.glob("*/en.md"))


@cache
def chapters(language: str) -> tuple[Lesson, ...]:
    """All chapters in one language, in reading order."""
    enter(web=True)  # the dials that they name
    return tuple(sorted((read(room, language) for room in rooms()), key=lambda lesson: lesson.order))


@cache
def questions(language: str) -> Mapping[str, tuple[Lesson, Predict]]:
    """Every question and its chapter in one language, in reading order; as `lesson.Lesson.key` names it."""
    return {lesson.key(block): (lesson, block) for lesson in chapters(language) for block in lesson.questions}


def enter(*, web: bool) -> None:
    """Import what the rooms have for the pages, or what they have for runs: each module enters what it defines."""
    for room in rooms():
        for module in iter_modules([str(room)]):
            if (module.name in WEB) == web:
                import_module(f"fbviz.chapters.{room.name}.{module.name}")
