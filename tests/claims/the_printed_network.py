"""The network as printed: what its words say."""

import numpy as np

from fbviz.chapters.the_printed_network.printed import SIZES, PrintedNetwork
from fbviz.chapters.the_printed_network.repairs import MIDDLE, on_the_line
from fbviz.chapters.the_printed_network.values import REPAIR, REPORTED
from tests.claims.claim import chapter

says = chapter("the-printed-network")


@says(
    "It is a plain multilayer perceptron, 2-10-2-2, of {} parameters.",
    "so the layers have $20 + 20 + 4$ weights and $10 + 2 + 2$ biases",
    "there would be {} numbers to learn and not {}",
)
def its_parameters(seen):
    network = PrintedNetwork(0)
    weights = [layer.weight.numel() for layer in network.layers]
    biases = [layer.bias.numel() for layer in network.layers]
    assert [layer.in_features for layer in network.layers] == [*SIZES[:3]]
    assert (weights, biases) == ([20, 20, 4], [10, 2, 2])
    count = seen("back").arrays["printed.numbers"][0]
    assert count == sum(weights) + sum(biases)
    return *SIZES, count, 20, 20, 10, 2 * sum(weights), count


@says("Targets of shape {} × 1 are stretched over outputs of shape {} × {}")
def the_shapes(seen):
    facts = seen("both").facts
    assert (facts["target_shape"], facts["output_shape"]) == ("4 × 1", "4 × 2")
    return 4, 4, 2


@says("divides by {}, and it prints the count plus one: 1, {}, {}, up to {}", "list says {}, {}, up to {}.")
def the_epochs(seen):
    printed, reported = seen("one_number").arrays["printed.log_epochs"], [*REPORTED]
    assert printed[0] == 1
    return printed[1] - printed[0], printed[1], printed[2], printed[-1], reported[0], reported[1], reported[-1]


@says(
    "After {} epochs a loss of {} is reported. The same program is run at {} seeds.",
    "Of the {} runs,",
    "had come down to {} by epoch {}.",
    "The lowest of the {} is {}, {} times as much. From epoch {} on, the reported losses do lie within the band",
)
def the_band(seen):
    arrays = seen("as_low").arrays
    count, lowest, inside = len(arrays["band.seeds"]), arrays["band.at_low"][0], arrays["band.inside"]
    [epoch, loss], *_ = REPORTED.items()
    since = [*REPORTED][int(np.argmax(inside))]
    assert inside[int(np.argmax(inside)) :].all()
    return epoch, loss, count, count, loss, epoch, count, lowest, lowest / loss, since


@says("After {} epochs both outputs at $(5, 6)$ lie between {} and {}")
def the_outputs_at_the_test_point(seen):
    frame = seen("band")
    low, _, high = frame.arrays["band.test"]
    return frame.facts["update"], low, high


@says(
    "ours takes {} points on the line through the data",
    "past the middle, $x_1 > 2.5$",
    "The number of parameters with two outputs is still {}.",
    "on the {} points the loop does no better than the network without it",
)
def the_repairs(seen):
    x, label = on_the_line()
    assert ((x[:, 0] > MIDDLE) == (label[:, 0] > 0)).all()
    thrown = {"one_output": 1, "cross_entropy": 1, "real_test": 1}
    without, loop, two = (
        seen("repairs", **switches) for switches in (thrown, thrown | {"feedback": 1}, {"feedback": 1})
    )
    assert repaired(loop, "share") <= repaired(without, "share")
    assert repaired(two, "edge") > 0
    return len(x), MIDDLE, repaired(two, "parameters"), len(x)


def repaired(frame, name):
    """A line of the table of repairs."""
    return frame.arrays["repairs.after"][REPAIR.index(name)]


@says(
    "Throw one switch, press Play, and see what that switch alone changes",
    "With one output the warning and the crash are both gone. Cross-entropy alone does not train at all",
)
def one_switch_alone(seen):
    one, entropy = seen("repairs", one_output=1), seen("repairs", cross_entropy=1)
    assert (repaired(one, "silent"), repaired(one, "runs")) == (1, 1)
    assert np.isnan(repaired(entropy, "loss"))
    assert entropy.facts["after"]["error"].startswith("ValueError")
