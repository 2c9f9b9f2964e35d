"""Tables of choices, filled by decorating functions: the function is the choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A choice: its name in links, its label in menus, its formula in LaTeX, a line of help, what it does."""

    name: str
    label: str
    help: str
    f: Callable[..., Any]
    formula: str = ""
    word: str = ""  # the key of its entry in the glossary
    fits: Callable[[Any], bool] = lambda kind: True  # the kinds of task it can serve


E = TypeVar("E", bound=Entry)


class Table(dict[str, E], Generic[E]):
    """Choices of one kind by name, in the order they are written."""

    def __init__(self, entry: type[E]) -> None:
        super().__init__()
        self.entry = entry

    def add(self, formula: str = "", *, label: str = "", **facts: Any) -> Callable[[F], F]:
        """Enter the function below: its name names the choice, its docstring is the help.

        `facts` are further fields of the entry. ValueError for a second one of that name, or one without a docstring.
        """

        def enter(f: F) -> F:
            name = f.__name__
            if name in self or not f.__doc__:
                raise ValueError(f"{name} is here already, or has no docstring")
            self[name] = self.entry(
                name=name, label=label or spoken(name), help=f.__doc__.strip(), f=f, formula=formula, **facts
            )
            return f

        return enter


def spoken(name: str) -> str:
    """How a name of the code is said to a reader: learning_rate is "Learning rate"."""
    return name.replace("_", " ").capitalize()
