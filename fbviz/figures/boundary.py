"""What the network says about each place in the plane, and about each step of a sequence."""

from __future__ import annotations

import plotly.graph_objects as go

from fbviz.figures.base import FIGURES, figure
from fbviz.figures.plane import field, hints, plane, stamp
from fbviz.figures.sequences import one
from fbviz.picture import Picture
from fbviz.words import Translate, english


@FIGURES.add()
def boundary(picture: Picture, t: Translate = english) -> go.Figure:
    """The field after the last step, training points filled, test points hollow; of sequences input, target, answer."""
    experiment = picture.experiment
    if experiment.task.kind.sequence:
        return one(picture, "boundary", t)
    return figure(field(picture, "boundary"), *hints(experiment, t), images=[stamp(experiment)], **plane(experiment, t))
