"""What the network says about each place in the plane, and about each step of a sequence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import numpy as np
import plotly.graph_objects as go

from fbviz.choices import CLASSES, REGRESSION, SEQUENCE
from fbviz.datasets import Array, Examples, draw
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
DOT = 0.012  # radius of a dot, as a part of the axis
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
    kind = picture.experiment.task.kind
    return figure(
        field,
        *(hints(*part, kind, name) for part, name in ((train, t("training")), (test, t("test")))),
        images=[stamp(train, test, kind, low, high)],
        xaxis=axis("x₁", range=[low, high], constrain="domain", showgrid=False),
        yaxis=axis("x₂", range=[low, high], scaleanchor="x", constrain="domain", showgrid=False),
    )


def stamp(train: Examples, test: Examples, kind: str, low: float, high: float) -> dict[str, Any]:
    """All examples as one image over the plane, training filled, test hollow.

    Plotly redraws every marker and every path at every frame, 25 ms for 400 of them; an image it leaves alone.
    """
    radius = DOT * (high - low)
    filled = [
        f'<g fill="{colour}" stroke="#fff" stroke-width="{radius / 7:.4f}">{circles(train[0][chosen], radius)}</g>'
        for colour, _, chosen in groups(train[1], kind)
    ]
    hollow = [
        f'<g fill="#fff" fill-opacity=".35" stroke="{colour}" stroke-width="{radius / 2:.4f}">'
        f"{circles(test[0][chosen], radius * 0.9)}</g>"
        for colour, _, chosen in groups(test[1], kind)
    ]
    side = high - low
    box = f'viewBox="{low} {-high} {side} {side}" width="1000" height="1000"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{"".join(filled + hollow)}</svg>'
    place = {"xref": "x", "yref": "y", "x": low, "y": high, "sizex": side, "sizey": side, "sizing": "stretch"}
    return place | {"source": "data:image/svg+xml," + quote(svg, safe="<>=/: "), "layer": "above"}


def circles(x: Array, radius: float) -> str:
    return "".join(f'<circle cx="{a:.3f}" cy="{-b:.3f}" r="{radius:.4f}"/>' for a, b in x)


def hints(x: Array, y: Array, kind: str, name: str) -> go.Scatter:
    """What is said of an example under the pointer; nothing is drawn."""
    label = np.empty(len(x), object)
    for _, said, chosen in groups(y, kind):
        label[chosen] = said
    return go.Scatter(
        x=x[:, 0].round(3),
        y=x[:, 1].round(3),
        text=label,
        mode="none",
        hoveron="points",
        hovertemplate=f"{name}: %{{text}}<br>x₁ %{{x:.2f}}, x₂ %{{y:.2f}}<extra></extra>",
    )


def groups(y: Array, kind: str) -> Iterator[tuple[str, str, Array]]:
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
