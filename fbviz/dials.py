"""Dials: what a reader can move of a program while it runs.

A program's dials are a dataclass, one field a dial, and that is the only description of them: the slider or menu on a
page, the check of what a chapter says and the check of what a browser sends are derived from it. A chapter names them,
a program reads them.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Self, TypeVar

from fbviz.commands import Value
from fbviz.diagram import MOST
from fbviz.experiment import SETTINGS
from fbviz.fields import Bounded, Number, ruled, shown
from fbviz.words import Translate

HIDDEN = next(setting.rule for setting in SETTINGS if setting.name == "hidden")
STEPS = 64  # of a loop that are looked at, however many the network was trained for


@dataclass(frozen=True, slots=True, kw_only=True)
class Slider(Bounded):
    """A number that is moved in steps."""

    step: float
    later: bool = False  # nothing of it is seen before the next update

    def meant(self, number: float) -> object:
        """What a program reads where a browser says `number`."""
        return number

    def said(self, meant: float) -> float:
        """What a browser says for it; `meant` undoes it."""
        return meant

    def facts(self, t: Translate) -> dict[str, object]:
        """What the component is told of it besides its name and where it stands."""
        told = {"label": t(self.label), "low": self.low, "high": self.high, "step": self.step}
        return told | ({"later": True} if self.later else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu(Bounded):
    """One of a few options. A browser says which by its place among them, from 0."""

    options: tuple[object, ...]
    labels: tuple[str, ...]  # of the options

    def meant(self, number: float) -> object:
        """As of a `Slider`."""
        return self.options[int(number)]

    def said(self, meant: object) -> float:
        """As of a `Slider`."""
        return self.options.index(meant)

    def facts(self, t: Translate) -> dict[str, object]:
        """As of a `Slider`."""
        return {"label": t(self.label), "options": [t(label) for label in self.labels]}


Dial = Slider | Menu
Offer = dict[str, list[dict[str, object]]]  # by kind, each dial
Option = TypeVar("Option", bool, int, str)
KINDS: Mapping[type[Dial], str] = {Slider: "sliders", Menu: "choices"}  # and what the component calls them


def slider(low: float, high: float, *, default: Number, label: str, step: float = 1, later: bool = False) -> Number:
    """A field for a number; whether it is whole is seen from `default`."""
    whole = isinstance(default, int)
    return ruled(default, Slider(low=low, high=high, whole=whole, step=step, label=label, later=later))


def menu(options: Mapping[Option, str], *, default: Option, label: str) -> Option:
    """A field for one of these options, each with its label."""
    names, labels = tuple(options), tuple(options.values())
    return ruled(default, Menu(low=0, high=len(names) - 1, whole=True, label=label, options=names, labels=labels))


class Dials:
    """The base of a program's dials: where each of them stands."""

    __slots__ = ()

    @classmethod
    def of(cls, values: Mapping[str, Value], **unmoved: object) -> Self:
        """Where a browser says they stand. A value is whatever somebody typed into a socket, so a number is brought
        to its bounds, and what is no number is taken as never moved.

        A dial that was not moved stands at its default, or where `unmoved` has it: at the experiment's own setting,
        say, whatever that is.
        """
        moved: dict[str, object] = {}
        for name, rule in cls.rules().items():
            with contextlib.suppress(KeyError, ValueError):
                moved[name] = rule.meant(rule.nearest(values[name]))
        return cls(**unmoved | moved)

    @classmethod
    def rules(cls) -> dict[str, Dial]:
        """What each of them may be, by name."""
        return {field.name: field.metadata["rule"] for field in dataclasses.fields(cls)}  # type: ignore[arg-type]

    @classmethod
    def start(cls) -> dict[str, float]:
        """Where each of them begins, as a browser says it."""
        fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # every subclass is a dataclass
        return {field.name: field.metadata["rule"].said(field.default) for field in fields}


D = TypeVar("D", bound=type[Dials])
DIALS: dict[str, type[Dials]] = {}


def dials(program: str) -> Callable[[D], D]:
    """Enter the dataclass below as the dials of a program."""

    def enter(kind: D) -> D:
        DIALS[program] = kind
        return kind

    return enter


def check(program: str, names: Iterable[str], start: Mapping[str, Value]) -> None:
    """ValueError if a chapter names a dial that its program does not have, or begins where it cannot stand."""
    rules, names = DIALS[program].rules() if program in DIALS else {}, [*names]
    for name in names:
        if name not in rules:
            raise ValueError(f"{program} has no dial {name}; it has {', '.join(rules) or 'none'}.")
    for name, value in start.items():
        if name not in names:
            raise ValueError(f"{name} begins at {shown(value)}, but is not among the dials {', '.join(names)}.")
        try:
            stands = rules[name].nearest(value) == value
        except ValueError:
            stands = False
        if not stands:
            raise ValueError(f"{name} is {shown(value)}; it can be {rules[name].allowed}.")


def given(program: str, names: Iterable[str], start: Mapping[str, Value], t: Translate) -> Offer:
    """Some dials of a program as the component is given them; they begin where `start` says, or at their defaults."""
    told: Offer = {kind: [] for kind in KINDS.values()}
    for name in names:
        rule, value = DIALS[program].rules()[name], DIALS[program].start()[name]
        told[KINDS[type(rule)]].append({"name": name, **rule.facts(t), "value": start.get(name, value)})
    return told


# Of programs that more than one page shows.


@dials("training")
@dials("training_beside")
@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingDials(Dials):
    """Where its reader looks."""

    t: int = slider(1, STEPS, default=STEPS, label="step t")  # beyond the last step, the last
    layer: int = slider(-1, HIDDEN.depth + 1, default=-1, label="layer")
    neuron: int = slider(0, MOST - 1, default=0, label="neuron")


@dials("unrolled")
@dataclass(frozen=True, slots=True, kw_only=True)
class UnrolledDials(Dials):
    """The step of the loop that is looked at."""

    t: int = slider(1, STEPS, default=1, label="step t")
