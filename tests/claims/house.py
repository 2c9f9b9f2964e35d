"""What the code says: the help of settings, figures and choices."""

import numpy as np
import torch

from fbviz import dials
from fbviz.chapters.associative_memory.figures import CLASSICAL_LIMIT
from fbviz.chapters.closing_the_loop.twins import LOOK
from fbviz.chapters.closing_the_loop.values import LONG, SEEDS, TRAINED
from fbviz.chapters.inside_the_loop.stability import STEPS
from fbviz.chapters.logistic_regression.derivation import TRIALS
from fbviz.chapters.logistic_regression.surface import crossing
from fbviz.chapters.the_printed_network import repairs
from fbviz.chapters.the_printed_network.tutorial import prints
from fbviz.chapters.the_printed_network.values import EPOCHS
from fbviz.choices import OPTIMIZERS
from fbviz.examples import draw
from fbviz.experiment import Experiment
from tests.claims.claim import chapter

says = chapter("house")


@says("every answer up to step {}")
def steps_that_are_looked_at(seen):
    return [dials.STEPS]


@says("the dotted line is the limit, {}")
def what_hebbian_storage_holds(seen):
    return [CLASSICAL_LIMIT]


@says("over five seeds, at lengths {} and {}", "length {}, as trained", "length 40")
def lengths_of_sequences(seen):
    assert SEEDS == 5
    return TRAINED, LONG, TRAINED, LONG


@says("largest rise of the training loss in {} updates")
def between_two_looks(seen):
    return [LOOK]


@says("Spectral radius after {} turns", "come to rest within {} turns")
def turns_of_a_loop(seen):
    return STEPS, STEPS


@says("101 points on the line", "tested on {} points", "right on the 101 points")
def points_on_the_line(seen):
    count = len(repairs.on_the_line()[0])
    return count, count, count


@says("answer to input, T = {}", "an edge leads back, T = {}")
def turns_of_the_repaired_loop(seen):
    return repairs.STEPS, repairs.STEPS


@says("boundary at x₁ (all right: {} to {})")
def where_all_four_are_right(seen):
    """The boundary x₁ = c has the second point on one side and the third on the other."""
    assert crossing(1.0, 0.0, -2.5) == 2.5
    return 2, 3


@says("Adam with weights that decay apart from the gradient, λ = {}")
def how_weights_decay(seen):
    optimizer = OPTIMIZERS["adamw"].f([torch.zeros(1, requires_grad=True)], 0.1, torch.optim)
    return [optimizer.param_groups[0]["weight_decay"]]


@says("a query like task=xor&gain={}")
def a_query(seen):
    experiment, notices = Experiment.from_query({"task": "xor", "gain": "2"})
    assert not notices
    return [experiment.feedback.gain]


@says("Sixteen fields in two colours.")
def fields_of_a_checkerboard(seen):
    x, y = draw(Experiment().changed(task="checkerboard", points=1000, noise=0.0).data)[0]
    fields = {tuple(field) for field in np.floor(2 * x)}
    assert set(y.ravel()) == {-1, 1}
    return [len(fields)]


@says("At a {} random places", "At how many of a {} random places")
def places_that_are_tried(seen):
    return TRIALS, TRIALS


@says("with the {} that are printed as dots")
def losses_that_are_printed(seen):
    return [sum(map(prints, range(EPOCHS)))]
