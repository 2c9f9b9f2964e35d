"""Programs of thinking longer: a loop learns small puzzles live, then answers the learner's own, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from torch import nn

from fbviz.chapters.thinking_longer import thinking
from fbviz.chapters.thinking_longer.thinking import Practice
from fbviz.chapters.thinking_longer.values import (
    MOST,
    MOST_BITS,
    PARAMETERS,
    SIDES,
    MazeDials,
    StringDials,
    bit_strings,
    distances,
    mazes,
    running_parity,
)
from fbviz.commands import Value
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.snapshot import Ended, Status, Told, facts
from fbviz.worker.inputs import cells
from fbviz.worker.programs import program
from fbviz.worker.runner import Runner
from fbviz.worker.watching import always, watched

EVERY = 20  # updates between two looks at exactness, and between two answers to the scene
FORECAST = 100  # updates between two looks at what would come of the larger puzzles by now
LONG = 32  # bits of the strings that are asked at the end
UNSEEN, PIECE, PIECES = 10_000, 5, 20  # the seed of what is never trained on; so many at a time, so often

WALL, FREE, START, ANSWERED, WRONG = range(5)  # how a cell of a maze looks

Exact = Callable[[nn.Module, int, int, int], float]  # of network, size, count and seed: the share all right


@dataclass(frozen=True, slots=True)
class Solved(Told):
    """How larger puzzles than those that were learned are answered."""

    exact: Mapping[str, float]  # by their size, the share that is right in every place; NaN before the first look


@dataclass(frozen=True, slots=True)
class Plain:
    """The network without a loop."""

    forward: Mapping[str, float]  # as in `Solved`


@dataclass(frozen=True, slots=True)
class Peers(Told):
    """The same of the plain network beside the loop."""

    exact: Plain


class Scene(Protocol):
    """The learner's own puzzle."""

    def look(self, values: dict[str, Value]) -> None:
        """Take in what the learner has set or clicked."""

    def picture(self, practice: Practice) -> dict[str, np.ndarray]:
        """What the network says to it."""


class Answers:
    """What a network says at every step, kept until the puzzle changes or the network has learned on."""

    def __init__(self) -> None:
        self.said = np.zeros(0, bool)
        self.at = -EVERY

    def old(self, practice: Practice) -> bool:
        """Is it time to ask again? Then it is taken as asked."""
        learned = practice.updates - self.at
        if learned < EVERY and not (learned and practice.updates == practice.enough):
            return False
        self.at = practice.updates
        return True

    def forget(self) -> None:
        self.at = -EVERY


class Maze:
    """A maze of the learner's: drawn by seed, then changed by clicks "wall"."""

    def __init__(self) -> None:
        self.asked: tuple[int, int] | None = None
        self.t = 0
        self.answers = Answers()

    def look(self, values: dict[str, Value]) -> None:
        """Take in the sliders and the clicks."""
        dials = MazeDials.of(values)
        side = dials.size // SIDES[0] * SIDES[0]
        asked, self.t, clicked = (side, dials.seed), dials.t, cells(values, "wall", side)
        if asked != self.asked:
            self.asked = asked
            self.free, self.start = mazes(1, side, np.random.default_rng(asked[1]))
            self.settle()
        elif clicked:
            for x, y in clicked:
                self.click(x, y, dials.tool)
            self.settle()

    def click(self, x: int, y: int, tool: str) -> None:
        """Put a wall here or take it away, or start from here."""
        if tool == "start":
            self.start[:] = False
            self.start[0, y, x] = self.free[0, y, x] = True
        elif not self.start[0, y, x]:
            self.free[0, y, x] ^= True

    def settle(self) -> None:
        """What is true of the maze as it is now."""
        self.away = distances(self.free, self.start)[0]
        self.answers.forget()

    def picture(self, practice: Practice) -> dict[str, np.ndarray]:
        """The maze after t steps, and how much of it is right after each."""
        if self.answers.old(practice):
            self.answers.said = thinking.fills(practice.network, self.free, self.start, MOST)[:, 0]
        said, true = self.answers.said, self.away >= 0
        right = (said == true).mean((1, 2))
        return {"maze.cells": self.cells(said[self.t - 1])} | over_steps(right, self.t)

    def cells(self, said: np.ndarray) -> np.ndarray:
        """How each cell looks (H, W) uint8. Wrong: said without a way, or not said, or not yet, though one leads there.

        So as many are wrong as the curve of right answers says.
        """
        cells = np.where(self.free[0], FREE, WALL).astype(np.uint8)
        cells[said] = ANSWERED
        cells[said != (self.away >= 0)] = WRONG
        cells[self.start[0]] = START
        return cells


