"""What the network says about each place in the plane, and about each step of a sequence."""

from __future__ import annotations

import plotly.graph_objects as go

from fbviz.figures.base import FIGURES, figure
from fbviz.figures.plane import decision, field, hints, plane, stamp
from fbviz.figures.sequences import one
from fbviz.picture import Picture
from fbviz.words import Translate, english


@FIGURES.add()
def boundary(picture: Picture, t: Translate = english) -> go.Figure:
    """The field after step t, training points filled, test points hollow; of sequences input, target, answer."""
    return answers(picture, t, "boundary")


@FIGURES.add(label="The same without the loop: α = 0")
def without_loop(picture: Picture, t: Translate = english) -> go.Figure:
    """What the same network says that hears nothing back: it has learned from the same first weights and batches."""
    return answers(picture, t, "plain.boundary")


def answers(picture: Picture, t: Translate, array: str) -> go.Figure:
    """A field, the examples on it, and where its answer turns; or sequences with their answers."""
    experiment = picture.experiment
    if experiment.task.kind.sequence:
        return one(picture, array, t)
    return figure(
        field(picture, array),
        *decision(picture, array),
        *hints(experiment, t),
        images=[stamp(experiment)],
        **plane(experiment),
    )
