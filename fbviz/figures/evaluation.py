"""How good the answers are, class by class."""

from __future__ import annotations

import plotly.graph_objects as go

from fbviz.figures.base import COLD, FIGURES, MIDDLE, Cell, Grid, arrays, axis, figure, number, share
from fbviz.picture import Picture
from fbviz.words import Translate, english


@FIGURES.add(label="Confusion matrix")
def confusion(picture: Picture, t: Translate = english) -> go.Figure:
    """How often each true class (row) was said to be each class (column), on the test set."""
    names = classes(picture)
    return figure(
        go.Heatmap(
            **arrays(picture, z="evaluation.confusion"),
            x=names,
            y=names,
            colorscale=[[0.0, MIDDLE], [1.0, COLD]],
            showscale=False,
            xgap=2,
            ygap=2,
            texttemplate="%{z:.0f}",
            textfont={"size": 16},
            hovertemplate=t("true %{y}, said %{x}: %{z:.0f}") + "<extra></extra>",
        ),
        xaxis=axis(t("class that was said"), type="category", showgrid=False, constrain="domain"),
        yaxis=axis(t("true class"), type="category", showgrid=False, autorange="reversed"),
    )


@FIGURES.add(label="Scores by class")
def class_scores(picture: Picture, t: Translate = english) -> Grid:
    """Precision, recall and F1 of each class on the test set, their averages, and the accuracy."""
    names = classes(picture)

    def row(name: str, at: int) -> list[Cell]:
        scores = [share(f"evaluation.{score}", at) for score in ("precision", "recall", "f1")]
        return [name, *scores, number("evaluation.support", at, digits=6)]

    return Grid(
        columns=[t("class"), t("precision"), t("recall"), "F1", t("examples")],
        rows=[
            *(row(name, at) for at, name in enumerate(names)),
            row(t("average of the classes"), len(names)),
            [t("accuracy"), share("evaluation.accuracy"), "", "", ""],
        ],
    )


def classes(picture: Picture) -> list[str]:
    """What the classes are called: 0, 1, …; where a target is ±1, −1 is class 0."""
    return [str(c) for c in range(max(2, picture.experiment.task.classes))]
