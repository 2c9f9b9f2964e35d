"""What all figures share: colours, axes, and how a live picture knows which array is which.

A trace's `meta` says which of its attributes is which array of the picture. So the figure of a blank
picture plus a frame's arrays is the figure, and the browser, which knows no chart, draws it with
Plotly.react. A colour "var(--…)" is resolved by the browser for the theme it shows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.basedatatypes import BaseTraceType

from fbviz.picture import Picture
from fbviz.tables import Entry, Table

Part = dict[str, Any]  # a piece of a figure by its attributes, as Plotly takes it
Scale = list[list[float | str]]  # of colours: [a place from 0 to 1, the colour there]

CONTRAST = (  # lines and marks on a light page and on a dark one, told apart by colour-blind readers too
    ("#0877bd", "#4aa8ea"),
    ("#c25e00", "#f59322"),
    ("#007a59", "#1fbf8f"),
    ("#5a2145", "#dc169c"),
    ("#7f27e0", "#9650e4"),
    ("#a49054", "#8b6928"),
    ("#327f90", "#77ddf2"),
)
LINES = tuple(f"var(--fbviz-line-{i})" for i in range(1, len(CONTRAST) + 1))  # for layers, in their order
NEGATIVE, POSITIVE, THIRD = LINES[:3]
COLD, WARM = "#0877bd", "#f59322"  # of areas, in any theme
CLASS_COLOURS = (COLD, WARM, "#009e73", "#990000", "#55ccff", "#aadd88", "#6666ff", "#112233", "#0000ff", "#000088")
MIDDLE = "#e8eaeb"
INK, PAPER, FAINT = "var(--st-text-color)", "var(--st-background-color)", "var(--st-border-color)"
BLUE = "var(--st-link-color)"  # for small words
DIVERGING: Scale = [[0.0, COLD], [0.5, MIDDLE], [1.0, WARM]]
Cell = str | Mapping[str, object]  # of a table: words, or where the number is found
BARE: Part = {"showgrid": False, "showticklabels": False, "ticks": "", "zeroline": False, "showline": False} | {
    "fixedrange": True  # there is nothing to look at closer
}


@dataclass(frozen=True, slots=True)
class Grid:
    """A table that is filled like a figure: its cells say which array, or which fact, they show."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def to_json(self) -> str:
        """What view.js draws."""
        return json.dumps({"table": {"columns": list(self.columns), "rows": [list(row) for row in self.rows]}})


def style() -> str:
    """The colours as a style sheet says them: the browser takes those of its theme."""
    said = (f"{line[4:-1]}: light-dark({light}, {dark});" for line, (light, dark) in zip(LINES, CONTRAST, strict=True))
    return f":root {{ {' '.join(said)} }}"


FIGURES: Table[Entry] = Table(Entry)  # f(picture, t) -> a Plotly figure or a Grid; its label is the title


def arrays(picture: Picture, **attributes: str) -> Part:
    """Trace attributes filled from arrays of the picture, with a note which came from where.

    arrays(p, z="boundary") is {"z": p.arrays["boundary"], "meta": {"z": "boundary"}}, less what the picture lacks.
    """
    known = {name: picture.arrays[array] for name, array in attributes.items() if array in picture.arrays}
    return known | {"meta": attributes}


def number(array: str, at: int = 0, digits: int = 4, undefined: str = "") -> Cell:
    """A cell: one number of an array, to so many significant digits, or what stands for one that is undefined."""
    return {"array": array, "at": at, "digits": digits, "undefined": undefined}


def share(array: str, at: int = 0, undefined: str = "") -> Cell:
    """A cell: one number of an array in percent, or what stands for one that is undefined."""
    return {"array": array, "at": at, "share": True, "undefined": undefined}


def spread(mean: str, deviation: str, at: int = 0) -> Cell:
    """A cell: the mean of a share and its standard deviation, in percent."""
    return {"array": mean, "spread": deviation, "at": at, "share": True}


def complex_number(re: str, im: str, at: int = 0, digits: int = 4) -> Cell:
    """A cell: one complex number, its parts from two arrays."""
    return {"re": re, "im": im, "at": at, "digits": digits}