class String:
    """A string of bits of the learner's. A click "bit" turns one."""

    def __init__(self) -> None:
        self.asked: tuple[int, int] | None = None
        self.t = 0
        self.answers = Answers()

    def look(self, values: dict[str, Value]) -> None:
        """Take in the sliders and the clicks."""
        dials = StringDials.of(values)
        asked, self.t, clicked = (dials.length, dials.seed), dials.t, cells(values, "bit", dials.length)
        if asked != self.asked:
            self.asked = asked
            self.bits = bit_strings(1, asked[0], np.random.default_rng(asked[1]))
            self.answers.forget()
        elif clicked:
            for place, _ in clicked:
                self.bits[0, place] ^= 1
            self.answers.forget()

    def picture(self, practice: Practice) -> dict[str, np.ndarray]:
        """The bits, the answer after t steps and the right one; a wrong answer is 2."""
        if self.answers.old(practice):
            self.answers.said = thinking.parities(practice.network, self.bits, MOST_BITS)[:, 0]
        said, odd = self.answers.said, running_parity(self.bits)[0]
        now = said[self.t - 1]
        rows = np.stack([self.bits[0], np.where(now == odd, now, 2), odd]).astype(np.uint8)
        return {"parity.rows": rows} | over_steps((said == odd).mean(1), self.t)


def over_steps(right: np.ndarray, t: int) -> dict[str, np.ndarray]:
    """The share that is right after each step (T,), and where the reader stands."""
    return {
        "answer.steps": np.arange(1, len(right) + 1, dtype=np.int32),
        "answer.right": right.astype(np.float32),
        "answer.now": np.array([t], np.int32),
        "answer.now_right": right[t - 1 : t].astype(np.float32),
    }


