"""How a run goes: losses and accuracy over its updates."""

from __future__ import annotations

import plotly.graph_objects as go

from fbviz.figures.base import FIGURES, INK, NEGATIVE, THIRD, arrays, axis, figure
from fbviz.picture import Picture
from fbviz.words import Translate, english


@FIGURES.add()
def losses(picture: Picture, t: Translate = english) -> go.Figure:
    """Loss over updates, train solid and test dashed, and on the right axis the accuracy, or R²."""
    kind = picture.experiment.task.kind
    name = t("accuracy") if kind.classified else "R²"
    rows = (
        ("train_loss", t("training loss"), "y", {"color": NEGATIVE}),
        ("test_loss", t("test loss"), "y", {"color": NEGATIVE, "dash": "dash"}),
        (kind.score, t("test {score}").format(score=name), "y2", {"color": THIRD, "dash": "dot"}),
    )
    return figure(
        *(
            go.Scatter(
                **arrays(picture, x="history.update", y=f"history.{column}"),
                name=label,
                yaxis=y,
                mode="lines",
                line={"width": 2} | line,
                hovertemplate=f"{label} %{{y:.4g}}<br>{t('update')} %{{x}}<extra></extra>",
            )
            for column, label, y, line in rows
        ),
        showlegend=True,
        margin={"l": 44, "r": 40, "t": 26, "b": 34},
        xaxis=axis(t("update"), nticks=6),
        yaxis=axis(t("loss"), nticks=6, exponentformat="power"),
        yaxis2=axis(
            "", overlaying="y", side="right", showgrid=False, range=[0, 1.02], tickvals=[0, 0.5, 1], color=THIRD
        ),
        meta={"log": ["yaxis"]},
        font={"color": INK, "size": 11},
    )
