"""An experiment: everything a learner can set, as one value."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from fbviz import fields, texts
from fbviz.choices import (
    ACTIVATIONS,
    DEVICES,
    ENGINES,
    FEEDBACKS,
    GRADIENTS,
    INITS,
    LOSS_STEPS,
    LOSSES,
    OPTIMIZERS,
)
from fbviz.fields import Settings, Value, bounded, one_of, settings, widths, with_settings
from fbviz.tasks import TASKS, Task
from fbviz.words import Sentence

# When a setting matters. A control that does not is not drawn; its value is kept.


def drawn(e: Experiment) -> bool:
    return not e.task.fixed


def static(e: Experiment) -> bool:
    return not e.task.kind.sequence


def loops(e: Experiment) -> bool:
    return e.feedback.feedback != "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Data(Settings):
    """What is to be learned, and from how much."""

    task: str = one_of(TASKS, default="circle", word="task", help="The pattern behind the examples.")
    points: int = bounded(
        10,
        2000,
        default=400,
        word="example",
        symbol="N",
        when=drawn,
        rare=True,
        help="How many examples, for training and test together.",
    )
    noise: float = bounded(
        0.0,
        0.5,
        default=0.0,
        when=lambda e: drawn(e) and static(e),
        rare=True,
        help="How far a point is moved after it got its label.",
    )
    length: int = bounded(
        2,
        64,
        default=8,
        word="sequence",
        symbol="T",
        when=lambda e: not static(e),
        label="Sequence length",
        help="Elements of a sequence; each is one step.",
    )
    test_share: float = bounded(
        0.1,
        0.9,
        default=0.5,
        word="test-set",
        when=drawn,
        rare=True,
        help="The part of the examples that is kept back to test on.",
    )
    data_seed: int = bounded(
        0,
        2**31 - 1,
        default=0,
        word="seed",
        when=drawn,
        rare=True,
        help="Which examples are drawn: same seed, same examples.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback(Settings):
    """Where a part of the network's activity goes back to, and how much of it."""

    feedback: str = one_of(
        FEEDBACKS,
        default="hidden",
        word="feedback-network",
        label="Feedback",
        help="Where the loop leaves and where it enters.",
    )
    spare: int = bounded(
        0,
        4,
        default=0,
        word="spare-output",
        when=lambda e: e.feedback.feedback == "output",
        label="Spare outputs",
        help="Outputs that are fed back but not read: a memory of the network's own.",
    )
    steps: int = bounded(
        1,
        64,
        default=5,
        word="unroll-step",
        symbol="T",
        when=static,
        label="Unroll steps",
        help="Unroll steps: how often the loop runs. 1 is a plain network.",
    )
    gain: float = bounded(
        0.0,
        4.0,
        default=1.0,
        word="gain",
        symbol="α",
        when=loops,
        label="Feedback gain",
        help="The strength of the feedback. 0 is a plain network.",
    )
    damping: float = bounded(
        0.05,
        1.0,
        default=1.0,
        word="damping",
        symbol="λ",
        when=loops,
        rare=True,
        help="How far a step moves towards its new state.",
    )
    spectral_norm: float = bounded(
        0.0,
        1.0,
        default=0.0,
        word="spectral-norm",
        symbol="‖W‖₂",
        when=loops,
        rare=True,
        help="The loop's weights are held below this norm, so that it stays stable. 0 leaves it free.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Network(Settings):
    """The network that is closed into a loop."""

    hidden: tuple[int, ...] = widths(
        6,
        64,
        default=(8,),
        word="hidden-layer",
        label="Hidden layers",
        help="Neurons in each hidden layer; none is a linear model.",
    )
    activation: str = one_of(
        ACTIVATIONS,
        default="tanh",
        word="activation",
        symbol="f",
        help="What a hidden neuron does to its weighted sum.",
    )
    init: str = one_of(
        INITS,
        default="default",
        word="initialisation",
        rare=True,
        label="First weights",
        help="How the first weights are drawn.",
    )
    weight_scale: float = bounded(
        0.0,
        8.0,
        default=1.0,
        word="initialisation",
        symbol="g",
        rare=True,
        label="Scale of first weights",
        help="The first weights, and those of the feedback, are multiplied by this.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss(Settings):
    """What is made small."""

    loss: str = one_of(LOSSES, default="cross_entropy", word="loss", symbol="L", help="How wrong an answer is.")
    loss_steps: str = one_of(
        LOSS_STEPS,
        default="all_steps",
        word="loss",
        when=static,
        label="Loss taken at",
        help="Which unroll steps are asked for the answer.",
    )
    l1: float = bounded(
        0.0, 1.0, default=0.0, word="weight-penalty", symbol="λ₁", rare=True, help="Pulls weights to zero, evenly."
    )
    l2: float = bounded(
        0.0,
        1.0,
        default=0.0,
        word="weight-penalty",
        symbol="λ₂",
        rare=True,
        help="Pulls large weights most.",
    )
    jacobian_penalty: float = bounded(
        0.0,
        10.0,
        default=0.0,
        word="jacobian-penalty",
        symbol="λⱼ",
        when=loops,
        rare=True,
        help="Makes the loop pay for passing on small changes, which keeps it stable.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Training(Settings):
    """How it learns, and for how long."""

    optimizer: str = one_of(OPTIMIZERS, default="adam", word="optimizer", help="How a gradient becomes a step.")
    learning_rate: float = bounded(
        1e-4,
        10.0,
        default=0.03,
        word="learning-rate",
        log=True,
        symbol="η",
        help="How long a step is; too long, and the loss jumps.",
    )
    batch: int = bounded(
        1,
        2000,
        default=20,
        word="batch",
        label="Batch size",
        help="Examples an update looks at; at most all there are.",
    )
    gradient: str = one_of(
        GRADIENTS, default="bptt", word="gradient", when=loops, help="How the slope is found through the loop."
    )
    truncation: int = bounded(
        1,
        64,
        default=1,
        word="truncated-bptt",
        symbol="k",
        when=lambda e: loops(e) and e.training.gradient == "truncated",
        rare=True,
        help="Unroll steps that truncated BPTT goes back through.",
    )
    clip: float = bounded(
        0.0,
        10.0,
        default=0.0,
        word="gradient-clipping",
        symbol="c",
        rare=True,
        label="Gradient clipping",
        help="A longer gradient is cut to this. 0 never cuts.",
    )
    updates: int = bounded(
        1, 100_000, default=2000, word="update", log=True, help="Optimizer steps after which the run ends."
    )
    target_loss: float = bounded(
        0.0,
        1.0,
        default=0.0,
        word="loss",
        rare=True,
        help="The run ends when the test loss is below this. 0 never ends it.",
    )
    patience: int = bounded(
        0,
        20_000,
        default=0,
        word="early-stopping",
        rare=True,
        help="The run ends when the test loss has not improved for this many updates. 0 never ends it.",
    )
    seed: int = bounded(
        0,
        2**31 - 1,
        default=0,
        word="seed",
        rare=True,
        help="First weights and order of examples: same seed, same run.",
    )
    device: str = one_of(DEVICES, default="auto", rare=True, help="Where the numbers are made.")
    engine: str = one_of(ENGINES, default="fastest", rare=True, help="What makes the updates.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """All of it. Equal settings are equal, so a result can say which experiment it belongs to."""

    data: Data = Data()
    feedback: Feedback = Feedback()
    network: Network = Network()
    loss: Loss = Loss()
    training: Training = Training()

    @property
    def task(self) -> Task:
        return TASKS[self.data.task]

    @property
    def unroll_steps(self) -> int:
        """T, how often the loop runs: a sequence has a step for each of its elements."""
        return self.feedback.steps if static(self) else self.data.length

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many neurons each layer has: n inputs first, k outputs last, and spare outputs with them."""
        spare = self.feedback.spare if self.feedback.feedback == "output" else 0
        return (self.task.inputs, *self.network.hidden, self.task.outputs + spare)

    @property
    def state_size(self) -> int:
        """r, how many numbers return; 0 without a loop."""
        source = FEEDBACKS[self.feedback.feedback].source
        return 0 if source is None else self.sizes[source]

    @property
    def entry_size(self) -> int:
        """m, how many numbers are added where the loop enters; 0 without a loop."""
        target = FEEDBACKS[self.feedback.feedback].target
        return 0 if target is None else self.sizes[target]

    @property
    def asks_last(self) -> bool:
        """Is the answer of the last step the only one that the loss hears?"""
        return self.loss.loss_steps == "last" and static(self)

    @property
    def work(self) -> int:
        """Multiply-adds of a step: the examples of a batch times the weights."""
        return self.training.batch * (sum(a * b for a, b in pairwise(self.sizes)) + self.state_size * self.entry_size)

    @property
    def compilable(self) -> bool:
        """Does the compiled kernel have all of it?"""
        return not (loops(self) and (self.training.gradient == "implicit" or self.loss.jacobian_penalty))

    def looped(self) -> Experiment:
        """The same with a loop: its own, or, where nothing returns, from the output to the input."""
        return self if loops(self) else self.changed(feedback="output")

    def without_loop(self) -> Experiment:
        """The same but for α = 0. A point then needs one step, for nothing returns."""
        off = self.changed(gain=0.0)
        return off if self.task.kind.sequence else off.changed(steps=1)

    def __getitem__(self, name: str) -> Value:
        """The value of a setting, by its name."""
        value: Value = next(setting.of(self) for setting in SETTINGS if setting.name == name)
        return value

    def changed(self, /, **values: object) -> Experiment:
        """The same but for some settings, by their names: changed(gain=2.0, steps=8). KeyError for an unknown one."""
        return with_settings(self, values)

    def options(self, setting: fields.Setting) -> list[str]:
        """The choices of a setting that can serve this task and this network, in the order of their table."""
        names = [name for name, entry in setting.rule.table.items() if entry.fits(self.task.kind)]
        if setting.name == "feedback" and not self.network.hidden:
            names.remove("hidden")
        if setting.name == "engine" and not self.compilable:
            names.remove("compiled")
        return names

    def misfits(self) -> dict[str, str]:
        """Choices that cannot serve here, by setting, and what stands in for each."""
        return {
            setting.name: options[0] if setting.name != "feedback" else "output"
            for setting in SETTINGS
            if isinstance(setting.rule, fields.OneOf) and setting.of(self) not in (options := self.options(setting))
        }

    def fitted(self) -> Experiment:
        """The same, with a choice that cannot serve the task replaced by the first that can."""
        return self.changed(**self.misfits())

    def to_query(self) -> dict[str, str]:
        """The settings that differ from their defaults, as they stand in a link."""
        return texts.to_query(self)

    def replaced(self) -> list[Sentence]:
        """A sentence for each choice that cannot serve here, and what stands in for it."""
        return [
            texts.notice("misfit", name=name, asked=str(self[name]), taken=choice)
            for name, choice in self.misfits().items()
        ]

    @staticmethod
    def from_query(query: Mapping[str, str]) -> tuple[Experiment, list[Sentence]]:
        """The experiment a link asks for, and a sentence for each setting that could not be taken as it came."""
        asked, notices = texts.from_query(Experiment(), query)
        return asked.fitted(), notices + asked.replaced()

    def to_json(self) -> str:
        """Every setting, by part, as text."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @staticmethod
    def from_json(text: str | bytes) -> tuple[Experiment, list[Sentence]]:
        """The experiment in a file, and a sentence for whatever in it was not taken as it came.

        What is left out has its default. SaidError, and no other, for anything that is not one: a value out of bounds
        is refused, not moved.
        """
        asked, notices = texts.from_json(Experiment(), text)
        return asked.fitted(), notices + asked.replaced()


PARTS = tuple(part.name for part in dataclasses.fields(Experiment))
SETTINGS = tuple(settings(Experiment))
PRESETS = {
    "Default: one class around the other": Experiment(),
    "Spiral, two layers of eight": Experiment().changed(
        task="spiral", hidden=(8, 8), feedback="none", steps=1, batch=10, points=500, updates=20_000, learning_rate=0.01
    ),
    "Answer fed back: exclusive or": Experiment().changed(task="xor", feedback="output", steps=5),
    "Memory: flip-flop": Experiment().changed(task="flip_flop", feedback="output", hidden=(10,)),
    "Delay without a spare output": Experiment().changed(task="delay", feedback="output", hidden=(16,)),
    "Delay with a spare output": Experiment().changed(task="delay", feedback="output", hidden=(16,), spare=1),
    "Four points, logistic regression": Experiment().changed(
        task="article", hidden=(), feedback="none", steps=1, optimizer="sgd", learning_rate=0.01, updates=1000
    ),
    "Six bumps": Experiment().changed(task="bumps", loss="mean_squared", hidden=(16, 8)),
}
