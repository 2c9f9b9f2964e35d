"""Settings that know their own limits.

A rule sits in a dataclass field and is the only description of that setting. The control on a
page, the key in a link, the check of what came from outside and the row in the documentation
are derived from it; none of them is typed a second time.
"""

from __future__ import annotations

import dataclasses
import math
import reprlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, TypeVar, Unpack

from fbviz.tables import Entry, spoken
from fbviz.words import SaidError, Sentence, short

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value = bool | int | float | str | tuple[int, ...]  # of a setting
V = TypeVar("V", bound=Value)
Number = TypeVar("Number", int, float)
Whole = TypeVar("Whole", bound="DataclassInstance")  # an experiment: parts, and in each of them settings
Condition = Callable[[Any], bool]  # of the whole experiment: does this setting matter there?


class Rule(Protocol):
    """What a setting may be, and what is said about it."""

    @property
    def help(self) -> str: ...
    @property
    def symbol(self) -> str:
        """The letter of the formulas it stands for, as it can be read aloud; may be empty."""

    @property
    def when(self) -> Condition: ...
    @property
    def rare(self) -> bool:
        """Is it seldom set, and folded away?"""

    @property
    def word(self) -> str:
        """The key of its entry in the glossary; may be empty."""

    @property
    def label(self) -> str:
        """What its control is called; empty is its name."""

    @property
    def allowed(self) -> str:
        """The values it may have, to follow "it can be"."""

    @property
    def longest(self) -> int:
        """Characters of the longest text worth reading: reading a number takes longer the longer it is."""

    def read(self, text: str) -> Value:
        """The value `text` asks for. ValueError if it asks for none."""

    def write(self, value: Any) -> str:
        """`value` as it stands in a link; `read` undoes it."""

    def nearest(self, asked: object) -> Value:
        """The allowed value closest to `asked`. ValueError if none is close, whatever `asked` is."""


NUMBERS = 64  # characters of a number, or of the sizes of layers: repr(float) takes 24 at most


