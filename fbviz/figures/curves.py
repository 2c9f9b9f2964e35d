"""How a run goes: losses and accuracy over its updates."""

from __future__ import annotations

import plotly.graph_objects as go

from fbviz.figures.base import ABOVE, FIGURES, NEGATIVE, POSITIVE, THIRD, Part, arrays, axis, figure
from fbviz.picture import Picture
from fbviz.words import Translate, english


@FIGURES.add(label="Loss and accuracy")
def losses(picture: Picture, t: Translate = english) -> go.Figure:
    """Loss over updates, train solid and test dashed, and on the right axis the accuracy, or R²."""
    return figure(*curves(picture, t), **frame(t))


@FIGURES.add(label="Losses with the loop and without")
def losses_without_loop(picture: Picture, t: Translate = english) -> go.Figure:
    """The same, and in orange the test loss of the network that hears nothing back."""
    without = go.Scatter(
        **arrays(picture, x="plain.update", y="plain.test_loss"),
        name=t("test, α = 0"),
        mode="lines",
        line={"width": 2, "color": POSITIVE, "dash": "dash"},
        hovertemplate=f"{t('test loss, α = 0')} %{{y:.4g}}<br>{t('update')} %{{x}}<extra></extra>",
    )
    return figure(*curves(picture, t), without, **frame(t))


def curves(picture: Picture, t: Translate) -> list[go.Scatter]:
    """What a run's history has of its losses and its score."""
    kind = picture.experiment.task.kind
    name = t("accuracy") if kind.classified else "R²"
    rows = (
        ("train_loss", t("training"), t("training loss"), "y", {"color": NEGATIVE}),
        ("test_loss", t("test"), t("test loss"), "y", {"color": NEGATIVE, "dash": "dash"}),
        (kind.score, name, t("test {score}").format(score=name), "y2", {"color": THIRD, "dash": "dot"}),
    )
    return [
        go.Scatter(
            **arrays(picture, x="history.update", y=f"history.{column}"),
            name=short,
            yaxis=y,
            mode="lines",
            line={"width": 2} | line,
            hovertemplate=f"{label} %{{y:.4g}}<br>{t('update')} %{{x}}<extra></extra>",
        )
        for column, short, label, y, line in rows
    ]


def frame(t: Translate) -> Part:
    """Its axes: losses on the left, scores on the right."""
    return {
        "showlegend": True,
        "legend": ABOVE,
        "margin": {"l": 36, "r": 22, "t": 22, "b": 34},
        "xaxis": axis(t("update"), nticks=6),
        "yaxis": axis("", nticks=6, exponentformat="power"),
        "yaxis2": axis(
            "", overlaying="y", side="right", showgrid=False, range=[0, 1.02], tickvals=[0, 0.5, 1], color=THIRD
        ),
        "meta": {"log": ["yaxis"]},
    }
