"""Sequences: what comes in at each step, what is to be said then, and what the network says, below one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go

from fbviz.examples import draw
from fbviz.experiment import Experiment
from fbviz.figures.base import (
    COLD,
    DIVERGING,
    MIDDLE,
    PAPER,
    WARM,
    Part,
    Scale,
    above,
    arrays,
    axis,
    figure,
    span,
)
from fbviz.picture import Picture
from fbviz.tasks import Array
from fbviz.words import Translate

SHOWN = 4  # test sequences that are seen where there is room
HIGH = 4.0  # of one, in lines: its input, its target, its answer, and a gap
EDGES = (0.0, 0.9, 1.0, 1.9, 2.0, 2.9)  # of these in it, and of what is between them
GAP = 3.0  # the number that stands for paper
LINES: Scale = [[0, COLD], [0.25, MIDDLE], [0.5, WARM], [0.75, WARM], [0.75, PAPER], [1, PAPER]]  # −1 … GAP


def one(picture: Picture, array: str, t: Translate, *, length: int | None = None) -> go.Figure:
    """The first test sequences: what comes in, what is to be said, and what is said, which `array` has, (S, T).

    `length` is given where they are longer than those of the experiment.
    """
    shown = few(picture.experiment, SHOWN)
    return figure(
        *timelines(picture, array, t, length=length, shown=shown),
        *keys(t),
        showlegend=True,
        margin={"l": 52, "r": 10, "t": 26, "b": 34},
        **lines(picture.experiment, t, length=length, shown=shown),
    )


def side_by_side(picture: Picture, t: Translate, panels: Sequence[tuple[str, str]], columns: int) -> go.Figure:
    """The same sequences and several answers to them, (label, array) each."""
    rows = -(-len(panels) // columns)
    shown = few(picture.experiment, SHOWN - rows)
    traces: list[go.Heatmap | go.Scatter] = []
    layout: Part = {"annotations": []}
    for i, (label, array) in enumerate(panels):
        which = str(i + 1) if i else ""
        row, column = divmod(i, columns)
        x, y = span(column, columns, 0.02), span(rows - 1 - row, rows, 0.1)
        traces += timelines(picture, array, t, which, shown=shown)
        last = i + columns >= len(panels)
        across: Part = {"domain": x, "title": {"text": t("step t") if last else ""}}
        up: Part = {"domain": y, "showticklabels": not column}
        layout |= lines(picture.experiment, t, which, shown=shown, x=across, y=up)
        layout["annotations"].append(above(label, which))
    return figure(
        *traces,
        *keys(t),
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.1, "yanchor": "bottom"},
        margin={"l": 52, "r": 10, "t": 44, "b": 34},
        **layout,
    )


def few(experiment: Experiment, most: int) -> int:
    """How many test sequences are seen: these at most."""
    _, (x, _) = draw(experiment.data)
    return min(most, len(x))


def timelines(
    picture: Picture, array: str, t: Translate, which: str = "", *, length: int | None = None, shown: int
) -> list[go.Heatmap | go.Scatter]:
    """The first test sequences on the axes `which`; `array` has the answers to them, (S, T).

    The answers are one field, of which the input, the target and the gap of each sequence cover all but a line.
    """
    data = picture.experiment.data
    _, (x, y) = draw(data if length is None else replace(data, length=length))
    x, y = x[:shown, :, 0], y[:shown, :, 0]
    where: Part = {"x0": 1, "dx": 1, "xaxis": f"x{which}", "yaxis": f"y{which}", "showscale": False}
    said = go.Heatmap(
        **arrays(picture, z=array),
        **where,
        y0=HIGH / 2,
        dy=HIGH,
        zmin=0,
        zmax=255,
        colorscale=DIVERGING,
        hoverinfo="skip",
    )
    return [said, known(x, y, t, where), ruled(x.shape[1], shown, which)]


def known(x: Array, y: Array, t: Translate, where: Part) -> go.Heatmap:
    """The inputs and the targets x, y (n, T) on their lines, and paper on all others but those of the answers."""
    gap, hole = np.full_like(x, GAP), np.full_like(x, np.nan)
    rows = np.stack([x, gap, y, gap, hole, gap], 1)  # (n, lines, T)
    names = np.array([t("input"), "", t("target"), "", "", ""])[None, :, None]
    edges = [HIGH * i + edge for i in range(len(x)) for edge in EDGES]
    return go.Heatmap(
        z=rows.reshape(-1, x.shape[1]),
        text=np.broadcast_to(names, rows.shape).reshape(-1, x.shape[1]),
        y=[*edges, HIGH * len(x)],
        **where,
        zmin=-1,
        zmax=GAP,
        colorscale=LINES,
        hoverongaps=False,
        hovertemplate="%{text} %{z:.3g}<br>" + t("step") + " %{x}<extra></extra>",
    )


def ruled(length: int, shown: int, which: str) -> go.Scatter:
    """A thin line of paper between any two steps, so that steps can be counted."""
    between = np.arange(1, length) + 0.5
    x = np.stack([between, between, np.full_like(between, np.nan)], 1).ravel()
    y = np.tile([0, HIGH * shown, np.nan], len(between))
    look: Part = {"mode": "lines", "line": {"color": PAPER, "width": 1}, "hoverinfo": "skip", "showlegend": False}
    return go.Scatter(x=x, y=y, xaxis=f"x{which}", yaxis=f"y{which}", **look)


def lines(
    experiment: Experiment,
    t: Translate,
    which: str = "",
    *,
    length: int | None = None,
    shown: int,
    **more: Part,
) -> Part:
    """The axes `which` of timelines: steps across, and the name of each line. `more` has what both are given."""
    names = [t("input"), t("target"), t("answer")]
    middles = [HIGH * i + line + 0.45 for i in range(shown) for line in range(len(names))]
    across = axis(
        t("step t"),
        showgrid=False,
        tickformat="d",
        range=[0.5, (length or experiment.data.length) + 0.5],
        anchor=f"y{which}",
    )
    up = axis(
        "",
        showgrid=False,
        tickvals=middles,
        ticktext=names * shown,
        range=[HIGH * shown - 0.9, -0.2],
        ticks="",
        fixedrange=True,
        showline=False,
        anchor=f"x{which}",
    )
    return {f"xaxis{which}": across | more.get("x", {}), f"yaxis{which}": up | more.get("y", {})}


def keys(t: Translate) -> list[go.Scatter]:
    """What the colours stand for, as a legend."""
    names = (("−1", COLD), (t("0, or undecided"), MIDDLE), ("+1", WARM))
    return [
        go.Scatter(
            x=[None], y=[None], mode="markers", name=name, marker={"color": colour, "symbol": "square", "size": 9}
        )
        for name, colour in names
    ]