class Log:
    """How a training went: its losses, and now and then the share of small puzzles that are all right."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.losses: list[float] = []
        self.exact: list[float] = []

    def arrays(self) -> dict[str, np.ndarray]:
        """Under think.<name>; losses thinned to every fifth, exactness after each EVERY updates."""
        return {
            f"think.{self.name}.updates": np.arange(0, len(self.losses), 5, dtype=np.int32),
            f"think.{self.name}.losses": np.array(self.losses[::5], np.float32),
            f"think.{self.name}.exact_updates": np.arange(1, len(self.exact) + 1, dtype=np.int32) * EVERY,
            f"think.{self.name}.exact": np.array(self.exact, np.float32),
        }


class Lesson:
    """A network learns small puzzles; then it is asked larger ones, a few at a time."""

    def __init__(self, name: str, practice: Practice, exact: Exact, small: int, asked: Sequence[int]) -> None:
        self.practice, self.exact, self.small, self.asked = practice, exact, small, asked
        self.log = Log(name)
        self.shares = np.full(len(asked), np.nan, np.float32)  # of each size, the share that is all right
        self.examination = self.examined()
        self.pieces = 0  # of the examination that are over
        self.over = False

    @property
    def updates(self) -> int:
        return self.practice.updates

    @property
    def ended(self) -> Ended | None:
        return Ended("finished", {"updates": self.updates}) if self.over else None

    @property
    def work(self) -> tuple[int, int]:
        """How many updates and pieces of the examination are made, and of how many."""
        return self.updates + self.pieces, self.practice.enough + PIECES * len(self.asked)

    @property
    def status(self) -> Status:
        return Status(update=self.updates, share=done(self))

    def advance(self, most: int = 1) -> None:
        """One update, and a look at exactness when it is time; or a few questions more."""
        if self.updates == self.practice.enough:
            self.over = next(self.examination, None) is None
            return
        self.log.losses.append(self.practice.update())
        if self.updates % EVERY == 0:
            self.log.exact.append(self.exact(self.practice.network, self.small, 50, UNSEEN))
        if self.updates % FORECAST == 0:
            self.shares[:] = [self.exact(self.practice.network, size, 2 * PIECE, UNSEEN) for size in self.asked]

    def examined(self) -> Iterator[float]:
        """The share of new puzzles of each size that are all right, as it becomes known."""
        for i, size in enumerate(self.asked):
            seen: list[float] = []
            for piece in range(PIECES):
                seen.append(self.exact(self.practice.network, size, PIECE, UNSEEN + 1 + piece))
                self.shares[i] = np.mean(seen)
                self.pieces += 1
                yield seen[-1]


def done(*lessons: Lesson) -> float:
    """The share of the work of lessons that is done."""
    made, all_ = map(sum, zip(*(lesson.work for lesson in lessons), strict=True))
    return made / all_


class InTurn:
    """Lessons, one after the other."""

    def __init__(self, *lessons: Lesson) -> None:
        self.lessons = lessons

    @property
    def updates(self) -> int:
        return sum(lesson.updates for lesson in self.lessons)

    @property
    def ended(self) -> Ended | None:
        return Ended("finished", {"updates": self.updates}) if self.lessons[-1].over else None

    @property
    def status(self) -> Status:
        return Status(update=self.updates, share=done(*self.lessons))

    def advance(self, most: int = 1) -> None:
        """One step of the first that is not over."""
        next(lesson for lesson in self.lessons if not lesson.over).advance()


def live(runner: Runner, practice: Practice, scene: Scene, exact: Exact, small: int, large: int) -> Iterator[Frame]:
    """Train on small puzzles, ask for large ones, then answer the learner's."""
    lesson, plain = Lesson("loop", practice, exact, small, [large]), Log("forward")

    def seen(status: Status) -> Frame:
        scene.look(runner.values)
        told = Solved({str(large): float(lesson.shares[0])})
        return Frame(facts(status, told), lesson.log.arrays() | plain.arrays() | scene.picture(practice))

    yield from watched(lesson, runner, seen, rests=always)


@program
def flood_fill(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """A loop learns which cells of a maze can be reached, then shows it on the learner's maze, step by step."""
    yield from live(runner, thinking.flood_fill(), Maze(), thinking.exact_fills, SIDES[0], SIDES[-1])


@program
def think_parity(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """A loop learns the running parity of short strings, then shows it on the learner's, step by step."""
    yield from live(runner, thinking.parity(), String(), thinking.exact_parities, thinking.LENGTH, LONG)


@program
def flood_fill_peers(experiment: Experiment, runner: Runner) -> Iterator[Frame]:
    """A plain network and the loop learn the same small mazes, and are asked for larger ones: the plain one first.

    It is the one a reader is asked about.
    """
    practices = zip(PARAMETERS, (thinking.flood_fill(), thinking.forward_fill()), strict=True)
    both = {name: Lesson(name, who, thinking.exact_fills, SIDES[0], SIDES) for name, who in practices}
    middle = 1  # of SIDES

    def seen(status: Status) -> Frame:
        told = Peers(Plain({str(SIDES[middle]): float(both["forward"].shares[middle])}))
        arrays = {f"exact.{name}": lesson.shares.copy() for name, lesson in both.items()}
        for lesson in both.values():
            arrays |= lesson.log.arrays()
        return Frame(facts(replace(status, known=both["forward"].over), told), arrays)

    yield from watched(InTurn(both["forward"], both["loop"]), runner, seen)