def one_of(words: Sequence[str], array: str, at: int = 0, number: str = "") -> Cell:
    """A cell: the word that a whole number of an array stands for; {number} in it is that of another array."""
    return {"words": list(words), "array": array, "at": at, "number": number}


def mark(array: str, at: int = 0) -> Cell:
    """A cell: ✓ where the array is 1, ✗ where it is 0, nothing where it is NaN."""
    return {"mark": array, "at": at}


def fact(path: str, **words: str) -> Cell:
    """A cell: a fact of the frame, by its path; `words` has what is said for a word of the code."""
    return {"fact": path, "words": words}


def clicked(name: str, states: Mapping[int, str]) -> Part:
    """The layout of a figure whose first trace is cells that a reader changes: by clicks, in a drag, or by keys.

    `states` has what a number in a cell stands for, for those who do not see its colour.
    """
    return {"meta": {"cells": name, "states": dict(states)}}


ABOVE: Part = {  # a legend over a small figure, as wide as all of it
    "orientation": "h",
    "xref": "container",
    "x": 0.02,
    "xanchor": "left",
    "yref": "container",
    "y": 1,
    "yanchor": "top",
    "itemwidth": 30,
    "font": {"size": 10},
    "bgcolor": "rgba(0,0,0,0)",
}


def axis(title: str, **more: object) -> Part:
    """An axis in the house style."""
    return {
        "title": {"text": title, "standoff": 4},
        "gridcolor": FAINT,
        "zeroline": False,
        "linecolor": FAINT,
        "tickfont": {"size": 10},
        "title_font": {"size": 11},
        "automargin": False,
        **more,
    }


def log_axis(title: str, **more: object) -> Part:
    """A logarithmic axis with few, short labels."""
    return axis(title, type="log", exponentformat="power", dtick=None, nticks=5, **more)


def one(x: str, y: str) -> Part:
    """A line at 1, where a loop ceases to hold."""
    line = {"color": INK, "dash": "dash", "width": 1}
    return {"type": "line", "xref": x, "yref": y, "x0": 0, "x1": 1, "y0": 1, "y1": 1, "line": line}


def place(point: np.ndarray) -> str:
    """(1, 2)."""
    return f"({point[0]:g}, {point[1]:g})"


def flat(colours: Sequence[str]) -> Scale:
    """A colour scale for the whole numbers 0 … n − 1, with nothing between two colours."""
    edges = [i / len(colours) for i in range(len(colours) + 1)]
    return [[edge, colour] for colour, ends in zip(colours, pairwise(edges), strict=True) for edge in ends]


def span(i: int, n: int, gap: float) -> list[float]:
    """The i-th of n equal parts of [0, 1], with gaps between."""
    return [i / n + (gap if i else 0), (i + 1) / n - (gap if i < n - 1 else 0)]


def above(text: str, which: str) -> Part:
    """The name of a panel, over the middle of its axes `which`, however small they have become to be square."""
    place: Part = {"xref": f"x{which} domain", "yref": f"y{which} domain", "x": 0.5, "y": 1, "yanchor": "bottom"}
    return place | {"text": text, "showarrow": False}


def subscript(n: int) -> str:
    """A whole number as the index of a formula: x₁₂."""
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(n))


def figure(*traces: BaseTraceType, **layout: object) -> go.Figure:
    """A figure in the house style. A drag over it is the page's; what a reader has zoomed stays so."""
    style: Part = {
        "margin": {"l": 44, "r": 10, "t": 8, "b": 34},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": INK, "size": 11},
        "uirevision": "keep",
        "hovermode": "closest",
        "dragmode": False,
        "hoverlabel": {"bgcolor": PAPER, "bordercolor": FAINT, "font": {"color": INK}},
        "showlegend": False,
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)"}
        | {"itemclick": False, "itemdoubleclick": False},  # what keys cannot do, no click does
        "template": "none",
    }
    return go.Figure(list(traces), go.Layout(**(style | layout)))
