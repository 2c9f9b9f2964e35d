"""What a reader has answered in the chapters, as indices and numbers: they are of no language.

The browser keeps it (storage.py). What comes back from there may be anything, so it is checked here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fbviz.chapters.lesson import Predict
from fbviz.chapters.rooms import questions

SKIPPED = -1
FAR = 1e15  # no measurement of a chapter is as large


@dataclass(slots=True)
class Guess:
    """The answer to one question, and what was then measured."""

    choice: int  # of the question's choices, or SKIPPED
    measured: float | None = None
    waited: bool = False  # the reader went on before it was measured

    @property
    def settled(self) -> bool:
        """Is the reader to go on?"""
        return self.measured is not None or self.waited or self.choice == SKIPPED


@dataclass(slots=True)
class Answers:
    """All answers of a reader, each by its chapter and question."""

    given: dict[str, Guess] = field(default_factory=dict)
    cleared: int = 0  # how often they were: of two tabs, the one that has seen more of it is right

    def clear(self) -> None:
        """Open all questions again."""
        self.given, self.cleared = {}, self.cleared + 1

    def join(self, other: Answers) -> None:
        """Take in what another tab knows. Of two answers to a question the first counts, unless the other is measured.

        storage.js does the same before it writes.
        """
        if other.cleared > self.cleared:
            self.given, self.cleared = dict(other.given), other.cleared
        elif other.cleared == self.cleared:
            for key, guess in other.given.items():
                before = self.given.get(key)
                if before is None or (before.measured is None and guess.measured is not None):
                    self.given[key] = guess

    def plain(self) -> dict[str, object]:
        """As a browser keeps them."""
        return {
            "cleared": self.cleared,
            "given": {key: [guess.choice, guess.measured, guess.waited] for key, guess in self.given.items()},
        }


def read(kept: object) -> Answers:
    """What a browser has kept, without what cannot be true; nothing if it is something else."""
    match kept:
        case {"cleared": int(cleared), "given": dict(given)} if cleared >= 0:
            found = {key: guess(given.get(key), question) for key, (_, question) in questions("en").items()}
            return Answers({key: made for key, made in found.items() if made}, cleared)
    return Answers()


def guess(kept: object, question: Predict) -> Guess | None:
    """One answer, if it is one to this question."""
    match kept:
        case [int(choice), None, bool(waited)] if SKIPPED <= choice < len(question.choices):
            return Guess(choice, None, waited)
        case [int(choice), int() | float() as measured, bool(waited)] if SKIPPED <= choice < len(question.choices):
            return Guess(choice, float(measured), waited) if abs(measured) <= FAR else None
    return None
