"""The network itself: what each neuron answers, every weight, every bias, and the way back."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from fbviz.diagram import ABOVE, BELOW, BINS, HIGH, SIGNS, Diagram
from fbviz.figures.base import (
    DIVERGING,
    FIGURES,
    INK,
    MIDDLE,
    NEGATIVE,
    POSITIVE,
    Part,
    arrays,
    figure,
    subscript,
)
from fbviz.figures.gradients import layer_names
from fbviz.picture import Picture
from fbviz.words import Translate, english

CLEAR = [[0.0, "rgba(0,0,0,0)"], [0.5 / 255, "rgba(0,0,0,0)"], [0.5 / 255, NEGATIVE], [0.5, MIDDLE], [1.0, POSITIVE]]
WIDTHS = (0.6, 1.3, 2.2, 3.4)  # of a line, by bin of its weight
LOUD = 2.5  # width of the loop's line at α = 1


@FIGURES.add()
def network(picture: Picture, t: Translate = english) -> go.Figure:
    """Neurons as small fields at step t, weights as lines by sign and size, biases as dots, the loop as an arc."""
    diagram = Diagram(picture.experiment)
    across, up = diagram.ends
    return figure(
        *(weights(picture, sign, width) for sign in range(len(SIGNS)) for width in range(1, len(BINS) + 1)),
        discs(picture, diagram) if picture.experiment.task.kind.sequence else tiles(picture, diagram),
        handles(picture, diagram),
        *loop(picture, diagram),
        gaze(picture),
        targets(picture, diagram, t),
        biases(picture, diagram, t),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        xaxis={"visible": False, "range": across, "constrain": "domain"},
        yaxis={"visible": False, "range": up, "constrain": "domain", "scaleanchor": "x"},
        annotations=labels(picture, diagram, t),
        hoverdistance=18,
        meta={"points": ["layer", "neuron"], "pulse": "loop"},
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


def handles(picture: Picture, diagram: Diagram) -> go.Scatter:
    """Where each weight is pointed at: its value, and its gradient."""
    x, y = diagram.handles()
    return go.Scatter(
        **arrays(picture, customdata="edges.weight", text="edges.gradient"),
        x=x.round(4),
        y=y.round(4),
        mode="markers",
        marker={"size": 9, "opacity": 0},
        hovertemplate="w = %{customdata:.3f}<br>∂L/∂w = %{text:.2e}<extra></extra>",
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


def discs(picture: Picture, diagram: Diagram) -> go.Scatter:
    """A disc for each neuron, in the colour of what it says at step t of the first test sequence."""
    x, y = diagram.places()
    values = arrays(picture, **{"marker.color": "activities"})
    colour = values.pop("marker.color", np.full(len(x), 128))
    return go.Scatter(
        x=x.round(4),
        y=y.round(4),
        meta=values["meta"],
        mode="markers",
        marker={
            "size": 22,
            "color": colour,
            "colorscale": DIVERGING,
            "cmin": 0,
            "cmax": 255,
            "line": {"color": INK, "width": 1},
        },
        hoverinfo="skip",
    )


def gaze(picture: Picture) -> go.Scatter:
    """A frame around the neuron that is looked at closely."""
    places = arrays(picture, x="gaze.x", y="gaze.y")
    return go.Scatter(**places, mode="lines", line={"color": INK, "width": 2.5}, hoverinfo="skip")


def targets(picture: Picture, diagram: Diagram, t: Translate) -> go.Scatter:
    """Where neurons are pointed at; the data of each says which it is: its layer, and its place in it."""
    names = ["", *(label for _, label in layer_names(picture, t))]
    which = [(layer, i) for layer, i, _ in diagram.neurons() if layer]
    x, y = (part[diagram.shown[0] :] for part in diagram.places())
    return go.Scatter(
        x=x.round(4).tolist(),
        y=y.round(4).tolist(),
        customdata=which,
        text=[t("{layer}, neuron {i}").format(layer=names[layer], i=i + 1) for layer, i in which],
        mode="markers",
        marker={"size": 26, "opacity": 0},
        hovertemplate="%{text}<extra></extra>",
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
    """The way back, as wide as it is loud; a dashed line where nothing of it is heard."""
    if diagram.kind.source is None:
        return []
    gain = picture.experiment.feedback.gain
    x, y = diagram.loop()
    line = {"color": INK, "width": LOUD * gain if gain else 1.5, "dash": "solid" if gain else "dot"}
    arrow = {
        "x": [x[-1] + 0.2],
        "y": [(y[-1] + y[-2]) / 2],
        "marker": {"size": 9 + 2 * gain, "symbol": "triangle-right", "color": INK},
    }
    return [
        go.Scatter(
            x=x.round(4).tolist(), y=y.round(4).tolist(), name="loop", mode="lines", line=line, hoverinfo="skip"
        ),
        go.Scatter(**arrow, mode="markers", hoverinfo="skip"),
    ]


def labels(picture: Picture, diagram: Diagram, t: Translate) -> list[Part]:
    """Names of inputs and outputs, how many neurons are not drawn, and the gain on the way back."""
    last = len(diagram.sizes) - 1
    inputs = ["x₁", "x₂"] if diagram.sizes[0] == 2 else ["xₜ"]
    read = diagram.sizes[-1] - diagram.spare
    outputs = ["ŷ"] if read == 1 else [f"ŷ{subscript(i)}" for i in range(1, read + 1)]
    outputs = (outputs + [t("spare")] * diagram.spare)[: diagram.shown[last]]
    gap = HIGH / 2 + 0.6
    said = [note(-gap, y, name, "right") for name, y in zip(inputs, diagram.y(0), strict=True)]
    said += [note(diagram.x(last) + gap, y, name, "left") for name, y in zip(outputs, diagram.y(last), strict=True)]
    said += [
        note(diagram.x(layer), diagram.rows / 2 + ABOVE / 2, f"+{size - shown}", "center")
        for layer, (size, shown) in enumerate(zip(diagram.sizes, diagram.shown, strict=True))
        if size > shown
    ]
    if diagram.kind.source is not None:
        x, _ = diagram.loop()
        gain = f"α = {picture.experiment.feedback.gain:g}"
        said.append(note(float(x[0] + x[-1]) / 2, -diagram.rows / 2 - BELOW + 0.35, gain, "center"))
    return said


def note(x: float, y: float, text: str, anchor: str) -> Part:
    return {"x": x, "y": y, "text": text, "showarrow": False, "xanchor": anchor, "font": {"size": 11, "color": INK}}
