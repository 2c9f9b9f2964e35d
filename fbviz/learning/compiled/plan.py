"""What the kernel is told, and how its numbers lie in memory.

A row is a neuron, a column an example at a step: all examples of step 1, then all of step 2, and so on. So every inner
loop runs over neighbouring examples, which a processor takes eight at once. LANES examples at most are looked at
together; a number that is not a multiple of eight is filled up with the last of them, whose answers are then not asked
for. Between two rows is some space: rows at a distance of a power of two would share their place in the cache.

    activity    h  the rows of all layers one below the other, inputs first; the output's are u
    slopes      f′ at the same places
    deltas      ∂L/∂z at the same places; those of the inputs ∂L/∂x
    states      s  (r rows); the columns of step t hold the state that step t begins with, and one more step follows
    pulls       ∂L/∂s at the same places
    leaving     tanh u, where the loop leaves from the output

θ is one vector: all W one after the other, then B, then the biases.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from fbviz.choices import ACTIVATIONS, FEEDBACKS, LOSSES
from fbviz.experiment import Experiment

LANES = 64  # examples that are looked at together, at most
EIGHT = 8
SPACE = 16
# What the kernel has; a choice is known by its place.
ACTIVATION, LOSS = tuple(ACTIVATIONS), tuple(LOSSES)
OPTIMIZER = ("sgd", "momentum", "rmsprop", "adam", "adamw")
SGD, MOMENTUM, RMSPROP, _, ADAMW = range(len(OPTIMIZER))

Array = np.ndarray


class Plan(NamedTuple):
    """What a network is and how it learns. Layers are counted from 0, the inputs, to D, the output."""

    sizes: Array  # (D + 1,) neurons of each layer
    rows: Array  # (D + 1,) the first row of each
    weights: Array  # (D + 2,) where W of layers 1 … D and then B begin in θ; where they end; [0] is not used
    biases: Array  # (D + 1,) where the biases of each layer begin in θ; [0] is not used
    steps: int  # T
    read: int  # k, outputs that are asked
    returning: int  # r, numbers that return; 0 without a loop
    source: int  # the layer that the loop leaves from
    target: int  # the layer that it enters, before its activation
    activation: int
    loss: int
    joint: bool  # is it the joint loss of all outputs?
    asked: int  # the first step that is asked: 0, or T − 1
    back: int  # the steps that a gradient may go back through
    optimizer: int
    gain: Any  # α, in the type of θ, as are the others
    damping: Any  # λ
    l1: Any
    l2: Any
    clip: Any
    rate: Any


class Memory(NamedTuple):
    """What changes in an update, and the room it needs."""

    theta: Array
    gradient: Array
    first: Array  # the optimizer's mean gradient, or its velocity
    second: Array  # the optimizer's mean square
    gained: Array  # (m, r) αB
    activity: Array
    slopes: Array
    deltas: Array
    states: Array
    pulls: Array
    leaving: Array
    targets: Array  # (k, LANES) of the examples that are looked at


def has(experiment: Experiment) -> bool:
    """Does the kernel have all that the experiment asks for?"""
    known = experiment.network.activation in ACTIVATION and experiment.loss.loss in LOSS
    return known and experiment.training.optimizer in OPTIMIZER and experiment.compilable


def plan(experiment: Experiment, number: type = np.float32) -> Plan:
    """How the kernel sees an experiment. `number` is the type of θ."""
    sizes, settings, loss = experiment.sizes, experiment.training, experiment.loss
    last, kind = len(sizes) - 1, FEEDBACKS[experiment.feedback.feedback]
    r = experiment.state_size
    weights = [0, 0, *accumulate([*(a * b for a, b in pairwise(sizes)), experiment.entry_size * r])]
    biases = [0, *accumulate(sizes[1:-1], initial=weights[-1])]
    return Plan(
        sizes=np.array(sizes),
        rows=np.array([0, *accumulate(sizes[:-1])]),
        weights=np.array(weights),
        biases=np.array(biases),
        steps=experiment.unroll_steps,
        read=experiment.task.outputs,
        returning=r,
        source=last + 1 + kind.source if kind.source is not None else 0,
        target=kind.target or 0,
        activation=ACTIVATION.index(experiment.network.activation),
        loss=LOSS.index(loss.loss),
        joint=bool(LOSSES[loss.loss].joint) and experiment.task.outputs > 1,
        asked=experiment.unroll_steps - 1 if experiment.asks_last else 0,
        back=settings.truncation if settings.gradient == "truncated" else experiment.unroll_steps,
        optimizer=OPTIMIZER.index(settings.optimizer),
        gain=number(experiment.feedback.gain),
        damping=number(experiment.feedback.damping),
        l1=number(loss.l1),
        l2=number(loss.l2),
        clip=number(settings.clip),
        rate=number(settings.learning_rate),
    )


def memory(plan: Plan, examples: int, number: type = np.float32) -> Memory:
    """Room for updates of so many examples, all of it 0."""

    def zeros(*shape: int) -> Array:
        return np.zeros(shape, number)

    wide = min(LANES, -(-examples // EIGHT) * EIGHT)
    columns, rows, r = plan.steps * wide + SPACE, int(plan.sizes.sum()), plan.returning
    parameters = int(plan.biases[-1] + plan.sizes[-1])
    return Memory(
        theta=zeros(parameters),
        gradient=zeros(parameters),
        first=zeros(parameters),
        second=zeros(parameters),
        gained=zeros(int(plan.sizes[plan.target]) if r else 0, r),
        activity=zeros(rows, columns),
        slopes=zeros(rows, columns),
        deltas=zeros(rows, columns),
        states=zeros(r, columns + wide),
        pulls=zeros(r, columns + wide),
        leaving=zeros(r, columns),
        targets=zeros(plan.read, LANES),
    )
