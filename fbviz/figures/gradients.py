"""Where the gradient goes: through the layers as a run goes on, and back through the unroll steps."""

from __future__ import annotations

import plotly.graph_objects as go

from fbviz.figures.base import FIGURES, LINES, PAPER, POSITIVE, Part, arrays, axis, figure, log_axis
from fbviz.picture import Picture
from fbviz.words import Translate, english


@FIGURES.add()
def gradients(picture: Picture, t: Translate = english) -> go.Figure:
    """Left ‖∂L/∂W‖ of each layer over updates, right ‖∂L/∂s_t‖ at each unroll step: rising, it vanishes on its way."""
    loop = picture.experiment.feedback.feedback != "none"
    layers = [
        go.Scatter(
            **arrays(picture, x="history.update", y=f"history.gradient {layer}"),
            name=label,
            mode="lines",
            line={"width": 1.6, "color": LINES[i % len(LINES)], "dash": "dot" if layer == "feedback" else "solid"},
            hovertemplate=f"{label} %{{y:.2e}}<br>{t('update')} %{{x}}<extra></extra>",
        )
        for i, (layer, label) in enumerate(layer_names(picture, t))
    ]
    steps = go.Scatter(
        **arrays(picture, x="steps", y="step_gradients"),
        xaxis="x2",
        yaxis="y2",
        mode="lines+markers",
        showlegend=False,
        line={"color": POSITIVE, "width": 1.6},
        marker={"size": 5},
        hovertemplate="‖∂L/∂sₜ‖ %{y:.2e}<br>t = %{x}<extra></extra>",
    )
    return figure(
        *layers,
        *([steps] if loop else []),
        showlegend=True,
        margin={"l": 48, "r": 10, "t": 26, "b": 34},
        xaxis=axis(t("update"), domain=[0, 0.54 if loop else 1], nticks=4),
        yaxis=log_axis("‖∂L/∂W‖"),
        **(
            {
                "xaxis2": axis(t("unroll step t"), domain=[0.7, 1], anchor="y2", tickformat="d", nticks=5),
                "yaxis2": log_axis("", anchor="x2"),
                "annotations": [inside("‖∂L/∂sₜ‖")],
            }
            if loop
            else {}
        ),
    )


def inside(title: str) -> Part:
    """The title of the right panel's upward axis, in its corner: beside its numbers there may be no room."""
    corner = {"xref": "x2 domain", "yref": "y2 domain", "x": 0.98, "y": 0.98, "xanchor": "right", "yanchor": "top"}
    return corner | {"text": title, "showarrow": False, "font": {"size": 11}, "bgcolor": PAPER, "borderpad": 1}


def layer_names(picture: Picture, t: Translate) -> list[tuple[str, str]]:
    """(the layer's name in the code, what a reader calls it), from the first to the feedback."""
    hidden = [(f"layer {i}", t("layer {i}").format(i=i)) for i in range(1, len(picture.experiment.network.hidden) + 1)]
    back = [] if picture.experiment.feedback.feedback == "none" else [("feedback", t("feedback"))]
    return [*hidden, ("output", t("output")), *back]
