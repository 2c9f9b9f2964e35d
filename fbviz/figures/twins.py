"""Two networks that differ in their loop alone, and the table of what a loop remembers."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from fbviz.choices import CLASSES, SEQUENCE
from fbviz.datasets import draw
from fbviz.figures.base import (
    DIVERGING,
    INK,
    NEGATIVE,
    POSITIVE,
    Cell,
    Grid,
    arrays,
    axis,
    entered,
    figure,
    mark,
    number,
    share,
    spread,
)
from fbviz.figures.boundary import DOT, SIDE, bands, dots
from fbviz.picture import Picture
from fbviz.sequence_rows import LONG, ROWS, TRAINED
from fbviz.words import Translate, english

NAMES = ("plain", "loop")
COLOURS = {"plain": NEGATIVE, "loop": POSITIVE}


@entered
def twin_boundaries(picture: Picture, t: Translate = english) -> go.Figure:
    """Left what the network without a loop says, right the one with it, from the same first weights and batches."""
    sequence = picture.experiment.task.kind == SEQUENCE
    panels = [trace for i, name in enumerate(NAMES) for trace in panel(picture, name, f"{i + 1}", t)]
    titles = (t("α = 0"), t("with the loop"))
    low, high = picture.experiment.task.domain
    layout: dict[str, Any] = {}
    for i, domain in enumerate(([0, 0.48], [0.52, 1])):
        if sequence:
            across = axis(t("step"), showgrid=False, tickformat="d")
            up = axis(t("test sequence") if i == 0 else "", showgrid=False, tickformat="d", autorange="reversed")
        else:
            across = axis("x₁", range=[low, high], constrain="domain", showgrid=False)
            up = axis("x₂" if i == 0 else "", range=[low, high], constrain="domain", showgrid=False)
            up["scaleanchor"] = f"x{i + 1}"
        layout[f"xaxis{i + 1}"] = across | {"domain": domain, "anchor": f"y{i + 1}"}
        layout[f"yaxis{i + 1}"] = up | {"anchor": f"x{i + 1}", "showticklabels": i == 0}
    notes = [
        {"text": title, "x": x, "y": 1.0, "xref": "paper", "yref": "paper", "yanchor": "bottom", "showarrow": False}
        for title, x in zip(titles, (0.24, 0.76), strict=True)
    ]
    return figure(*panels, **layout, annotations=notes, margin={"l": 44, "r": 10, "t": 24, "b": 34})


def panel(picture: Picture, name: str, which: str, t: Translate) -> list[Any]:
    """One twin's answers, with the right ones."""
    task = picture.experiment.task
    low, high = task.domain
    sequence = task.kind == SEQUENCE
    start, step = (1.0, 1.0) if sequence else (low + (high - low) / SIDE / 2, (high - low) / SIDE)
    field = go.Heatmap(
        **arrays(picture, z=f"twins.{name}.boundary"),
        **dict.fromkeys(("x0", "y0"), start),
        **dict.fromkeys(("dx", "dy"), step),
        zmin=0,
        zmax=255,
        colorscale=bands() if task.kind == CLASSES else DIVERGING,
        showscale=False,
        opacity=1.0 if sequence else 0.75,
        hoverinfo="skip",
    )
    train, test = draw(picture.experiment.data)
    if sequence:
        y = test[1][:16, :, 0]
        row, at = np.nonzero(np.ones_like(y))
        colour = np.where(y.ravel() > 0, POSITIVE, NEGATIVE)
        marks = {"size": 5, "color": colour, "line": {"color": INK, "width": 0.8}}
        points = [go.Scatter(x=at + 1, y=row + 1, mode="markers", marker=marks, hoverinfo="skip")]
    else:
        size, line = DOT * (high - low), {"color": "#ffffff", "width": 0.5}
        points = list(dots(*train, task.kind, size, t("training"), fill="toself", line=line))
    return [trace.update(xaxis=f"x{which}", yaxis=f"y{which}") for trace in (field, *points)]


@entered
def twin_losses(picture: Picture, t: Translate = english) -> go.Figure:
    """Loss of both twins over their updates, train solid and test dashed; blue without the loop, orange with it."""
    said = {"plain": t("α = 0"), "loop": t("with the loop")}
    kinds = (("train_loss", t("training"), "solid"), ("test_loss", t("test"), "dash"))
    return figure(
        *(
            go.Scatter(
                **arrays(picture, x=f"twins.{name}.update", y=f"twins.{name}.{column}"),
                name=f"{said[name]}, {label}",
                mode="lines",
                line={"width": 2, "color": COLOURS[name], "dash": dash},
                hovertemplate=f"{said[name]}, {label} %{{y:.4g}}<br>{t('update')} %{{x}}<extra></extra>",
            )
            for name in NAMES
            for column, label, dash in kinds
        ),
        showlegend=True,
        margin={"l": 44, "r": 10, "t": 40, "b": 34},
        xaxis=axis(t("update"), nticks=6),
        yaxis=axis(t("loss"), nticks=6, exponentformat="power"),
        meta={"log": ["yaxis"]},
    )


@entered
def twin_claims(picture: Picture, t: Translate = english) -> Grid:
    """What is said of loops, and what was measured in these two: learning, generalising, stability, cost."""

    def row(claim: str, measured: str, name: str, holds: int | None) -> list[Cell]:
        cells = [number(f"twins.{name}", at, digits=3) for at in (0, 1)]
        return [claim, measured, *cells, "" if holds is None else mark("twins.holds", holds)]

    return Grid(
        columns=[t("It is said: a loop …"), t("measured by"), t("α = 0"), t("with the loop"), t("so, here?")],
        rows=[
            row(t("learns better"), t("training loss"), "train_loss", 0),
            row("", t("score on the training examples"), "train_score", None),
            row(t("generalises better"), t("score on the test examples"), "score", 1),
            row("", t("training score less test score"), "gap", None),
            row(t("trains less stably"), t("largest rise of the training loss in 10 updates"), "jump", 2),
            row("", t("gradient norm, mean"), "gradient", None),
            row("", t("gradient norm, standard deviation (judged relative to the mean)"), "gradient_spread", 3),
            row(t("is slower"), t("milliseconds an update, median"), "milliseconds", 4),
        ],
    )


@entered
def sequence_table(picture: Picture, t: Translate = english) -> Grid:
    """Accuracy of each loop on each sequence task, mean and standard deviation over five seeds, at lengths 8 and 40."""
    tasks = {"flip_flop": t("Flip-flop"), "parity": t("Running parity"), "delay": t("One-step delay")}
    loops = {
        "nothing": t("nothing (α = 0)"),
        "answer": t("the answer"),
        "spare": t("the answer and a spare output"),
        "hidden": t("the hidden layer"),
    }

    def cells(at: int, length: int) -> Cell:
        return spread(f"sequence_table.{length}.mean", f"sequence_table.{length}.sd", at)

    return Grid(
        columns=[t("task"), t("what returns"), t("length 8, as trained"), t("length 40"), t("trained")],
        rows=[
            [tasks[row.task], loops[row.loop], cells(i, TRAINED), cells(i, LONG), share("sequence_table.done", i)]
            for i, row in enumerate(ROWS)
        ],
    )
