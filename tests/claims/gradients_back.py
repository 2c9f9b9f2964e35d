"""The way back: what its words say."""

import numpy as np

from fbviz.chapters.gradients_back import four_loops
from fbviz.chapters.gradients_back.values import GAINS, HELD
from fbviz.examples import draw
from fbviz.learning.run import Run
from fbviz.worker.watching import test_scores
from tests.claims.claim import About, chapter
from tests.learning.runners import frames

says = chapter("gradients-back")


@says(
    "The feedback gain is {}.",
    "would pass on exactly the gain, {}.",
    "What is left is between {} and {} a step. Even so, after {} steps the gradient is more than {} times as long.",
)
def the_factor_of_a_step_back(seen):
    """A loop as loud as this is chaotic: in which order a sum was rounded can be seen after fifty steps."""
    frame = seen("factor")
    factor, norms = frame.arrays["gains.factor"][-1], frame.arrays[f"gains.norms.{len(GAINS) - 1}"]
    assert 1.2 < factor < 1.4
    assert norms[0] > 10_000 * norms[-1]
    return GAINS[-1], GAINS[-1], 1.2, 1.4, len(norms), 10_000


@says(
    "A loop of {} steps is a network of {} layers",
    "{} equal factors leave little room: $0.9^{50}$ is {}, $1.1^{50}$ is {}.",
)
def equal_factors(seen):
    steps = seen.experiment("way_back").unroll_steps
    return steps, steps, steps, 0.9, 0.9**steps, 1.1, 1.1**steps


@says("At a gain of {} what arrives at the beginning is smaller than anything the weights could notice.")
def what_arrives_at_a_small_gain(seen):
    norms = seen("factor").arrays["gains.norms.0"]
    assert norms[0] < 1e-7 * norms[-1]
    return [GAINS[0]]


@says(
    "Try $\\lambda = 0.1$: all six lines lie almost flat, and of the {} loops that failed, {} learn; the one with a "
    "gain of {} is still too loud."
)
def damping_lays_the_lines_flat(seen):
    before, after = (frame.arrays for frame in seen.moved("way_back", {"damping": 0.1}))
    assert 0.9 < after["gains.factor"].min() <= after["gains.factor"].max() < 1.1
    failed, learned = before["gains.score"] < 0.7, after["gains.score"] > 0.85
    [loud] = np.flatnonzero(failed & ~learned)
    return 0.1, failed.sum(), (failed & learned).sum(), GAINS[loud]


@says(
    "neither stretch nor shrink, so the gradient of a quiet loop fades more slowly",
    "leaves the factors alone",
    "It tames what grows, and lets what fades fade even faster.",
)
def three_more_switches(seen):
    """The first two before any update, the third after a few."""
    query = seen.block("way_back").experiment.replace("updates=100", "updates=20")
    fresh, orthogonal, clipped = (
        next(frames("gains", query, values)).arrays["gains.factor"] for values in ({}, {"init": 1}, {"clip": 0.5})
    )
    assert orthogonal[0] > fresh[0]
    assert (clipped == fresh).all()
    plain, penalised = (
        seen.of("gains", query, values).arrays["gains.factor"] for values in ({}, {"jacobian_penalty": 1.0})
    )
    assert (penalised < plain).all()


@says("with k = {} the cosine is above {}.")
def four_steps_see_what_matters(seen):
    query = seen.block("short").experiment
    frame = seen.of("three_gradients", query, {"k": 4})
    assert frame.arrays["three_gradients.own.cosine"][1] > 0.8
    return 4, 0.8


@says(
    "no turn can stretch by more than {}",
    "Holding the loop below {} looks like a handicap",
    "an equilibrium network held at {}",
)
def the_bound(seen):
    assert seen("free").arrays["free_and_held.held.radius"].max() < HELD
    return HELD, HELD, HELD


@says("have the same number of parameters to within {} %")
def as_many_parameters(seen):
    counts = [four_loops.parameters(alike) for alike in four_loops.matched(seen.experiment("lead")).values()]
    assert max(counts) < 1.05 * min(counts)
    return [5]


@says("and then in three of {} steps", "and that makes {} %.")
def what_a_plain_network_knows_of_a_flip_flop(seen):
    pulses = draw(seen.experiment("lead").data)[0][0] != 0
    assert pulses[:, 0].all()
    assert abs(pulses[:, 1:].mean() - 0.3) < 0.02
    return 10, 100 * seen("lead").arrays["four_loops.score"][0]


@says("After {} updates it is right about {} % of the test points, after {} about {} %.")
def the_held_network_learns_on(seen):
    held = Run(seen.experiment("free").changed(gradient="implicit", spectral_norm=HELD, updates=1200))
    scores = {}
    for update in range(1, 1201):
        held.update()
        if update % 600 == 0:
            scores[update] = 100 * test_scores(held)[0]
    return 600, About(scores[600]), 1200, About(scores[1200])
