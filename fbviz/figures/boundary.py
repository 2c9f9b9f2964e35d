"""What the network says about each place in the plane, and about each step of a sequence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go

from fbviz.choices import CLASSES, REGRESSION, SEQUENCE
from fbviz.datasets import draw, ring
from fbviz.figures.base import (
    CLASS_COLOURS,
    DIVERGING,
    INK,
    MIDDLE,
    NEGATIVE,
    POSITIVE,
    arrays,
    axis,
    entered,
    figure,
)
from fbviz.picture import Picture
from fbviz.words import Translate, english

SIDE = 50  # of the grid
DOT = 0.011  # radius of a dot, as a part of the axis
HEXAGON = np.append(ring(np.ones(7), np.arange(7) * np.pi / 3), [[np.nan, np.nan]], axis=0)  # (8, 2), closed
LEVELS = (-0.6, -0.2, 0.2, 0.6)  # values between which a dot has one colour
SHADES = (NEGATIVE, "#7ab1d4", MIDDLE, "#efbe85", POSITIVE)


@entered
def boundary(picture: Picture, t: Translate = english) -> go.Figure:
    """The field after the last step of the loop; points to learn from are filled, those to be tested on hollow."""
    if picture.experiment.task.kind == SEQUENCE:
        return sequences(picture, t)
    low, high = picture.experiment.task.domain
    field = go.Heatmap(
        **arrays(picture, z="boundary"),
        **dict.fromkeys(("x0", "y0"), low + (high - low) / SIDE / 2),
        **dict.fromkeys(("dx", "dy"), (high - low) / SIDE),
        zmin=0,
        zmax=255,
        colorscale=bands() if picture.experiment.task.kind == CLASSES else DIVERGING,
        showscale=False,
        opacity=0.75,
        hoverinfo="skip",
    )
    train, test = draw(picture.experiment.data)
    kind, size = picture.experiment.task.kind, DOT * (high - low)
    return figure(
        field,
        *dots(*train, kind, size, t("training"), fill="toself", line={"color": "#ffffff", "width": 0.5}),
        *dots(*test, kind, size, t("test"), line={"width": 1.3}),
        xaxis=axis("x₁", range=[low, high], constrain="domain", showgrid=False),
        yaxis=axis("x₂", range=[low, high], scaleanchor="x", constrain="domain", showgrid=False),
    )


def dots(x: np.ndarray, y: np.ndarray, kind: str, size: float, name: str, **look: Any) -> Iterator[go.Scatter]:
    """Examples as small hexagons, those of one colour in one path.

    Plotly redraws every marker at every frame, 25 ms for 400 of them; a path it redraws in one.
    """
    for colour, label, chosen in groups(y, kind):
        corners = x[chosen][:, None] + size * HEXAGON  # (points, 8, 2), a NaN last
        yield go.Scatter(
            x=corners[..., 0].ravel().round(3),
            y=corners[..., 1].ravel().round(3),
            mode="lines",
            name=name,
            hoveron="points",
            hovertemplate=f"{name}: {label}<br>x₁ %{{x:.2f}}, x₂ %{{y:.2f}}<extra></extra>",
            **look | {"line": {"color": colour, "simplify": False} | look["line"], "fillcolor": colour},
        )


def groups(y: np.ndarray, kind: str) -> Iterator[tuple[str, str, np.ndarray]]:
    """Examples by colour: (the colour, what it stands for, which examples)."""
    if kind != REGRESSION:
        label = y.argmax(1) if y.shape[1] > 1 else (y[:, 0] > 0).astype(int)
        yield from ((CLASS_COLOURS[c], str(c), label == c) for c in range(max(2, y.shape[1])))
        return
    level = np.digitize(y[:, 0], LEVELS)
    ends = [-1, *LEVELS, 1]
    for i, colour in enumerate(SHADES):
        yield colour, f"{ends[i]:g} … {ends[i + 1]:g}", level == i


def bands() -> list[list[Any]]:
    """The colours of three classes, each from undecided to certain, as one scale (see probes.shade)."""
    band = 256 // len(CLASS_COLOURS)
    scale: list[list[Any]] = []
    for c, colour in enumerate(CLASS_COLOURS):
        scale += [[c * band / 255, MIDDLE], [(c * band + band - 1) / 255, colour]]
    scale[-1][0] = 1.0
    return scale


def sequences(picture: Picture, t: Translate) -> go.Figure:
    """P(+1) at each step of the first test sequences, with the right answers as marks."""
    _, (_, y) = draw(picture.experiment.data)
    y = y[:16, :, 0]
    row, step = np.nonzero(np.ones_like(y))
    return figure(
        go.Heatmap(
            **arrays(picture, z="boundary"),
            x0=1,
            y0=1,
            zmin=0,
            zmax=255,
            colorscale=DIVERGING,
            showscale=False,
            xgap=1,
            ygap=1,
            hoverinfo="skip",
        ),
        go.Scatter(
            x=step + 1,
            y=row + 1,
            mode="markers",
            marker={
                "size": 6,
                "color": np.where(y.ravel() > 0, POSITIVE, NEGATIVE),
                "line": {"color": INK, "width": 0.8},
            },
            hovertemplate=t("step %{x}, sequence %{y}") + "<extra></extra>",
        ),
        xaxis=axis(t("step"), showgrid=False, tickformat="d"),
        yaxis=axis(t("test sequence"), showgrid=False, tickformat="d", autorange="reversed"),
    )
