"""What the network says about each place in the plane, and about each step of a sequence."""

from __future__ import annotations

import plotly.graph_objects as go

from fbviz.figures.base import FIGURES, figure
from fbviz.figures.plane import field, hints, plane, right_answers, stamp
from fbviz.picture import Picture
from fbviz.words import Translate, english


@FIGURES.add()
def boundary(picture: Picture, t: Translate = english) -> go.Figure:
    """The field after the last step of the loop; points to learn from are filled, those to be tested on hollow."""
    experiment = picture.experiment
    if experiment.task.kind.sequence:
        return figure(field(picture, "boundary"), right_answers(experiment, t), **plane(experiment, t))
    return figure(field(picture, "boundary"), *hints(experiment, t), images=[stamp(experiment)], **plane(experiment, t))
