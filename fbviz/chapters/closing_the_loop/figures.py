"""Two networks that differ in their loop alone, and the table of what a loop remembers."""

from __future__ import annotations

import plotly.graph_objects as go

from fbviz.chapters.closing_the_loop.values import LONG, ROWS, TRAINED, TWINS
from fbviz.figures.base import (
    FIGURES,
    NEGATIVE,
    POSITIVE,
    Cell,
    Grid,
    arrays,
    axis,
    figure,
    mark,
    number,
    share,
    spread,
)
from fbviz.figures.plane import side_by_side
from fbviz.picture import Picture
from fbviz.words import Translate, english

COLOURS = dict(zip(TWINS, (NEGATIVE, POSITIVE), strict=True))


@FIGURES.add(label="What the twins say")
def twin_boundaries(picture: Picture, t: Translate = english) -> go.Figure:
    """Left what the network without a loop says, right the one with it, from the same first weights and batches."""
    labels = (t("α = 0"), t("with the loop"))
    panels = [(label, f"twins.{name}.boundary") for label, name in zip(labels, TWINS, strict=True)]
    return side_by_side(picture, t, panels, columns=2)


@FIGURES.add(label="Losses of the twins")
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
            for name in TWINS
            for column, label, dash in kinds
        ),
        showlegend=True,
        margin={"l": 44, "r": 10, "t": 40, "b": 34},
        xaxis=axis(t("update"), nticks=6),
        yaxis=axis(t("loss"), nticks=6, exponentformat="power"),
        meta={"log": ["yaxis"]},
    )


@FIGURES.add(label="Four claims, measured")
def twin_claims(picture: Picture, t: Translate = english) -> Grid:
    """What is said of loops, and what was measured in these two; ✓ where it is so by a twentieth or more."""
    classified = picture.experiment.task.kind.classified

    def cell(name: str, at: int) -> Cell:
        array = f"twins.{name}"
        if name not in ("train_score", "score", "gap"):
            return number(array, at, digits=3)
        none = t("undefined")  # R² of a single value
        return share(array, at, undefined=none) if classified else number(array, at, digits=3, undefined=none)

    def row(claim: str, measured: str, name: str, holds: int | None) -> list[Cell]:
        return [
            claim,
            measured,
            *(cell(name, at) for at in (0, 1)),
            "" if holds is None else mark("twins.holds", holds),
        ]

    return Grid(
        columns=[t("It is said: a loop …"), t("measured by"), t("α = 0"), t("with the loop"), t("so, here?")],
        rows=[
            row(t("learns better"), t("training loss"), "train_loss", 0),
            row("", t("score on the training examples"), "train_score", None),
            row(t("generalises better"), t("score on the test examples: is it higher,"), "score", None),
            row("", t("and the gap from the training score no wider?"), "gap", 1),
            row(t("trains less stably"), t("largest rise of the training loss in 10 updates"), "jump", 2),
            row("", t("gradient norm, mean"), "gradient", None),
            row("", t("gradient norm, standard deviation (judged relative to the mean)"), "gradient_spread", 3),
            row(t("is slower"), t("milliseconds an update, median"), "milliseconds", 4),
        ],
    )


@FIGURES.add(label="What each loop remembers")
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
