"""A loop looked into: its state space, its eigenvalues, and which loops hold."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from fbviz.chapters.inside_the_loop.values import BASINS, GAIN, WEIGHT_SCALE
from fbviz.figures.base import (
    COLD,
    FAINT,
    FIGURES,
    INK,
    LINES,
    MIDDLE,
    NEGATIVE,
    POSITIVE,
    THIRD,
    WARM,
    Grid,
    Part,
    arrays,
    axis,
    complex_number,
    figure,
    flat,
    number,
    one,
    one_of,
)
from fbviz.picture import Picture
from fbviz.words import Translate, english

SHORES = ("#9aa0a6", *LINES[:BASINS])  # none, and then one colour a basin
LISTED = 16  # fixed points in the table
EDGE = [[0.0, COLD], [0.5, MIDDLE], [1.0, WARM]]  # of stability, in the middle


@FIGURES.add()
def phase_portrait(picture: Picture, t: Translate = english) -> go.Figure:
    """The state plane: an arrow shows where a state goes next, a colour where it ends. A click starts a path."""
    return figure(
        go.Heatmap(
            **arrays(picture, x="portrait.a", y="portrait.b", z="portrait.basin"),
            zmin=0,
            zmax=BASINS,
            colorscale=flat(SHORES),
            showscale=False,
            opacity=0.28,
            hoverinfo="none",
        ),
        line(picture, "arrow", "", color=INK, width=0.8),
        line(picture, "path", t("a path you started"), color=THIRD, width=1.6),
        line(picture, "own", t("the loop's own path from 0"), color=INK, width=2.2),
        *(
            go.Scatter(
                **arrays(picture, x=f"portrait.{name}.x", y=f"portrait.{name}.y"),
                mode="markers",
                name=label,
                marker={"size": 11, "symbol": symbol, "color": colour, "line": {"color": "#ffffff", "width": 1.5}},
                hovertemplate=f"{label}<br>%{{x:.4f}}, %{{y:.4f}}<extra></extra>",
            )
            for name, label, symbol, colour in (
                ("stable", t("stable"), "circle", NEGATIVE),
                ("saddle", t("saddle"), "x", POSITIVE),
                ("unstable", t("unstable"), "diamond", LINES[3]),
            )
        ),
        showlegend=True,
        margin={"l": 44, "r": 10, "t": 44, "b": 34},
        annotations=[subtitle(said)] if (said := shown(picture, t)) else [],
        xaxis=axis(axes(picture, t)[0], showgrid=False),
        yaxis=axis(axes(picture, t)[1], showgrid=False),
        meta={"click": "start"},
    )


def line(picture: Picture, name: str, label: str, **look: object) -> go.Scatter:
    """A path with gaps that does not stand in the way of a click."""
    return go.Scatter(
        **arrays(picture, x=f"portrait.{name}.x", y=f"portrait.{name}.y"),
        mode="lines",
        name=label,
        showlegend=bool(label),
        line=look,
        hoverinfo="skip",
    )


def axes(picture: Picture, t: Translate) -> tuple[str, str]:
    """What the axes of the state plane are."""
    size = picture.experiment.looped().state_size
    if size <= 2:
        return "s₁", "s₂" if size == 2 else ""
    return t("first principal component"), t("second principal component")


def shown(picture: Picture, t: Translate) -> str:
    """What part of the state is drawn, where it is not simply the state."""
    size = picture.experiment.looped().state_size
    if size == 1:
        return t("The state is one number: only the horizontal axis counts.")
    said = t("The plane of the two leading principal components of a state of {size} numbers.")
    return said.format(size=size) if size > 2 else ""


def subtitle(text: str) -> Part:
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 1,
        "yanchor": "bottom",
        "showarrow": False,
        "yshift": 22,
        "font": {"size": 10},
    }


@FIGURES.add()
def fixed_points(picture: Picture, t: Translate = english) -> Grid:
    """Every fixed point of the loop for this input: where, how still, its leading eigenvalues, its type."""
    first, second = axes(picture, t)
    plane = 2 if second else 1
    types = (t("stable"), t("saddle"), t("unstable"), t("stable spiral"), t("saddle spiral"), t("unstable spiral"))
    rows = [
        [
            *(number(f"fixed.{axis}", i) for axis in "ab"[:plane]),
            number("fixed.residual", i, 2),
            *(complex_number(f"fixed.re{n}", f"fixed.im{n}", i, 3) for n in range(1, plane + 1)),
            one_of(types, "fixed.type", i),
        ]
        for i in range(LISTED)
    ]
    return Grid([*filter(None, (first, second)), "‖s′ − s‖", *("μ₁", "μ₂")[:plane], t("type")], rows)


@FIGURES.add()
def eigenvalues(picture: Picture, t: Translate = english) -> go.Figure:
    """The eigenvalues of ∂s_t/∂s_{t−1} at each unroll step, and the unit circle, outside of which a nudge grows."""
    angle = np.linspace(0, 2 * np.pi, 121)
    return figure(
        go.Scatter(
            x=np.cos(angle).round(4), y=np.sin(angle).round(4), mode="lines", line={"color": INK}, hoverinfo="skip"
        ),
        go.Scatter(
            **arrays(picture, x="spectrum.re", y="spectrum.im", **{"marker.color": "spectrum.step"}),
            mode="markers",
            marker={
                "size": 7,
                "opacity": 0.8,
                "colorscale": [[0, NEGATIVE], [1, POSITIVE]],
                "colorbar": {"title": {"text": t("step")}, "thickness": 8, "len": 0.8, "tickfont": {"size": 10}},
            },
            hovertemplate=f"%{{x:.3f}} + %{{y:.3f}} i<br>{t('step')} %{{marker.color}}<extra></extra>",
        ),
        xaxis=axis("Re μ", zeroline=True, zerolinecolor=FAINT),
        yaxis=axis("Im μ", zeroline=True, zerolinecolor=FAINT, scaleanchor="x"),
    )


@FIGURES.add()
def spectral_radius(picture: Picture, t: Translate = english) -> go.Figure:
    """The spectral radius of ∂s_t/∂s_{t−1}: left at each unroll step, right, for the last step, over the run."""
    look = {"mode": "lines+markers", "marker": {"size": 4}}
    return figure(
        go.Scatter(
            **arrays(picture, x="spectrum.steps", y="spectrum.radius"),
            line={"color": NEGATIVE},
            hovertemplate="ρ = %{y:.3f}<br>t = %{x}<extra></extra>",
            **look,
        ),
        go.Scatter(
            **arrays(picture, x="spectrum.update", y="spectrum.over_training"),
            xaxis="x2",
            yaxis="y2",
            line={"color": POSITIVE},
            hovertemplate=f"ρ = %{{y:.3f}}<br>{t('update')} %{{x}}<extra></extra>",
            **look,
        ),
        xaxis=axis(t("unroll step t"), domain=[0, 0.44], tickformat="d", nticks=6),
        yaxis=axis("ρ", rangemode="tozero"),
        xaxis2=axis(t("update"), domain=[0.56, 1], anchor="y2", nticks=5),
        yaxis2=axis("ρ", anchor="x2", rangemode="tozero"),
        shapes=[one("x domain", "y"), one("x2 domain", "y2")],
    )


@FIGURES.add()
def stability_map(picture: Picture, t: Translate = english) -> go.Figure:
    """Spectral radius after 64 turns, for each gain and weight scale. A click loads a cell; the cross is your own."""
    bar = {"title": {"text": "ρ"}, "thickness": 8, "tickfont": {"size": 10}, "tickvals": [0, 0.5, 1, 1.5, 2]}
    return chart(picture, t, "stability.radius", "ρ = %{z:.3f}", zmin=0, zmax=2, colorscale=EDGE, colorbar=bar)


@FIGURES.add(label="Share of inputs that come to rest")
def converging_share(picture: Picture, t: Translate = english) -> go.Figure:
    """The share of inputs that come to rest within 64 turns, for each gain and weight scale. A click loads a cell."""
    bar = {"thickness": 8, "tickfont": {"size": 10}, "tickformat": ".0%"}
    scale = [[0.0, WARM], [1.0, COLD]]
    label = t("comes to rest") + ": %{z:.0%}"
    return chart(picture, t, "stability.share", label, zmin=0, zmax=1, colorscale=scale, colorbar=bar)


def chart(picture: Picture, t: Translate, array: str, label: str, **look: object) -> go.Figure:
    """A map over gain and weight scale, with the learner's own experiment as a cross."""
    return figure(
        go.Heatmap(
            **arrays(picture, x="stability.gain", y="stability.weight_scale", z=array),
            hovertemplate=f"{label}<br>α = %{{x:.2f}}, g = %{{y:.2f}}<extra></extra>",
            **look,
        ),
        go.Scatter(
            **arrays(picture, x="stability.gain.here", y="stability.weight_scale.here"),
            mode="markers",
            marker={"symbol": "cross-thin", "size": 13, "line": {"width": 2.5, "color": "#000000"}},
            hoverinfo="skip",
        ),
        xaxis=axis(t("Feedback gain") + " α", range=[0, GAIN], showgrid=False),
        yaxis=axis(t("Scale of first weights") + " g", range=[0, WEIGHT_SCALE], showgrid=False),
        meta={"load": {name: f"stability.{name}.here" for name in ("gain", "weight_scale")}},  # of x and of y
    )
