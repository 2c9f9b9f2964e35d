"""What every picture of a plane is made of: the field, the examples and the axes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

import numpy as np
import plotly.graph_objects as go

from fbviz.examples import draw
from fbviz.experiment import Experiment
from fbviz.figures import sequences
from fbviz.figures.base import (
    CLASS_COLOURS,
    COLD,
    DIVERGING,
    INK,
    MIDDLE,
    WARM,
    Part,
    Scale,
    above,
    arrays,
    axis,
    figure,
    span,
)
from fbviz.picture import FIELD, Picture
from fbviz.tasks import Array, Task
from fbviz.words import Translate

DOT = 0.012  # radius of a dot, as a part of the axis
LEVELS = (-0.6, -0.2, 0.2, 0.6)  # values between which a dot has one colour
SHADES = (COLD, "#7ab1d4", MIDDLE, "#efbe85", WARM)


def field(picture: Picture, array: str, which: str = "") -> go.Heatmap:
    """What a network says of each place (see probes.field)."""
    task = picture.experiment.task
    places = cells(task) | {"opacity": 0.75}
    if task.classes <= 2:  # between two of more classes lie the colours of others
        places |= {"zsmooth": "fast"}
    return go.Heatmap(
        **arrays(picture, z=array),
        **places,
        xaxis=f"x{which}",
        yaxis=f"y{which}",
        zmin=0,
        zmax=255,
        colorscale=bands(task.classes) if task.classes > 2 else DIVERGING,
        showscale=False,
        hoverinfo="skip",
    )


def cells(task: Task) -> Part:
    """Where the cells of a field stand."""
    low, high = task.domain
    side = (high - low) / FIELD
    return {"x0": low + side / 2, "y0": low + side / 2, "dx": side, "dy": side}


def decision(picture: Picture, array: str) -> Iterator[go.Contour]:
    """The lines on which a network is undecided between classes (see picture.lined)."""
    task = picture.experiment.task
    if not task.kind.classified:
        return
    for line in [array] if task.classes == 2 else [f"{array}.{c}" for c in range(task.classes - 1)]:
        yield go.Contour(
            **arrays(picture, z=line),
            **cells(task),
            contours={"start": 127.5, "end": 127.5, "size": 1, "coloring": "none"},
            line={"color": INK, "width": 2, "smoothing": 0.6},
            showscale=False,
            hoverinfo="skip",
        )


def plane(experiment: Experiment, which: str = "", **more: Part) -> Part:
    """The axes `which` of a field. `more` has what both are given."""
    look: Part = {"range": list(experiment.task.domain), "constrain": "domain", "showgrid": False}
    across = axis("x₁", anchor=f"y{which}", **look)
    up = axis("x₂", anchor=f"x{which}", scaleanchor=f"x{which}", **look)
    return {f"xaxis{which}": across | more.get("x", {}), f"yaxis{which}": up | more.get("y", {})}


def side_by_side(picture: Picture, t: Translate, panels: Sequence[tuple[str, str]], columns: int) -> go.Figure:
    """Several fields, (label, array) each, with the examples on them; or several timelines, of sequences."""
    if picture.experiment.task.kind.sequence:
        return sequences.side_by_side(picture, t, panels, columns)
    experiment, rows = picture.experiment, -(-len(panels) // columns)
    traces: list[go.Heatmap | go.Scatter] = []
    layout: Part = {"annotations": [], "images": []}
    for i, (label, array) in enumerate(panels):
        which = str(i + 1) if i else ""
        row, column = divmod(i, columns)
        x, y = span(column, columns, 0.03), span(rows - 1 - row, rows, 0.07)
        traces.append(field(picture, array, which))
        across: Part = {"domain": x} | ({} if i + columns >= len(panels) else {"title": ""})
        up: Part = {"domain": y} | ({"title": ""} if column else {})
        layout |= plane(experiment, which, x=across, y=up)
        traces += hints(experiment, t, which)
        layout["images"].append(stamp(experiment, which))
        layout["annotations"].append(above(label, which))
    return figure(*traces, margin={"l": 40, "r": 10, "t": 22, "b": 34}, **layout)


def stamp(experiment: Experiment, which: str = "") -> Part:
    """All examples as one image over the plane of the axes x and y `which`, training filled, test hollow.

    Plotly redraws every marker and every path at every frame, 25 ms for 400 of them; an image it leaves alone.
    """
    train, test = draw(experiment.data)
    task, (low, high) = experiment.task, experiment.task.domain
    radius = DOT * (high - low)
    filled = [
        f'<g fill="{colour}" stroke="#fff" stroke-width="{radius / 7:.4f}">{circles(train[0][chosen], radius)}</g>'
        for colour, _, chosen in groups(train[1], task)
    ]
    hollow = [
        f'<g fill="#fff" fill-opacity=".35" stroke="{colour}" stroke-width="{radius / 2:.4f}">'
        f"{circles(test[0][chosen], radius * 0.9)}</g>"
        for colour, _, chosen in groups(test[1], task)
    ]
    side = high - low
    box = f'viewBox="{low} {-high} {side} {side}" width="1000" height="1000"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{"".join(filled + hollow)}</svg>'
    place = {
        "xref": f"x{which}",
        "yref": f"y{which}",
        "x": low,
        "y": high,
        "sizex": side,
        "sizey": side,
        "sizing": "stretch",
    }
    return place | {"source": "data:image/svg+xml," + quote(svg, safe="<>=/: "), "layer": "above"}


def circles(x: Array, radius: float) -> str:
    return "".join(f'<circle cx="{a:.3f}" cy="{-b:.3f}" r="{radius:.4f}"/>' for a, b in x)


def hints(experiment: Experiment, t: Translate, which: str = "") -> Iterator[go.Scatter]:
    """What is said of an example under the pointer, training and test; nothing is drawn."""
    for (x, y), name in zip(draw(experiment.data), (t("training"), t("test")), strict=True):
        yield hint(x, y, experiment.task, name).update(xaxis=f"x{which}", yaxis=f"y{which}")


def hint(x: Array, y: Array, task: Task, name: str) -> go.Scatter:
    label = np.empty(len(x), object)
    for _, said, chosen in groups(y, task):
        label[chosen] = said
    return go.Scatter(
        x=x[:, 0].round(3),
        y=x[:, 1].round(3),
        text=label,
        mode="none",
        hoveron="points",
        hovertemplate=f"{name}: %{{text}}<br>x₁ %{{x:.2f}}, x₂ %{{y:.2f}}<extra></extra>",
    )


def groups(y: Array, task: Task) -> Iterator[tuple[str, str, Array]]:
    """Examples by colour: (the colour, what it stands for, which examples)."""
    if task.kind.classified:
        label = y.argmax(1) if y.shape[1] > 1 else (y[:, 0] > 0).astype(int)
        yield from ((colour, str(c), label == c) for c, colour in enumerate(class_colours(task.classes)))
        return
    level = np.digitize(y[:, 0], LEVELS)
    ends = [-1, *LEVELS, 1]
    for i, colour in enumerate(SHADES):
        yield colour, f"{ends[i]:g} … {ends[i + 1]:g}", level == i


def class_colours(classes: int) -> list[str]:
    """A colour for each class; beyond ten they come again."""
    return [CLASS_COLOURS[c % len(CLASS_COLOURS)] for c in range(classes)]


def bands(classes: int) -> Scale:
    """The colours of some classes, each from undecided to certain, as one scale (see kinds.certainty)."""
    band = 256 // classes
    scale: Scale = []
    for c, colour in enumerate(class_colours(classes)):
        scale += [[c * band / 255, MIDDLE], [(c * band + band - 1) / 255, colour]]
    return [*scale, [1.0, scale[-1][1]]]
