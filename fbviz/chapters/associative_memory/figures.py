"""What an associative memory holds, how it recalls, and how much fits in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from fbviz.chapters.associative_memory.values import DRAWN, SIDE
from fbviz.figures.base import BARE, DIVERGING, FIGURES, INK, NEGATIVE, POSITIVE, THIRD, arrays, axis, clicked, figure
from fbviz.picture import Picture
from fbviz.words import Translate, english

CLASSICAL_LIMIT = 0.138  # patterns a neuron that Hebbian storage holds (Amit, Gutfreund and Sompolinsky 1985)


def cells(picture: Picture, array: str, **more: object) -> go.Heatmap:
    """Neurons as cells: off, on, and what lies between while a state is on its way."""
    return go.Heatmap(
        **arrays(picture, z=array),
        zmin=-1,
        zmax=1,
        colorscale=DIVERGING,
        showscale=False,
        xgap=1,
        ygap=1,
        hoverinfo="none",  # heard when clicked, and silent
        **more,
    )


def square(picture: Picture, array: str, **layout: object) -> go.Figure:
    """A pattern as its picture, the first row on top."""
    return figure(
        cells(picture, array),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis=axis("", **BARE, range=[-0.5, SIDE - 0.5], constrain="domain"),
        yaxis=axis("", **BARE, range=[SIDE - 0.5, -0.5], scaleanchor="x", constrain="domain"),
        **layout,
    )


@FIGURES.add()
def stored_patterns(picture: Picture, t: Translate = english) -> go.Figure:
    """The patterns in store, and the drawn one last; below each, how much the state is like it, from −1 to 1."""
    count = len(DRAWN) + 1
    middle = np.arange(count) * (SIDE + 1) + (SIDE - 1) / 2
    names = [*map(t, DRAWN), t("drawn")]
    return figure(
        cells(picture, "recall.stored"),
        go.Bar(
            **arrays(picture, y="recall.overlaps"),
            x=middle,
            width=SIDE / 2,
            yaxis="y2",
            marker={"color": THIRD},
            hovertemplate=t("overlap") + " %{y:.2f}<extra></extra>",
        ),
        margin={"l": 30, "r": 8, "t": 8, "b": 24},
        xaxis=axis(
            "",
            **BARE | {"showticklabels": True},
            tickvals=middle,
            ticktext=names,
            range=[-1, count * (SIDE + 1) - 1],
            anchor="y2",
        ),
        yaxis=axis("", **BARE, range=[SIDE, -1], domain=[0.45, 1]),
        yaxis2=axis(t("overlap"), range=[-1.05, 1.05], domain=[0, 0.4], tickvals=[-1, 0, 1]),
    )


@FIGURES.add(label="Draw your own")
def drawn_pattern(picture: Picture, t: Translate = english) -> go.Figure:
    """A pattern of your own: a click turns a cell on or off, and what you draw is stored with the others."""
    return square(picture, "recall.drawn", **clicked("cell", {-1: t("off"), 1: t("on")}))


@FIGURES.add()
def recall(picture: Picture, t: Translate = english) -> go.Figure:
    """The state of the network on its way from the spoiled pattern to a stored one."""
    return square(picture, "recall.state")


@FIGURES.add()
def energy(picture: Picture, t: Translate = english) -> go.Figure:
    """The energy of the state after each update; it can only fall."""
    return figure(
        go.Scatter(
            **arrays(picture, x="recall.updates", y="recall.energy"),
            mode="lines+markers",
            line={"color": NEGATIVE, "width": 2},
            marker={"size": 4},
            hovertemplate=t("energy") + " %{y:.4g}<br>" + t("update") + " %{x}<extra></extra>",
        ),
        xaxis=axis(t("update"), nticks=6, tickformat="d"),
        yaxis=axis(t("energy"), nticks=6),
    )


@FIGURES.add(label="Capacity")
def classical_capacity(picture: Picture, t: Translate = english) -> go.Figure:
    """The share of stored patterns that are recalled against patterns a neuron; the dotted line is the limit, 0.138."""
    return capacities(picture, t, ("capacity.classical", t("classical"), {"color": NEGATIVE}))


@FIGURES.add(label="Capacity, both ways")
def capacity_curve(picture: Picture, t: Translate = english) -> go.Figure:
    """The share of patterns that the classical and the modern update recall, against patterns a neuron."""
    return capacities(
        picture,
        t,
        ("capacity.classical", t("classical"), {"color": NEGATIVE}),
        ("capacity.modern", t("modern"), {"color": POSITIVE, "dash": "dash"}),
    )


def capacities(picture: Picture, t: Translate, *rows: tuple[str, str, Mapping[str, str]]) -> go.Figure:
    """What is recalled against the load, a curve for each array with its label and its line."""
    return figure(
        *(
            go.Scatter(
                **arrays(picture, x="capacity.loads", y=array),
                name=label,
                mode="lines+markers",
                line={"width": 2, **line},
                marker={"size": 5},
                hovertemplate=f"{label} %{{y:.0%}}<br>P/N %{{x:.2f}}<extra></extra>",
            )
            for array, label, line in rows
        ),
        showlegend=True,
        margin={"l": 44, "r": 10, "t": 26, "b": 34},
        xaxis=axis(t("load P/N"), range=[0, 0.27]),
        yaxis=axis(t("recalled"), range=[-0.02, 1.04], tickformat=".0%"),
        shapes=[
            {
                "type": "line",
                "x0": CLASSICAL_LIMIT,
                "x1": CLASSICAL_LIMIT,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": INK, "width": 1, "dash": "dot"},
            }
        ],
    )


@FIGURES.add(label="Two neurons")
def swap(picture: Picture, t: Translate = english) -> go.Figure:
    """Two neurons that inhibit each other, step by step."""
    rows = (
        ("swap.first", t("first neuron"), {"color": NEGATIVE}),
        ("swap.second", t("second neuron"), {"color": POSITIVE, "dash": "dash"}),
    )
    return figure(
        *(
            go.Scatter(
                **arrays(picture, x="swap.steps", y=array),
                name=label,
                mode="lines+markers",
                line={"width": 2} | line,
                marker={"size": 5},
                hovertemplate=f"{label} %{{y:.3g}}<br>{t('step')} %{{x}}<extra></extra>",
            )
            for array, label, line in rows
        ),
        showlegend=True,
        margin={"l": 44, "r": 10, "t": 26, "b": 34},
        xaxis=axis(t("step"), tickformat="d"),
        yaxis=axis(t("state"), range=[-1.1, 1.1]),
    )
