"""One neuron, closely: what it says everywhere, its bias, and what leads to it."""

from __future__ import annotations

import plotly.graph_objects as go

from fbviz.diagram import MOST
from fbviz.figures.base import BARE, DIVERGING, FIGURES, INK, Part, arrays, axis, figure
from fbviz.figures.plane import cells
from fbviz.picture import Picture
from fbviz.words import Translate, english


@FIGURES.add(label="A neuron, closely")
def neuron(picture: Picture, t: Translate = english) -> go.Figure:
    """Left what a neuron of the network says everywhere at step t; right its incoming weights and their gradients."""
    task = picture.experiment.task
    widest = max(picture.experiment.sizes[:-1])
    places: Part = {} if task.kind.sequence else {"zsmooth": "fast"} | cells(task)
    square: Part = {} if task.kind.sequence else {"scaleanchor": "x", "constrain": "domain"}
    return figure(
        go.Heatmap(
            **arrays(picture, z="neuron"),
            **places,
            zmin=0,
            zmax=255,
            colorscale=DIVERGING,
            showscale=False,
            hoverinfo="skip",
        ),
        bars(picture, "weights", "w = %{x:.3f}", "2"),
        bars(picture, "gradients", "∂L/∂w = %{x:.2e}", "3"),
        told(picture, t),
        margin={"l": 8, "r": 8, "t": 24, "b": 34},
        xaxis=axis("", domain=[0, 0.44], constrain="domain", **BARE),
        yaxis=axis("", **BARE, **square),
        xaxis2=axis("w", domain=[0.53, 0.75], anchor="y2", nticks=3, zeroline=True, zerolinecolor=INK),
        yaxis2=axis("", anchor="x2", autorange="reversed", dtick=1 if widest <= MOST else None, showgrid=False),
        xaxis3=axis(
            "∂L/∂w", domain=[0.79, 1], anchor="y2", nticks=3, exponentformat="power", zeroline=True, zerolinecolor=INK
        ),
        xaxis4={"visible": False, "range": [0, 1], "overlaying": "x"},
        yaxis4={"visible": False, "range": [0, 1], "domain": [0, 1], "overlaying": "y"},
        bargap=0.25,
    )


def bars(picture: Picture, array: str, said: str, which: str) -> go.Bar:
    """A bar for each neuron of the layer before."""
    return go.Bar(
        **arrays(picture, x=f"neuron.{array}", y="neuron.from"),
        orientation="h",
        xaxis=f"x{which}",
        yaxis="y2",
        marker={"color": INK},
        hovertemplate=f"{said}<extra></extra>",
    )


def told(picture: Picture, t: Translate) -> go.Scatter:
    """Which neuron it is, and its bias."""
    return go.Scatter(
        **arrays(picture, customdata="neuron.told"),
        x=[0],
        y=[1],
        xaxis="x4",
        yaxis="y4",
        mode="text",
        texttemplate=t("layer {layer}, neuron {i}, bias {b}").format(
            layer="%{customdata[0]:d}", i="%{customdata[1]:d}", b="%{customdata[2]:.3f}"
        ),
        textposition="top right",
        cliponaxis=False,
        hoverinfo="skip",
    )
