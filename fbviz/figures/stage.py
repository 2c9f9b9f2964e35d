"""Which figures the Playground shows of an experiment, in their order. Those of one place are its tabs."""

from __future__ import annotations

from fbviz.experiment import Experiment

LOOK = ("t", "layer", "neuron")  # dials of the program, that its reader moves in the figures


def stage(experiment: Experiment, *, twin: bool = False) -> tuple[tuple[str, ...], ...]:
    """What the network says first; `twin` asks for the same without its loop, beside it."""
    learned = ("gradients", "steps") if experiment.state_size else ("gradients",)
    if twin:
        return ("boundary",), ("without_loop",), ("network",), ("losses_without_loop",), learned, ("neuron",)
    return ("boundary",), ("network",), ("losses",), learned, ("neuron",)
