"""Loops side by side: their gradients on the way back, their kinds, free and held."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import plotly.graph_objects as go

from fbviz.chapters.gradients_back.values import GAINS, HELD, WAYS, WHY, kinds, longest
from fbviz.figures.base import (
    FIGURES,
    LINES,
    NEGATIVE,
    POSITIVE,
    Grid,
    arrays,
    axis,
    figure,
    log_axis,
    mark,
    number,
    one,
    one_of,
    share,
)
from fbviz.figures.plane import side_by_side
from fbviz.picture import Picture
from fbviz.words import Translate, english


@FIGURES.add(label="The gradient on its way back")
def gradient_way_back(picture: Picture, t: Translate = english) -> go.Figure:
    """‖∂L/∂s_t‖ at each unroll step for six gains, log axis: read from right to left, it fades or grows."""
    return figure(
        *(
            go.Scatter(
                **arrays(picture, x="gains.steps", y=f"gains.norms.{i}"),
                name=f"α = {gain:g}",
                mode="lines",
                line={"color": LINES[i], "width": 1.8},
                hovertemplate=f"α = {gain:g}<br>‖∂L/∂sₜ‖ %{{y:.2e}}<br>t = %{{x}}<extra></extra>",
            )
            for i, gain in enumerate(GAINS)
        ),
        showlegend=True,
        margin={"l": 52, "r": 10, "t": 26, "b": 34},
        xaxis=axis(t("unroll step t"), tickformat="d", nticks=6),
        yaxis=log_axis("‖∂L/∂sₜ‖"),
    )


@FIGURES.add(label="What one step back does")
def way_back_factors(picture: Picture, t: Translate = english) -> Grid:
    """By which factor one step back multiplies the gradient, on average, and the test score, for six gains."""
    score = share if picture.experiment.task.kind.classified else partial(number, digits=3)
    rows = [[f"α = {g:g}", number("gains.factor", i, 3), score("gains.score", i)] for i, g in enumerate(GAINS)]
    return Grid([t("Feedback gain"), t("factor of one step back"), t("test score")], rows)


def ways(t: Translate) -> list[tuple[str, str]]:
    """(name, what a reader calls it) of each gradient."""
    return list(zip(WAYS, (t("BPTT"), t("truncated BPTT"), t("implicit")), strict=True))


@FIGURES.add(label="Direction: cosine to BPTT")
def gradient_cosine(picture: Picture, t: Translate = english) -> go.Figure:
    """The cosine of each gradient to that of full BPTT through T steps: 1 is the same direction."""
    return figure(
        *curves(picture, t, "cosine", "", ".4f"),
        showlegend=True,
        margin={"l": 44, "r": 10, "t": 26, "b": 34},
        xaxis=axis(t("unroll steps T"), type="log", tickvals=[1, 2, 4, 8, 16, 32, 64]),
        yaxis=axis(t("cosine to BPTT"), range=[-1.05, 1.05]),
    )


@FIGURES.add(label="Cost: time and memory")
def gradient_cost(picture: Picture, t: Translate = english) -> go.Figure:
    """What each gradient costs over T unroll steps: left milliseconds, right kilobytes kept for the way back."""
    return figure(
        *curves(picture, t, "ms", "", ".2f"),
        *curves(picture, t, "kb", "2", ".0f"),
        showlegend=True,
        margin={"l": 48, "r": 10, "t": 26, "b": 34},
        xaxis=axis(t("unroll steps T"), type="log", tickvals=[1, 4, 16, 64], domain=[0, 0.42]),
        yaxis=log_axis("ms"),
        xaxis2=axis(t("unroll steps T"), type="log", tickvals=[1, 4, 16, 64], domain=[0.58, 1], anchor="y2"),
        yaxis2=log_axis("kB", anchor="x2"),
    )


def curves(picture: Picture, t: Translate, column: str, panel: str, form: str) -> Iterator[go.Scatter]:
    """One column of the comparison over T, a line for each gradient."""
    for i, (name, label) in enumerate(ways(t)):
        yield go.Scatter(
            **arrays(picture, x="three_gradients.steps", y=f"three_gradients.{name}.{column}"),
            name=label,
            legendgroup=name,
            showlegend=not panel,
            xaxis=f"x{panel}",
            yaxis=f"y{panel}",
            mode="lines+markers",
            line={"color": LINES[i], "width": 1.8, "dash": ("solid", "dash", "dot")[i]},
            marker={"size": 5},
            hovertemplate=f"{label} %{{y:{form}}}<br>T = %{{x}}<extra></extra>",
        )


@FIGURES.add(label="The three gradients")
def gradient_rights(picture: Picture, t: Translate = english) -> Grid:
    """Of which loss each gradient is one, and why; how close it is to BPTT, and what it costs where a loop is long."""
    experiment = picture.experiment.looped()
    said = {
        "whole": t("of the loss after {number} steps"),
        "short": t("it looks no farther back than k = {number}"),
        "at rest": t("of the loss at the fixed point"),
        "moves": t("the loop does not come to rest: the residual is {number}"),
        "unstable": t("the loop would not stay at rest: the spectral radius is {number}"),
        "sequence": t("a sequence never comes to rest"),
    }
    why = [said[word] for word in WHY]
    rows = [
        [
            label,
            mark("three_gradients.right", i),
            one_of(why, "three_gradients.why", i, number="three_gradients.why.number"),
            number("three_gradients.own.cosine", i, 3),
            number("three_gradients.long.ms", i, 3),
            number("three_gradients.long.kb", i, 3),
        ]
        for i, (_, label) in enumerate(ways(t))
    ]
    own, long = (t("T = {steps}").format(steps=steps) for steps in (experiment.unroll_steps, longest(experiment)))
    measured = f"{t('cosine to BPTT')}, {own}", f"ms, {long}", f"kB, {long}"
    return Grid([t("Gradient"), t("is a gradient"), t("why"), *measured], rows)


def kind_names(picture: Picture, t: Translate) -> list[tuple[str, str]]:
    """(name, what a reader calls it) of each kind of loop that can serve the task."""
    labels = {
        "none": t("no feedback"),
        "output": t("output to input"),
        "hidden": t("hidden to hidden"),
        "equilibrium": t("equilibrium"),
    }
    return [(name, labels[name]) for name in kinds(picture.experiment)]


@FIGURES.add(label="What each kind says")
def kinds_boundaries(picture: Picture, t: Translate = english) -> go.Figure:
    """What each kind of loop says of the same plane, with as many parameters each."""
    panels = [(label, f"four_loops.{name}.boundary") for name, label in kind_names(picture, t)]
    return side_by_side(picture, t, panels, columns=2)


@FIGURES.add(label="The kinds in numbers")
def kinds_scores(picture: Picture, t: Translate = english) -> Grid:
    """Each kind of loop with its hidden neurons, parameters, test score, test loss and time."""
    classified = picture.experiment.task.kind.classified
    score = share if classified else number
    columns = [t("Feedback"), t("hidden neurons"), t("parameters"), t("test accuracy") if classified else "R²"]
    rows = [
        [
            label,
            *(number(f"four_loops.{column}", i) for column in ("width", "parameters")),
            score("four_loops.score", i, undefined=t("undefined")),
            *(number(f"four_loops.{column}", i, 3) for column in ("loss", "ms")),
        ]
        for i, (_, label) in enumerate(kind_names(picture, t))
    ]
    return Grid([*columns, t("test loss"), t("ms per update")], rows)


def held_names(t: Translate) -> list[tuple[str, str]]:
    return [("free", t("left free")), ("held", t("held at {norm}").format(norm=HELD))]


@FIGURES.add(label="Spectral radius, free and held")
def held_radius(picture: Picture, t: Translate = english) -> go.Figure:
    """The spectral radius at the fixed point over updates, left free and held; × is where the loop no longer rests."""
    radii = [
        go.Scatter(
            **arrays(picture, x=f"free_and_held.{name}.update", y=f"free_and_held.{name}.radius"),
            name=label,
            mode="lines",
            line={"color": colour, "width": 2},
            hovertemplate=f"{label}: ρ = %{{y:.3f}}<br>{t('update')} %{{x}}<extra></extra>",
        )
        for (name, label), colour in zip(held_names(t), (POSITIVE, NEGATIVE), strict=True)
    ]
    lost = go.Scatter(
        **arrays(picture, x="free_and_held.free.lost.update", y="free_and_held.free.lost.radius"),
        name=t("its fixed point is lost"),
        mode="markers",
        marker={"symbol": "x", "size": 12, "color": POSITIVE},
        hovertemplate=f"ρ = %{{y:.3f}}<br>{t('update')} %{{x}}<extra></extra>",
    )
    return figure(
        *radii,
        lost,
        showlegend=True,
        margin={"l": 44, "r": 10, "t": 26, "b": 34},
        xaxis=axis(t("update"), nticks=6),
        yaxis=axis("ρ", rangemode="tozero"),
        shapes=[one("paper", "y")],
    )


@FIGURES.add(label="What each has learned")
def held_boundaries(picture: Picture, t: Translate = english) -> go.Figure:
    """What both networks say of the plane: the one whose loop was left free, and the one that was held."""
    return side_by_side(
        picture, t, [(label, f"free_and_held.{name}.boundary") for name, label in held_names(t)], columns=2
    )
