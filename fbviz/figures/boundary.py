"""What the network says about each place in the plane, and about each step of a sequence."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from fbviz.choices import CLASSES, REGRESSION, SEQUENCE
from fbviz.datasets import draw
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
    (x, y), (test_x, test_y) = draw(picture.experiment.data)
    kind = picture.experiment.task.kind
    return figure(
        field,
        points(x, y, kind, t("training"), t, line={"color": "#ffffff", "width": 0.6}),
        points(test_x, test_y, kind, t("test"), t, symbol="circle-open", line={"width": 1.4}),
        xaxis=axis("x₁", range=[low, high], constrain="domain", showgrid=False),
        yaxis=axis("x₂", range=[low, high], scaleanchor="x", constrain="domain", showgrid=False),
    )


def points(x: np.ndarray, y: np.ndarray, kind: str, name: str, t: Translate, **marker: Any) -> go.Scatter:
    """Examples as dots in the colour of their class, or of their value."""
    if kind == REGRESSION:
        marker |= {"color": y[:, 0].round(3), "colorscale": DIVERGING, "cmin": -1, "cmax": 1}
        said = "%{marker.color:.2f}"
    else:
        label = y.argmax(1) if y.shape[1] > 1 else (y[:, 0] > 0).astype(int)
        marker |= {"color": [CLASS_COLOURS[c] for c in label]}
        said = "%{customdata}"
    return go.Scatter(
        x=x[:, 0].round(3),
        y=x[:, 1].round(3),
        customdata=None if kind == REGRESSION else label,
        mode="markers",
        name=name,
        marker={"size": 5.5} | marker,
        hovertemplate=f"{name}: {said}<br>x₁ %{{x:.2f}}, x₂ %{{y:.2f}}<extra></extra>",
    )


def bands() -> list[list[Any]]:
    """The colours of three classes, each from undecided to certain, as one scale (see probes.shade)."""
    third = 1 / len(CLASS_COLOURS)
    scale: list[list[Any]] = []
    for c, colour in enumerate(CLASS_COLOURS):
        scale += [[c * third, MIDDLE], [min((c + 1) * third, 1.0), colour]]
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
