"""The loop after t steps: what it says, how far it still moves, and what it holds."""

from __future__ import annotations

import plotly.graph_objects as go

from fbviz.dials import STEPS
from fbviz.experiment import Experiment
from fbviz.figures import sequences
from fbviz.figures.base import (
    DIVERGING,
    FIGURES,
    INK,
    NEGATIVE,
    POSITIVE,
    THIRD,
    Part,
    arrays,
    axis,
    figure,
    log_axis,
    subscript,
)
from fbviz.figures.plane import decision, field, hints, plane, stamp
from fbviz.montage import HIGH, MOST, SIDE, shape
from fbviz.picture import Picture
from fbviz.words import Translate, english


@FIGURES.add(label="Boundary at step t")
def boundary_at_step(picture: Picture, t: Translate = english) -> go.Figure:
    """The field after t steps of the loop with the examples; of sequences, every answer up to step 64."""
    if picture.experiment.task.kind.sequence:
        return answers(picture, t)
    return figure(
        field(picture, "unrolled.field"),
        *decision(picture, "unrolled.field"),
        *hints(picture.experiment, t),
        images=[stamp(picture.experiment)],
        **plane(picture.experiment),
    )


def answers(picture: Picture, t: Translate) -> go.Figure:
    """Test sequences longer than any it was trained on, the answers to them, and where step t is."""
    whole = sequences.one(picture, "unrolled.field", t, length=STEPS)
    bottom, top = whole.layout.yaxis.range
    marked = trained_at(picture.experiment)
    return whole.add_trace(here(picture, [bottom, top])).update_layout(**marked, legend={"y": 1.06}, margin={"t": 42})


@FIGURES.add()
def residual_per_step(picture: Picture, t: Translate = english) -> go.Figure:
    """The residual ‖sₜ − sₜ₋₁‖, mean over the test examples, against the step; the dashed line is the trained T."""
    return figure(
        curve(picture, "residuals", "‖sₜ − sₜ₋₁‖", NEGATIVE),
        spot(picture, "residual", "‖sₜ − sₜ₋₁‖"),
        xaxis=axis(t("step t"), range=[0, 65], tickformat="d"),
        yaxis=log_axis("‖sₜ − sₜ₋₁‖"),
        margin={"l": 52, "r": 10, "t": 20, "b": 34},
        **trained_at(picture.experiment),
    )


@FIGURES.add()
def accuracy_per_step(picture: Picture, t: Translate = english) -> go.Figure:
    """How good the answer read at step t is on the test examples; the dashed line is the trained T."""
    name = t("test accuracy") if picture.experiment.task.kind.classified else "R²"
    return figure(
        curve(picture, "score", name, THIRD),
        spot(picture, "score", name),
        xaxis=axis(t("step t"), range=[0, 65], tickformat="d"),
        yaxis=axis(name, range=[-0.02, 1.04], tickformat=".1f"),
        margin={"l": 44, "r": 10, "t": 20, "b": 34},
        **trained_at(picture.experiment),
    )


@FIGURES.add(label="State at step t")
def state_at_step(picture: Picture, t: Translate = english) -> go.Figure:
    """Each state unit after t steps over the plane, up to eight; of a sequence, the state units against the step."""
    if picture.experiment.task.kind.sequence:
        count = picture.experiment.state_size
        return figure(
            units(picture, x0=1, y0=1),
            here(picture, [max(count, 1) + 0.5, 0.5]),
            xaxis=axis(t("step t"), showgrid=False, tickformat="d"),
            yaxis=axis(
                t("state unit"), showgrid=False, tickformat="d", dtick=1 if count < 10 else None, autorange="reversed"
            ),
            margin={"l": 44, "r": 10, "t": 20, "b": 34},
            **trained_at(picture.experiment),
        )
    rows, columns = shape(picture.experiment.state_size)
    names = [
        {
            "x": (i % columns) * (SIDE + 1) - 0.5,
            "y": (rows - 1 - i // columns) * HIGH + SIDE - 0.5,
            "yanchor": "bottom",
            "text": f"s{subscript(i + 1)}",
            "showarrow": False,
            "xanchor": "left",
            "font": {"color": INK, "size": 11},
        }
        for i in range(min(picture.experiment.state_size, MOST))
    ]
    return figure(
        units(picture),
        xaxis={"visible": False, "constrain": "domain"},
        yaxis={"visible": False, "scaleanchor": "x", "constrain": "domain"},
        annotations=names,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
    )


def units(picture: Picture, **place: object) -> go.Heatmap:
    return go.Heatmap(
        **arrays(picture, z="unrolled.units"),
        **place,
        zmin=-1,
        zmax=1,
        colorscale=DIVERGING,
        colorbar={"title": {"text": "s"}, "thickness": 8, "tickvals": [-1, 0, 1], "tickfont": {"size": 10}},
        hovertemplate="s = %{z:.3f}<extra></extra>",
    )


def curve(picture: Picture, array: str, name: str, colour: str) -> go.Scatter:
    """A quantity of every step."""
    return go.Scatter(
        **arrays(picture, x="unrolled.steps", y=f"unrolled.{array}"),
        mode="lines",
        line={"color": colour, "width": 2},
        hovertemplate=f"{name} %{{y:.3g}}<br>t = %{{x}}<extra></extra>",
    )


def spot(picture: Picture, of: str, name: str) -> go.Scatter:
    """The same at step t."""
    return go.Scatter(
        **arrays(picture, x="unrolled.t", y=f"unrolled.t.{of}"),
        mode="markers",
        marker={"size": 11, "color": POSITIVE, "line": {"color": INK, "width": 1}},
        hovertemplate=f"{name} %{{y:.3g}}<br>t = %{{x}}<extra></extra>",
    )


def here(picture: Picture, ends: list[float]) -> go.Scatter:
    """Step t: a thin line with a pointer at each end, so that what stands there can be seen."""
    return go.Scatter(
        **arrays(picture, x="unrolled.t.line"),
        y=ends,
        mode="lines+markers",
        line={"color": INK, "width": 1},
        marker={"symbol": ["triangle-up", "triangle-down"], "size": 9, "color": INK},
        cliponaxis=False,
        showlegend=False,
        hoverinfo="skip",
    )


def trained_at(experiment: Experiment) -> Part:
    """The step that the network was trained for, in a layout: a dashed line, and over it its name."""
    trained = experiment.unroll_steps
    line = {"color": INK, "width": 1, "dash": "dash"}
    place = {"x": trained, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False}
    return {
        "shapes": [{"type": "line", "x0": trained, "x1": trained, "y0": 0, "y1": 1, "yref": "paper", "line": line}],
        "annotations": [place | {"text": f"T = {trained}", "font": {"size": 10}}],
    }
