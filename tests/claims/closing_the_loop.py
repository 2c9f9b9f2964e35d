"""Closing the loop: what its words say."""

import numpy as np

from fbviz.chapters.closing_the_loop.twins import CLEAR
from fbviz.chapters.closing_the_loop.values import LONG, TRAINED
from fbviz.dials import STEPS
from fbviz.examples import draw
from tests.claims.claim import About, chapter

says = chapter("closing-the-loop")


def scores(frame):
    """Of the twins on the test examples, in percent: without the loop, with it."""
    return 100 * frame.arrays["twins.score"]


@says("{} % against {} %: {} points of the {}.")
def twins_on_two_moons(seen):
    without, loop = scores(seen("twins"))
    points = len(examples(seen.experiment("twins")))
    return loop, without, points * (loop - without) / 100, points


def examples(experiment):
    """The test examples, (N, …)."""
    return draw(experiment.data)[1][0]


@says(
    "Try two spirals whose hidden layer hears itself, where the loop wins, and a circle whose answer returns at a "
    "learning rate of {}"
)
def twins_to_try(seen):
    spiral = seen.of("twins", "task=spiral")
    circle = seen.of("twins", "task=circle&feedback=output&learning_rate=0.02")
    without, loop = scores(spiral)
    assert loop > without
    without, loop = scores(circle)
    assert loop < without
    assert circle.arrays["twins.jump"][1] > circle.arrays["twins.jump"][0]
    return [0.02]


@says(
    "{} %, which is worse than tossing a coin.",
    "Past the fifth step it loses the answer, finds it again, and loses it once more, for ever.",
)
def read_too_early(seen):
    score = seen("early").arrays["unrolled.score"]
    assert score[4] > 0.97
    later = score[5:]
    assert later[:5].min() < 0.6 < 0.9 < later[5:15].max()
    assert later[-10:].min() < 0.6 < 0.8 < later[-10:].max()
    return [100 * score[0]]


@says("It is right at once, and it stays right far beyond the five steps it was trained for.")
def asked_at_every_step(seen):
    assert seen("all_steps").arrays["unrolled.score"].min() > 0.97


@says(
    "{} % against {} %. The plain twin hears a pulse only while it lasts",
    "here the loop learns better and generalises better, its loss does not jump, and it takes about the same time",
)
def twins_on_a_sequence(seen):
    frame = seen("sequence_twins")
    holds = frame.arrays["twins.holds"]
    assert holds[:3].tolist() == [1, 1, 0]
    without, loop = scores(frame)
    return loop, without


@says(
    "learns parity from sequences of {} bits. Then it is given sequences of {}.",
    "How many of the answers to the {}th bit are right?",
    "At the {}th bit,",
)
def lengths_of_a_parity(seen):
    assert seen("parity").facts["score"]["last"] == 1
    return seen.experiment("parity").data.length, STEPS, STEPS, STEPS


@says("About {} %, and guessing gives {}.")
def a_delay_by_its_answer_alone(seen):
    return About(100 * seen("delay").facts["metrics"]["accuracy"]), 50


@says("the second row runs one step ahead of the first")
def the_spare_output_runs_ahead(seen):
    answer, spare = np.sign(seen("spare").arrays["unrolled.units"])
    assert abs((spare[:-1] * answer[1:]).mean()) > 0.95 > abs((spare * answer).mean())


@says("Every network is trained on sequences of {} and tested on {} and on {}.")
def lengths_of_the_table(seen):
    return TRAINED, TRAINED, LONG


@says("Of losses, gradients and times, a difference below {} % counts as none.")
def what_counts_as_a_difference(seen):
    return [100 * (CLEAR - 1)]
