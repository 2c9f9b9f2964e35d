"""The tutorial, checked: its derivation, and logistic regression on its four points."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from fbviz.chapters.logistic_regression.values import HIGH, LOW, SIDE
from fbviz.choices import sigmoid
from fbviz.examples import draw
from fbviz.figures.base import (
    DIVERGING,
    FAINT,
    FIGURES,
    INK,
    NEGATIVE,
    POSITIVE,
    THIRD,
    Cell,
    Grid,
    arrays,
    axis,
    figure,
    mark,
    number,
    one_of,
    place,
    share,
)
from fbviz.picture import Picture
from fbviz.words import Translate, english

LINES = (  # of the derivation, in the order of the array
    "∂L/∂y′ = (y′ − y) / (y′(1 − y′))",
    "∂y′/∂z = y′(1 − y′)",
    "∂z/∂w₁ = x₁",
    "∂L/∂w₁ = ∂L/∂y′ · ∂y′/∂z · ∂z/∂w₁ = (y′ − y) x₁",
    "∂L/∂w₂ = (y′ − y) x₂",
    "∂L/∂b = y′ − y",
    "∂L/∂y = ln((1 − y′) / y′)",
)
PRINTED = (  # the tutorial's own lines where they differ
    "∂L/∂y′ = (y − y′) / (y′(1 − y′))",
    "∂L/∂y = (y′ − y) / (y′(1 − y′))",
    "∂L/∂w₁ = ∂L/∂y′ · ∂y′/∂y · ∂y/∂w₁",
    "∂L/∂b = ∂L/∂y′ · ∂y′/∂y · ∂y/∂b",
)


@FIGURES.add(label="The derivation")
def derivation(picture: Picture, t: Translate = english) -> Grid:
    """Every line of the derivation in three ways: by its formula, by autograd, and by a central difference."""
    found = ("derivation.formula", "derivation.autograd", "derivation.difference")
    return Grid(
        columns=[t("line"), t("by the formula"), t("by autograd"), t("by a central difference"), t("agree")],
        rows=[
            ["z = w₁x₁ + w₂x₂ + b", number("derivation.forward", 0), "", "", ""],
            ["y′ = σ(z)", number("derivation.forward", 1), "", "", ""],
            ["L = −(y ln y′ + (1 − y) ln(1 − y′))", number("derivation.forward", 2), "", "", ""],
            *(
                [line, *(number(name, i) for name in found), mark("derivation.agrees", i)]
                for i, line in enumerate(LINES)
            ),
        ],
    )


@FIGURES.add(label="The tutorial’s formulas")
def tutorial_formulas(picture: Picture, t: Translate = english) -> Grid:
    """The tutorial's formulas where they differ, with autograd as the judge."""
    through = t("{line}, with z where it writes y")
    lines = [
        *PRINTED,
        *(through.format(line=PRINTED[i].replace("∂y′/∂y", "∂y′/∂z").replace("∂y/", "∂z/")) for i in (2, 3)),
    ]
    faults = ["", t("its sign is turned round"), t("a factor is 0: no weight moves the label"), t("another number")]
    numbers = ("tutorial.formula", "tutorial.autograd")
    return Grid(
        columns=[t("the tutorial's line"), t("its number"), t("by autograd"), t("agree"), t("why not")],
        rows=[
            [
                line,
                *(number(name, i) for name in numbers),
                mark("tutorial.agrees", i),
                one_of(faults, "tutorial.fault", i),
            ]
            for i, line in enumerate(lines)
        ],
    )


@FIGURES.add(label="At a thousand random places")
def derivation_trials(picture: Picture, t: Translate = english) -> Grid:
    """At how many of a thousand random places a line agrees with autograd."""
    theirs: dict[int, tuple[str, Cell]] = {
        0: (PRINTED[0], share("trials.tutorial", 0)),
        3: (PRINTED[2], share("trials.tutorial", 2)),
        5: (PRINTED[3], share("trials.tutorial", 3)),
        6: (PRINTED[1], share("trials.tutorial", 1)),
    }
    return Grid(
        columns=[t("line"), t("places where it holds"), t("the tutorial's line"), t("places where it holds")],
        rows=[[line, share("trials.ours", i), *theirs.get(i, ("", ""))] for i, line in enumerate(LINES)],
    )


