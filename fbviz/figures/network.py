"""The network itself: what each neuron answers, every weight, every bias, and the way back."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from fbviz.choices import FEEDBACKS
from fbviz.diagram import BINS, HIGH, SIGNS, Diagram
from fbviz.figures.base import (
    DIVERGING,
    FIGURES,
    INK,
    MIDDLE,
    NEGATIVE,
    PAPER,
    POSITIVE,
    Part,
    arrays,
    figure,
    subscript,
)
from fbviz.picture import Picture
from fbviz.words import Translate, english

CLEAR = [[0.0, "rgba(0,0,0,0)"], [0.5 / 255, "rgba(0,0,0,0)"], [0.5 / 255, NEGATIVE], [0.5, MIDDLE], [1.0, POSITIVE]]
WIDTHS = (0.6, 1.3, 2.2, 3.4)  # of a line, by bin of its weight


@FIGURES.add()
def network(picture: Picture, t: Translate = english) -> go.Figure:
    """Neurons as small fields over the plane, weights as lines by sign and size, biases as dots, the loop below."""
    diagram = Diagram(picture.experiment)
    return figure(
        *(weights(picture, sign, width) for sign in range(len(SIGNS)) for width in range(1, len(BINS) + 1)),
        discs(diagram) if picture.experiment.task.kind.sequence else tiles(picture, diagram),
        biases(picture, diagram, t),
        *loop(picture, diagram),
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        xaxis={"visible": False, "range": [-0.62, len(diagram.sizes) - 0.38]},
        yaxis={"visible": False, "range": [-diagram.rows / 2 - 0.95, diagram.rows / 2 + 0.55]},
        annotations=labels(picture, diagram, t),
    )


def weights(picture: Picture, sign: int, width: int) -> go.Scatter:
    """All weights of one sign and one range of sizes."""
    name = f"edges.{SIGNS[sign]}.{width}"
    return go.Scatter(
        **arrays(picture, x=f"{name}.x", y=f"{name}.y"),
        mode="lines",
        line={"color": (NEGATIVE, POSITIVE)[sign], "width": WIDTHS[width - 1]},
        opacity=0.75,
        hoverinfo="skip",
    )


def tiles(picture: Picture, diagram: Diagram) -> go.Heatmap:
    """Every neuron's small field, in one heatmap."""
    x, y = diagram.grid()
    return go.Heatmap(
        **arrays(picture, z="mosaic"),
        x=x.round(4),
        y=y.round(4),
        zmin=0,
        zmax=255,
        colorscale=CLEAR,
        showscale=False,
        hoverinfo="skip",
    )


def discs(diagram: Diagram) -> go.Scatter:
    """A disc for each neuron: on a sequence it has no field of its own."""
    layer, _, y = zip(*diagram.neurons(), strict=True)
    return go.Scatter(
        x=layer,
        y=y,
        mode="markers",
        marker={"size": 13, "color": PAPER, "line": {"color": INK, "width": 1}},
        hoverinfo="skip",
    )


def biases(picture: Picture, diagram: Diagram, t: Translate) -> go.Scatter:
    """Each bias as a dot at its neuron, in the colour of its sign."""
    x, y = diagram.bias_places()
    values = arrays(picture, **{"marker.color": "biases"})
    colour = values.pop("marker.color", np.zeros(len(x)))
    return go.Scatter(
        x=x.round(4),
        y=y.round(4),
        meta=values["meta"],
        mode="markers",
        marker={
            "size": 7,
            "color": colour,
            "colorscale": DIVERGING,
            "cmin": -1,
            "cmax": 1,
            "line": {"color": INK, "width": 0.8},
        },
        hovertemplate=t("bias") + " %{marker.color:.3f}<extra></extra>",
    )


def loop(picture: Picture, diagram: Diagram) -> list[go.Scatter]:
    """The way back, from where activity leaves to where it enters, below the layers."""
    kind = FEEDBACKS[picture.experiment.feedback.feedback]
    if kind.source is None or kind.target is None:
        return []
    source, target = len(diagram.sizes) + kind.source, kind.target
    below = -diagram.rows / 2 - 0.35
    if source == target:  # one hidden layer hears itself: out on its right, in on its left
        edge, side, height = diagram.wide / 2, diagram.wide / 2 + 0.14, float(diagram.y(source)[-1])
        across = [edge, side, side, -side, -side, -edge - 0.02]
        x, y, arrow = [source + dx for dx in across], [height, height, below, below, height, height], "triangle-right"
    else:
        x, arrow = [source, source, target, target], "triangle-up"
        y = [-diagram.shown[source] / 2 + (1 - HIGH) / 2, below, below, -diagram.shown[target] / 2 + 0.02]
    return [
        go.Scatter(
            x=x,
            y=y,
            mode="lines+markers",
            line={"color": INK, "width": 2},
            marker={"size": [*[0] * (len(x) - 1), 10], "symbol": arrow, "color": INK},
            hoverinfo="skip",
        )
    ]


def labels(picture: Picture, diagram: Diagram, t: Translate) -> list[Part]:
    """Names of inputs and outputs, how many neurons are not drawn, and the gain on the way back."""
    last = len(diagram.sizes) - 1
    inputs = ["x₁", "x₂"] if diagram.sizes[0] == 2 else ["xₜ"]
    read = diagram.sizes[-1] - diagram.spare
    outputs = ["ŷ"] if read == 1 else [f"ŷ{subscript(i)}" for i in range(1, read + 1)]
    outputs = (outputs + [t("spare")] * diagram.spare)[: diagram.shown[last]]
    gap = diagram.wide / 2 + 0.03
    said = [note(-gap, y, name, "right") for name, y in zip(inputs, diagram.y(0), strict=True)]
    said += [note(last + gap, y, name, "left") for name, y in zip(outputs, diagram.y(last), strict=True)]
    said += [
        note(layer, diagram.rows / 2 + 0.25, f"+{size - shown}", "center")
        for layer, (size, shown) in enumerate(zip(diagram.sizes, diagram.shown, strict=True))
        if size > shown
    ]
    if picture.experiment.feedback.feedback != "none":
        kind = FEEDBACKS[picture.experiment.feedback.feedback]
        middle = ((kind.source or 0) + len(diagram.sizes) + (kind.target or 0)) / 2
        said.append(note(middle, -diagram.rows / 2 - 0.68, f"α = {picture.experiment.feedback.gain:g}", "center"))
    return said


def note(x: float, y: float, text: str, anchor: str) -> Part:
    return {"x": x, "y": y, "text": text, "showarrow": False, "xanchor": anchor, "font": {"size": 11, "color": INK}}
