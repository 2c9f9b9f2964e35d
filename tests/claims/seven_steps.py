"""Seven steps: what its words say."""

from fbviz.chapters.seven_steps.tape import EPSILON
from fbviz.chapters.seven_steps.walk import Walk
from tests.claims.claim import chapter

says = chapter("seven-steps")


@says("fewer than {}", "Every step uses the same {}.", "{}, {} for each step")
def its_parameters(seen):
    count, steps = seen("count").facts["walked"]["parameters"], seen.experiment("count").unroll_steps
    return count, count, count * steps, count


@says("moved up by a {}, then down by a {}", "and they agree to {} digits or more")
def central_differences(seen):
    path = Walk(seen.experiment("walk"))
    found = [
        (path.before.gradients[row.name][row.index].item(), path.before.difference(row.name, row.index))
        for place in path.places
        for row in place.rows
        if row.slope
    ]
    assert all(abs(a - b) <= 0.5e-7 * abs(a) + 1e-9 for a, b in found)
    return 1 / EPSILON, 1 / EPSILON, 7


@says(
    "a step {} times as long, η = 10,",
    "falls from {} to {}",
    "{} %, and before the step it was {}.",
)
def one_long_step(seen):
    longer, usual = seen.experiment("one"), seen.experiment("walk")
    path = Walk(longer)
    before, after = (100 * score for score in path.scores)
    losses = (tape.values["L"].item() for tape in (path.before, path.after))
    ratio = longer.training.learning_rate / usual.training.learning_rate
    return ratio, longer.training.learning_rate, *losses, after, before


@says("the accuracy is {} %.", "{} %. Of the other class there was no example")
def scores_of_a_single_point(seen):
    frame = seen("single")
    return 100 * frame.arrays["evaluation.accuracy"][0], 100 * frame.facts["scores"]["f1"]
