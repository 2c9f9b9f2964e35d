"""Inside the loop: what its words say."""

import numpy as np

from fbviz.chapters.inside_the_loop.portrait import KEPT
from fbviz.chapters.inside_the_loop.stability import INPUTS, STEPS
from fbviz.chapters.inside_the_loop.values import GAIN, SIDE, WEIGHT_SCALE
from fbviz.learning.networks import build
from tests.claims.claim import chapter

says = chapter("inside-the-loop")


@says("Click anywhere to start a path; the last {} stay.")
def paths_that_stay(seen):
    return [KEPT]


@says(
    "Move the input $x$ from −1 to +1 and look at the landscape change under the state.",
    "At $x = 1$ only one fixed point is left",
    "Back at $x = 0$ there are two valleys again",
)
def writing_and_holding(seen):
    frames = seen.moved("portrait", *({"x1": x} for x in (-1.0, 0.0, 1.0)))[1:]
    points = [frame.facts["portrait"]["fixed_points"] for frame in frames]
    valleys = [len(frame.arrays["portrait.stable.x"]) for frame in frames]
    assert points == [1, 3, 1]
    assert valleys == [1, 2, 1]


@says(
    "Pull $t$ on to {}, {}, {} and {}.",
    "right at every odd step and little better than a coin at every even one, for ever",
)
def right_at_three_and_wrong_at_four(seen):
    asked = (4, 5, 12, 64)
    frames = seen.moved("longer", *({"t": t} for t in asked))[1:]
    shown = {t: frame.arrays["unrolled.t.score"][0] for t, frame in zip(asked, frames, strict=True)}
    score = frames[0].arrays["unrolled.score"]
    assert shown == {t: score[t - 1] for t in asked}
    assert score[2::2].min() > 0.95
    assert score[3::2].max() < 0.65
    assert frames[0].arrays["unrolled.residuals"][-1] > 0.5
    return asked


@says("An eigenvalue of $-1.5$, which swings ever wider, becomes $-0.25$ at $\\lambda = 0.5$.")
def damping_of_an_eigenvalue(seen):
    mu, damping = -1.5, 0.5
    return mu, 1 - damping + damping * mu, damping


@says(
    "so their variance is 1/({}n)",
    "fill a disc of radius 1/√{} = {}, however large it is",
    "a loop would need a gain of about √{}",
    "each of them at most 1/{}",
)
def a_fresh_loop(seen):
    W = build(seen.experiment("radius")).back.weight.detach().numpy()
    n = len(W)
    radius = np.abs(np.linalg.eigvals(W)).max()
    assert np.abs(W).max() <= 1 / 8
    assert abs(radius - 3**-0.5) < 0.05
    return 1 / (n * W.var()), 3, 3**-0.5, 3, n**0.5


@says("with the loss at the last of {} steps")
def steps_of_the_spectrum(seen):
    return [seen.experiment("spectrum").unroll_steps]


@says(
    "the radius of this run came out anywhere from {} to {}.",
    "With the loss at all steps standing still pays, and {} of the {} radii ended below {}.",
)
def where_eigenvalues_end(seen):
    link = seen.block("spectrum").experiment
    last, every = (
        np.array([seen.of("spectrum", f"{query}&seed={seed}").facts["spectrum"]["last"] for seed in range(5)])
        for query in (link, link.replace("&loss_steps=last", ""))
    )
    assert (last > 0.2).all()
    return last.min(), last.max(), (every < 0.2).sum(), len(every), 0.2


@says(
    "tries {} × {} pairs at once. Each loop runs {} turns on {} inputs.",
    "gains from 0 to {}, weight scales from 0 to {}.",
)
def the_map(seen):
    return SIDE, SIDE, STEPS, INPUTS, GAIN, WEIGHT_SCALE