def always(_: object) -> bool:
    """The condition of a setting that matters in every experiment."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """A number between two ends. On a `log` scale equal ratios are equal distances."""

    low: float
    high: float
    whole: bool
    log: bool = False
    help: str = ""
    symbol: str = ""
    when: Condition = always
    rare: bool = False
    word: str = ""
    label: str = ""

    @property
    def allowed(self) -> str:
        return f"{self.low:g}–{self.high:g}"

    @property
    def longest(self) -> int:
        return NUMBERS

    def read(self, text: str) -> float:
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(text)
        return number

    def write(self, value: float) -> str:
        return repr(value).removesuffix(".0")

    def nearest(self, asked: object) -> float:
        if isinstance(asked, bool) or not isinstance(asked, int | float):
            raise ValueError(type(asked))
        if isinstance(asked, float) and not math.isfinite(asked):
            raise ValueError(asked)
        number = min(max(asked, self.low), self.high)
        return round(number) if self.whole else float(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """The name of an entry in a table of choices."""

    table: Mapping[str, Entry]
    help: str = ""
    symbol: str = ""
    when: Condition = always
    rare: bool = False
    word: str = ""
    label: str = ""

    @property
    def allowed(self) -> str:
        return ", ".join(self.table)

    @property
    def longest(self) -> int:
        return max(map(len, self.table))

    def read(self, text: str) -> str:
        return text

    def write(self, value: str) -> str:
        return value

    def nearest(self, asked: object) -> str:
        if not isinstance(asked, str) or asked not in self.table:
            raise ValueError(asked)
        return asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Widths:
    """Sizes of the hidden layers, written 8-4; none is written 0."""

    depth: int
    width: int
    help: str = ""
    symbol: str = ""
    when: Condition = always
    rare: bool = False
    word: str = ""
    label: str = ""

    @property
    def allowed(self) -> str:
        return f"0–{self.depth} × 1–{self.width} (8-4)"

    @property
    def longest(self) -> int:
        return NUMBERS

    def read(self, text: str) -> tuple[int, ...]:
        return () if text == "0" else tuple(map(int, text.split("-")))

    def write(self, value: tuple[int, ...]) -> str:
        return "-".join(map(str, value)) or "0"

    def nearest(self, asked: object) -> tuple[int, ...]:
        if not isinstance(asked, tuple) or not all(type(width) is int for width in asked):  # True is none
            raise ValueError(asked)
        return tuple(min(max(width, 1), self.width) for width in asked[: self.depth])


class Said(TypedDict, total=False):
    """What may be said of any rule, as `Rule` has it."""

    help: str
    symbol: str
    when: Condition
    rare: bool
    word: str
    label: str


def bounded(low: float, high: float, *, default: Number, log: bool = False, **said: Unpack[Said]) -> Number:
    """A field for a number; whether it is whole is seen from `default`."""
    return ruled(default, Bounded(low=low, high=high, whole=isinstance(default, int), log=log, **said))


def one_of(table: Mapping[str, Entry], *, default: str, **said: Unpack[Said]) -> str:
    """A field for a choice."""
    return ruled(default, OneOf(table=table, **said))


def widths(depth: int, width: int, *, default: tuple[int, ...], **said: Unpack[Said]) -> tuple[int, ...]:
    """A field for the sizes of up to `depth` layers."""
    return ruled(default, Widths(depth=depth, width=width, **said))


def ruled(default: V, rule: Rule) -> V:
    return dataclasses.field(default=default, metadata={"rule": rule})


class Settings:
    """The base of every part of an experiment: it cannot hold what its rules do not allow."""

    __slots__ = ()

    def __post_init__(self) -> None:
        """SaidError, with the setting, what it can be, and what was asked."""
        for field in dataclasses.fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            rule, asked = field.metadata["rule"], getattr(self, field.name)
            try:
                value = rule.nearest(asked)
            except ValueError:
                value = None
            if value is None or value != asked:
                said = {"name": field.name, "asked": shown(asked), "allowed": rule.allowed}
                raise SaidError(Sentence("{name} is {asked}; it can be {allowed}.", said))
            object.__setattr__(self, field.name, value)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of an experiment: the part and the field it sits in, and its rule."""

    part: str
    name: str
    default: object
    rule: Any  # a Rule; Any, because widgets are chosen by its class

    @property
    def label(self) -> str:
        return str(self.rule.label) or spoken(self.name)

    def of(self, whole: DataclassInstance) -> Any:
        """Its value in an experiment."""
        return getattr(getattr(whole, self.part), self.name)


def settings(whole: DataclassInstance | type[DataclassInstance]) -> Iterator[Setting]:
    """Every setting of an experiment (its class or a value), first to last."""
    for part in dataclasses.fields(whole):
        for field in dataclasses.fields(part.default):  # type: ignore[arg-type]  # parts are dataclasses
            yield Setting(part.name, field.name, field.default, field.metadata["rule"])


def with_settings(whole: Whole, values: Mapping[str, object]) -> Whole:
    """`whole` with some settings changed, by name. Settings it does not know are a KeyError."""
    by_part: dict[str, dict[str, object]] = {}
    where = {setting.name: setting.part for setting in settings(whole)}
    for name, value in values.items():
        by_part.setdefault(where[name], {})[name] = value
    parts = {part: dataclasses.replace(getattr(whole, part), **changed) for part, changed in by_part.items()}
    return dataclasses.replace(whole, **parts)


class Shown(reprlib.Repr):
    """repr of whatever was given as a value, in one short line, at once."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxlong = 2, 40
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxarray = 3

    def repr_int(self, x: int, level: int) -> str:
        """Its digits, or how many; Python does not write more than 4300 (sys.set_int_max_str_digits)."""
        digits = round(x.bit_length() * math.log10(2))
        return repr(x) if digits < self.maxlong else f"{'-' * (x < 0)}10^{digits}"


def shown(value: object) -> str:
    """Whatever was given as a value, as a sentence can hold it."""
    return short(Shown().repr(value))
