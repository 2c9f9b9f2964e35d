"""Small loops that run on: a maze that fills, a string that is counted, and what becomes of larger ones."""

from __future__ import annotations

import plotly.graph_objects as go

from fbviz.chapters.thinking_longer.values import PARAMETERS, SIDES
from fbviz.figures.base import (
    BARE,
    COLD,
    FIGURES,
    INK,
    MIDDLE,
    NEGATIVE,
    POSITIVE,
    THIRD,
    WARM,
    Grid,
    arrays,
    axis,
    clicked,
    figure,
    flat,
    share,
)
from fbviz.picture import Picture
from fbviz.words import Translate, english

STONE = "#5f6b73"
MAZE = (STONE, MIDDLE, THIRD, COLD, WARM)  # wall, free, start, answered, wrong
BITS = (MIDDLE, COLD, WARM)  # 0, 1, wrong
RIGHT = {"overlaying": "y", "side": "right", "showgrid": False}


def coloured(picture: Picture, array: str, colours: tuple[str, ...]) -> go.Heatmap:
    """Cells in the colours of their numbers."""
    return go.Heatmap(
        **arrays(picture, z=array),
        zmin=-0.5,
        zmax=len(colours) - 0.5,
        colorscale=flat(colours),
        showscale=False,
        xgap=1,
        ygap=1,
        hoverinfo="none",  # heard when clicked, and silent
    )


def keys(colours: tuple[str, ...], names: list[str]) -> list[go.Scatter]:
    """What each colour stands for, as a legend."""
    return [
        go.Scatter(x=[None], y=[None], mode="markers", name=name, marker={"color": colour, "symbol": "square"})
        for colour, name in zip(colours, names, strict=True)
    ]


@FIGURES.add()
def maze(picture: Picture, t: Translate = english) -> go.Figure:
    """The maze after t steps: walls, free cells, the start, cells called reachable, wrong ones. A click changes it."""
    names = [t("wall"), t("free"), t("start"), t("answered"), t("wrong")]
    return figure(
        coloured(picture, "maze.cells", MAZE),
        *keys(MAZE, names),
        showlegend=True,
        margin={"l": 8, "r": 8, "t": 26, "b": 8},
        xaxis=axis("", **BARE, constrain="domain"),
        yaxis=axis("", **BARE, autorange="reversed", scaleanchor="x", constrain="domain"),
        **clicked("wall", dict(enumerate(names))),
    )


@FIGURES.add(label="Bits and answers")
def parity_string(picture: Picture, t: Translate = english) -> go.Figure:
    """The bits, the answer after t steps, and the right one: is the number of ones odd so far? A click turns a bit."""
    names = [t("0, even"), t("1, odd"), t("wrong")]
    return figure(
        coloured(picture, "parity.rows", BITS),
        *keys(BITS, names),
        showlegend=True,
        margin={"l": 90, "r": 8, "t": 26, "b": 34},
        xaxis=axis(t("place"), showgrid=False, tickformat="d"),
        yaxis=axis(
            "",
            **BARE | {"showticklabels": True},
            tickvals=[0, 1, 2],
            ticktext=[t("bits"), t("answer"), t("right answer")],
            range=[2.5, -0.5],
        ),
        **clicked("bit", dict(enumerate(names))),
    )


@FIGURES.add(label="Right answers, step by step")
def answer_over_steps(picture: Picture, t: Translate = english) -> go.Figure:
    """The share of places that are right after each step, and the step that is shown."""
    said = t("share right") + " %{y:.1~%}<br>" + t("step") + " %{x}<extra></extra>"
    return figure(
        go.Scatter(
            **arrays(picture, x="answer.steps", y="answer.right"),
            mode="lines",
            line={"color": NEGATIVE, "width": 2},
            hovertemplate=said,
        ),
        go.Scatter(
            **arrays(picture, x="answer.now", y="answer.now_right"),
            mode="markers",
            marker={"color": POSITIVE, "size": 10, "line": {"color": INK, "width": 1}},
            hovertemplate=said,
        ),
        xaxis=axis(t("step"), nticks=7, tickformat="d"),
        yaxis=axis(t("share right"), tickformat=".0%", range=[0, 1.04], dtick=0.25),
        margin={"l": 56, "r": 10, "t": 8, "b": 34},
    )


@FIGURES.add(label="Training")
def thinking_losses(picture: Picture, t: Translate = english) -> go.Figure:
    """Loss over updates, and on the right axis, dotted, the share of small puzzles that are right in every place."""
    rows = (("loop", t("loop"), NEGATIVE), ("forward", t("plain network"), POSITIVE))
    losses = (
        go.Scatter(
            **arrays(picture, x=f"think.{name}.updates", y=f"think.{name}.losses"),
            name=label,
            mode="lines",
            line={"color": colour, "width": 1.5},
            hovertemplate=f"{label}: {t('loss')} %{{y:.4g}}<br>{t('update')} %{{x}}<extra></extra>",
        )
        for name, label, colour in rows
    )
    exact = (
        go.Scatter(
            **arrays(picture, x=f"think.{name}.exact_updates", y=f"think.{name}.exact"),
            name=label,
            showlegend=False,
            yaxis="y2",
            mode="lines",
            line={"color": colour, "width": 2, "dash": "dot"},
            hovertemplate=f"{label}: {t('exact')} %{{y:.0%}}<br>{t('update')} %{{x}}<extra></extra>",
        )
        for name, label, colour in rows
    )
    return figure(
        *losses,
        *exact,
        showlegend=True,
        margin={"l": 44, "r": 60, "t": 26, "b": 34},
        xaxis=axis(t("update"), nticks=6),
        yaxis=axis(t("loss"), nticks=6, rangemode="tozero"),
        yaxis2=axis(t("exact (dotted)"), range=[0, 1.02], tickformat=".0%", dtick=0.5, **RIGHT),
        meta={"log": ["yaxis"]},
    )


@FIGURES.add(label="Mazes right in every cell")
def exact_shares(picture: Picture, t: Translate = english) -> Grid:
    """The share of new mazes with every cell right, by their size."""
    return Grid(
        columns=[t("network"), t("parameters"), *(f"{side} × {side}" for side in SIDES)],
        rows=[
            [label, f"{PARAMETERS[name]:,}", *(share(f"exact.{name}", at) for at in range(len(SIDES)))]
            for name, label in zip(PARAMETERS, (t("loop"), t("plain network")), strict=True)
        ],
    )
