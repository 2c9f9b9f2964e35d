"""Logistic regression: what its words say."""

import numpy as np
import torch

from tests.claims.claim import chapter
from tests.learning.runners import frames

says = chapter("logistic-regression")


def number(frame, at):
    """A line of the table of milestones."""
    return frame.arrays["surface.numbers"][at]


@says("it crosses the row of points just before x₁ = {}")
def the_boundary_has_almost_arrived(seen):
    crossing = number(seen("thousand"), 4)
    assert 1.9 < crossing < 2
    return [2]


@says("with plain gradient descent at a learning rate of {}, and stops after {} epochs")
def as_the_tutorial_has_it(seen):
    training = seen.experiment("surface").training
    assert training.optimizer == "sgd"
    return training.learning_rate, training.updates


@says("The path drops quickly into a valley and then creeps along its floor.", "Most of the {} updates are spent there")
def the_valley_is_reached_soon(seen):
    """Over its first ten updates the loss falls more than twice as fast as after fifty."""
    query = seen.block("surface").experiment
    losses = {frame.facts["update"]: number(frame, 0) for frame in frames("surface", query, {"updates": 60}, step=10)}
    assert losses[0] - losses[10] > 2 * (losses[50] - losses[60])
    return [seen.experiment("surface").training.updates]


@says(
    "train on for another {} updates",
    "At seed 0 it happens at update {}",
    "Of the seeds 0 to {} only one is there for good within a {} updates, and only just, at {}; the slowest needs {}.",
)
def when_all_four_are_right(seen):
    """The seeds by hand, all at once, by the gradient (y′ − y) x."""
    x, y = torch.tensor([[1.0, 2], [2, 3], [3, 4], [4, 5]]), torch.tensor([0.0, 0, 1, 1])
    w, b = torch.zeros(20, 2), torch.zeros(20, 1)
    for seed in range(20):
        torch.manual_seed(seed)
        first = torch.nn.Linear(2, 1)
        w[seed], b[seed] = first.weight[0].detach(), first.bias.detach()
    since = torch.zeros(20)
    for update in range(1, 2001):
        error = torch.sigmoid(w @ x.T + b) - y  # (seeds, points)
        w, b = w - 0.01 * error @ x / 4, b - 0.01 * error.mean(1, keepdim=True)
        wrong = ((w @ x.T + b > 0) != (y > 0)).any(1)
        since[wrong] = update + 1
    assert (since <= 1000).sum() == 1
    on = seen.experiment("first").training.updates - seen.experiment("thousand").training.updates
    return on, seen("first").facts["first"], 19, 1000, since.min(), since.max()


@says(
    "Move the seed to 1, the updates to {}, press Play, and look at the table's last two lines.",
    "has all four right at update {}, loses one again, and is right for good only from update {}.",
)
def being_right_once_is_not_having_learned(seen):
    frame = seen("surface", seed=1, updates=1500)
    assert number(frame, 7) < number(frame, 8)
    return 1500, number(frame, 7), number(frame, 8)


@says("About {} %. The point lies far out")
def how_sure_it_is(seen):
    return [100 * seen("test_point").facts["test"]]


@says("Take a {} random places", "of the {} places.", "and a {} places prove more")
def at_how_many_places_it_is_tried(seen):
    updates = seen("sign").facts["update"]
    return updates, updates, updates


@says("Set $x_1$ to 0. Now the tutorial's chain for $w_1$ gets its ✓ as well")
def where_nothing_passes_every_formula_is_right(seen):
    before, after = (frame.arrays["tutorial.agrees"] for frame in seen.moved("derivation", {"x1": 0.0}))
    assert np.flatnonzero(after > before).tolist() == [2, 4]  # its chain, as printed and with z where it writes y


@says("fewer than 200", "200–600", "more than 600")
def how_many_more_than_a_thousand(seen):
    low, high = (edge - 1000 for edge in seen.block("first").edges)
    return low, low, high, high
