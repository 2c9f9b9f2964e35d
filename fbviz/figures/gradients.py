"""Where the gradient goes: through the layers as a run goes on, and back through the unroll steps."""

from __future__ import annotations

import plotly.graph_objects as go

from fbviz.figures.base import (
    ABOVE,
    FIGURES,
    INK,
    LINES,
    NEGATIVE,
    POSITIVE,
    Part,
    arrays,
    axis,
    figure,
    log_axis,
    subscript,
)
from fbviz.picture import Picture
from fbviz.words import Translate, english


@FIGURES.add(label="Gradients ‖∂L/∂W‖")
def gradients(picture: Picture, t: Translate = english) -> go.Figure:
    """‖∂L/∂W‖ of each layer over updates: the length of the gradient its weights have learned from."""
    layers = [
        go.Scatter(
            **arrays(picture, x="history.update", y=f"history.gradient {layer}"),
            name="B" if layer == "feedback" else f"W{subscript(i + 1)}",
            mode="lines",
            line={"width": 1.6, "color": LINES[i % len(LINES)], "dash": "dot" if layer == "feedback" else "solid"},
            hovertemplate=f"{label} %{{y:.2e}}<br>{t('update')} %{{x}}<extra></extra>",
        )
        for i, (layer, label) in enumerate(layer_names(picture, t))
    ]
    return figure(*layers, **frame(t("update")))


@FIGURES.add(label="Unroll steps")
def steps(picture: Picture, t: Translate = english) -> go.Figure:
    """Forward, the residual ‖sₜ − sₜ₋₁‖ of each step; back, ‖∂L/∂sₜ‖: where it falls to the left, it vanishes."""
    lines = (("residuals", "‖sₜ − sₜ₋₁‖", NEGATIVE), ("step_gradients", "‖∂L/∂sₜ‖", POSITIVE))
    drawn = [
        go.Scatter(
            **arrays(picture, x="steps", y=array),
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 1.6},
            marker={"size": 5},
            hovertemplate=f"{name} %{{y:.2e}}<br>t = %{{x}}<extra></extra>",
        )
        for array, name, colour in lines
    ]
    spot = go.Scatter(
        **arrays(picture, x="t", y="t.residual"),
        mode="markers",
        marker={"size": 11, "color": NEGATIVE, "line": {"color": INK, "width": 1.5}},
        showlegend=False,
        hoverinfo="skip",
    )
    return figure(*drawn, spot, **frame(t("unroll step t"), tickformat="d", nticks=9))


def frame(across: str, **more: object) -> Part:
    """Axes of which the upward one is logarithmic, and the legend above them."""
    return {
        "showlegend": True,
        "legend": ABOVE,
        "margin": {"l": 40, "r": 8, "t": 22, "b": 34},
        "xaxis": axis(across, **({"nticks": 6} | more)),
        "yaxis": log_axis(""),
    }


def layer_names(picture: Picture, t: Translate) -> list[tuple[str, str]]:
    """(the layer's name in the code, what a reader calls it), from the first to the feedback."""
    hidden = [(f"layer {i}", t("layer {i}").format(i=i)) for i in range(1, len(picture.experiment.network.hidden) + 1)]
    back = [] if picture.experiment.feedback.feedback == "none" else [("feedback", t("feedback"))]
    return [*hidden, ("output", t("output")), *back]
