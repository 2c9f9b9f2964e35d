"""One update, number by number: the unrolled network, and a page of its numbers."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from fbviz.chapters.seven_steps import values
from fbviz.experiment import Experiment
from fbviz.figures.base import (
    BLUE,
    FAINT,
    FIGURES,
    INK,
    PAPER,
    POSITIVE,
    Cell,
    Grid,
    Part,
    arrays,
    fact,
    figure,
    mark,
    number,
)
from fbviz.picture import Picture
from fbviz.words import Translate, english

ACTIVE = "rgba(245, 147, 34, 0.45)"  # POSITIVE, seen through: numbers on it can be read in both themes


@FIGURES.add(label="The network, unrolled")
def walk_network(picture: Picture, t: Translate = english) -> go.Figure:
    """The network unrolled, steps side by side; what is at work is orange, with values, and gradients below them."""
    experiment = values.small(picture.experiment)
    every = values.nodes(experiment)
    x, y = np.array([values.place(experiment, node) for node in every]).T
    left, right = x.min() - 1.1, x.max() + 0.8
    top = y.max() + 0.75
    places = np.linspace(left, right, 15)[1::2]  # the middles of seven parts
    return figure(
        lines(experiment),
        go.Scatter(
            **arrays(picture, x="walk.edges.x", y="walk.edges.y"),
            mode="lines",
            line={"color": POSITIVE, "width": 2.5},
            hoverinfo="skip",
        ),
        neurons(picture, x, y),
        numbers(picture, x, "values", INK, "middle center"),
        numbers(picture, x, "gradients", BLUE, "bottom center"),
        go.Scatter(
            **arrays(picture, x="walk.step"),
            y=[top + 0.22],
            xaxis="x2",
            mode="markers",
            marker={"symbol": "triangle-down", "size": 12, "color": POSITIVE},
            hoverinfo="skip",
        ),
        xaxis={"visible": False, "range": [left, right]},
        xaxis2={"visible": False, "range": [0.5, 7.5], "overlaying": "x"},
        yaxis={"visible": False, "range": [-0.75, top + 0.4]},
        annotations=[*stations(places, top, t), *labels(experiment, left)],
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        meta={"least": 640},
    )


def lines(experiment: Experiment) -> go.Scatter:
    """Every connection, faint."""
    T, layers = experiment.unroll_steps, [-1, *range(1, len(experiment.sizes))]
    pairs = [p for step in range(1, T + 1) for layer in layers for p in values.edges(experiment, layer, step)]
    x, y = values.path(experiment, pairs)
    return go.Scatter(x=x, y=y, mode="lines", line={"color": FAINT, "width": 1}, hoverinfo="skip")


def neurons(picture: Picture, x: np.ndarray, y: np.ndarray) -> go.Scatter:
    """A disc for each neuron, orange where it is at work."""
    filled = arrays(picture, **{"marker.color": "walk.active"})
    colour = filled.pop("marker.color", np.zeros(len(x)))
    scale = [[0.0, PAPER], [1.0, ACTIVE]]
    look = {"size": 36, "color": colour, "colorscale": scale, "cmin": 0, "cmax": 1, "line": {"color": INK, "width": 1}}
    return go.Scatter(x=x, y=y, meta=filled["meta"], mode="markers", marker=look, hoverinfo="skip")


def numbers(picture: Picture, x: np.ndarray, what: str, colour: str, where: str) -> go.Scatter:
    """A number at each neuron, once it is known."""
    return go.Scatter(
        x=x,
        **arrays(picture, y=f"walk.{what}.y", customdata=f"walk.{what}"),
        mode="markers+text",
        marker={"size": 36, "opacity": 0},
        texttemplate="%{customdata:.3f}",
        textposition=where,
        textfont={"size": 10, "color": colour},
        hovertemplate="%{customdata:.6g}<extra></extra>",
    )


def stations(places: np.ndarray, top: float, t: Translate) -> list[Part]:
    """The seven steps, by name, in their order."""
    names = (t("build"), t("initialise"), t("forward"), t("loss"), t("backward"), t("update"), t("evaluate"))
    return [
        note(float(at), top - 0.05, f"{i} {name}", "center")
        for i, (at, name) in enumerate(zip(places, names, strict=True), 1)
    ]


def labels(experiment: Experiment, left: float) -> list[Part]:
    """What stands in each row, and below each unroll step its number."""
    sizes = experiment.sizes
    entered = (values.ends(experiment) or (0, -1))[1] == 0
    letters = ["x + r" if entered else "x", *(f"h{'¹²³'[i]}" for i in range(len(sizes) - 2)), "u"]
    rows = [note(left, layer * values.HIGH, letter, "left") for layer, letter in enumerate(letters)]
    middles = [values.middle(experiment, step) for step in range(1, experiment.unroll_steps + 1)]
    return rows + [note(x, -0.62, f"t = {step}", "center") for step, x in enumerate(middles, 1)]


def note(x: float, y: float, text: str, anchor: str) -> Part:
    return {"x": x, "y": y, "text": text, "showarrow": False, "xanchor": anchor, "font": {"size": 11, "color": INK}}


@FIGURES.add(label="The numbers of this place")
def walk_numbers(picture: Picture, t: Translate = english) -> Grid:
    """Each quantity of this place: its formula in letters and in numbers, its value, its gradient, and a check."""
    scores = {name: t("test {score}").format(score=said) for name, said in (("accuracy", t("accuracy")), ("r2", "R²"))}

    def row(i: int) -> list[Cell]:
        said = [fact(f"rows.{i}.{name}", **scores) for name in ("quantity", "formula", "numbers")]
        return [
            *said,
            number("walk.value", i, digits=5),
            number("walk.gradient", i, digits=6),
            number("walk.difference", i, digits=6),
            mark("walk.right", i),
        ]

    return Grid(
        columns=[
            t("quantity"),
            t("formula"),
            t("in numbers"),
            t("value"),
            t("gradient ∂L/∂q"),
            t("central difference"),
            "✓",
        ],
        rows=[row(i) for i in range(values.ROWS)],
    )