@FIGURES.add()
def loss_surface(picture: Picture, t: Translate = english) -> go.Figure:
    """The loss for every pair of weights at the bias of this moment, and the way that training has taken over it."""
    grid = {f"{a}0": LOW for a in "xy"} | {f"d{a}": (HIGH - LOW) / (SIDE - 1) for a in "xy"}
    return figure(
        go.Contour(
            **arrays(picture, z="surface.loss"),
            **grid,
            zmin=-1.2,
            zmax=1.2,
            colorscale=DIVERGING,
            contours={"start": -1.2, "end": 1.2, "size": 0.15},
            line={"width": 0.6},
            opacity=0.8,
            colorbar={"title": {"text": "log₁₀ L"}, "thickness": 8, "len": 0.9, "nticks": 5},
            hovertemplate="w₁ %{x:.2f}, w₂ %{y:.2f}<br>log₁₀ L %{z:.2f}<extra></extra>",
        ),
        go.Scatter(
            **arrays(picture, x="surface.path_w1", y="surface.path_w2"),
            mode="lines",
            line={"color": INK, "width": 2},
            name=t("the way of training"),
            hovertemplate="w₁ %{x:.3f}, w₂ %{y:.3f}<extra></extra>",
        ),
        go.Scatter(
            **arrays(picture, x="surface.now_w1", y="surface.now_w2"),
            mode="markers",
            marker={"size": 9, "color": THIRD, "line": {"color": INK, "width": 1}},
            name=t("now"),
            hovertemplate=t("now") + ": w₁ %{x:.3f}, w₂ %{y:.3f}<extra></extra>",
        ),
        showlegend=True,
        margin={"l": 44, "r": 10, "t": 26, "b": 34},
        xaxis=axis("w₁", range=[LOW, HIGH], showgrid=False),
        yaxis=axis("w₂", range=[LOW, HIGH], showgrid=False),
    )


@FIGURES.add(label="The points on the sigmoid")
def sigmoid_curve(picture: Picture, t: Translate = english) -> go.Figure:
    """The sigmoid, and where the four points and the test point stand on it: z across, what the model says upwards."""
    z = np.linspace(-8, 8, 161)
    (x, y), (tested, _) = draw(picture.experiment.changed(task="article").data)
    look = {"mode": "markers+text", "textfont": {"size": 10}, "cliponaxis": False}
    return figure(
        go.Scatter(x=z, y=sigmoid(z, np), mode="lines", line={"color": FAINT, "width": 3}, hoverinfo="skip"),
        go.Scatter(
            **arrays(picture, x="sigmoid.points_z", y="sigmoid.points_p"),
            **look,
            text=[place(point) for point in x],
            textposition="bottom right",  # below the curve
            marker={"size": 10, "color": [POSITIVE if label > 0 else NEGATIVE for label in y[:, 0]]},
            customdata=[int(label > 0) for label in y[:, 0]],
            hovertemplate="%{text}<br>z %{x:.2f}, y′ %{y:.3f}<br>" + t("label") + " %{customdata}<extra></extra>",
        ),
        go.Scatter(
            **arrays(picture, x="sigmoid.test_z", y="sigmoid.test_p"),
            **look,
            text=[t("test point {place}").format(place=place(tested[0]))],
            textposition="top left",
            marker={"size": 10, "symbol": "circle-open", "color": INK, "line": {"width": 2}},
            hovertemplate="%{text}<br>z %{x:.2f}, y′ %{y:.3f}<extra></extra>",
        ),
        xaxis=axis("z = w₁x₁ + w₂x₂ + b", range=[-8, 8], zeroline=True, zerolinecolor=INK),
        yaxis=axis("y′ = σ(z)", range=[-0.05, 1.15], tickvals=[0, 0.5, 1]),
    )


@FIGURES.add(label="Where it stands")
def milestones(picture: Picture, t: Translate = english) -> Grid:
    """Where logistic regression stands: what it gets right, and since when."""
    at = "surface.numbers"
    rows: list[list[Cell]] = [
        [t("training loss"), number(at, 0)],
        ["w₁", number(at, 1)],
        ["w₂", number(at, 2)],
        ["b", number(at, 3)],
        [t("boundary at x₁ (all right: 2 to 3)"), number(at, 4)],
        [t("P(y = 1) at the test point (5, 6)"), share(at, 5)],
        [t("points on the right side"), share(at, 6)],
        [t("all four right first at update"), number(at, 7)],
        [t("all four right ever since update"), number(at, 8)],
    ]
    return Grid(columns=[t("quantity"), t("value")], rows=rows)
