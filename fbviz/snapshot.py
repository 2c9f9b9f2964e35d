"""A snapshot: what a run looked like after one update, in numbers only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np

from fbviz.experiment import Experiment
from fbviz.history import Row
from fbviz.words import Filling, Sentence

Array = np.ndarray

# Why a run is over, in a word, and what a reader is told.
ENDINGS: Mapping[str, str] = {
    "finished": "It made all its {updates} updates.",
    "converged": "The test loss, {loss:.4g}, is below the target.",
    "settled": "It has come to rest after {updates} updates.",
    "plateau": "The test loss has not improved for {updates} updates.",
    "diverged": "The numbers broke at update {update}, first in {layer}. "
    "A smaller learning rate or gain, or gradient clipping, keeps them finite.",
    "no_fixed_point": "The loop does not settle (spectral radius {radius:.2f}, residual {residual:.1e}), "
    "so the implicit gradient has no meaning. Hold the spectral norm below 1, or use BPTT.",
    "stopped": "It was stopped.",
    "killed": "Its process was ended from outside (signal {signal}). Press Play to start it again.",
    "lost": "Its process has ended without a word. Press Play to start it again.",
    "silent": "Its process stood still for {seconds} seconds and was ended. Press Play to start it again.",
    "broken": "This server cannot train: {error}. Whoever hosts it can mend that; your experiment is kept in the link.",
    "out_of_memory": "It ran out of memory. A smaller network or fewer unroll steps need less.",
    "out_of_time": "It used up its {seconds} seconds. Fewer updates, or a smaller network, end sooner.",
    "failed": "It ended with an error: {error}",
}
# Those of a run that was not allowed to come to its end: what it had measured by then is no result.
BROKEN_OFF = ("stopped", "killed", "lost", "silent", "broken", "out_of_memory", "out_of_time", "failed")


@dataclass(frozen=True, slots=True)
class Ended:
    """Why a run is over: a word from ENDINGS and the values its sentence names."""

    word: str
    values: Mapping[str, Filling] = field(default_factory=dict)

    @property
    def well(self) -> bool:
        """Did it end as it was meant to, with a network to look into?"""
        return self.word in ("finished", "converged", "settled", "plateau")

    @property
    def facts(self) -> dict[str, object]:
        """As a frame carries it."""
        return {"word": self.word, "values": dict(self.values)}

    @property
    def sentence(self) -> Sentence:
        return Sentence(ENDINGS[self.word], self.values)

    def __str__(self) -> str:
        return f"{self.word}: {self.sentence}"


def finished(updates: int, of: int) -> Ended | None:
    """The ending of a program that has done all it set out to do; None before that."""
    return Ended("finished", {"updates": updates}) if updates == of else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What the status line of a view says of a program, in any frame. What is None is not said."""

    update: int | None = None
    epoch: float | None = None
    device: str | None = None
    engine: str | None = None  # what makes its updates: choices.ENGINES
    test_loss: float | None = None
    metrics: Mapping[str, float] | None = None  # the one that a run is judged by, under its name
    place: int | None = None  # of a walk, from 1 to `places`
    places: int | None = None
    share: float | None = None  # of the program's work that is done, 0 to 1; the time left is estimated from it
    ended: Ended | None = None
    done: Ended | None = None  # why a run is over whose program goes on answering its reader
    idle: bool = False  # it has come to rest, and waits for its reader
    known: bool = False  # what a question asks of it is decided, though it may go on
    # dials that the program moves by itself: where it has heard that its reader put them, and where they stand now
    dials: Mapping[str, tuple[float | None, float]] | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a program tells besides, in every frame: a class of its own, its fields under the names that a page reads.

    A page reads them by a path: a prediction's measurement, or the cell of a table.
    """


def facts(status: Status, told: Told | None = None) -> dict[str, object]:
    """Both as a frame carries them."""
    said = {name: value for name, value in asdict(status).items() if value is not None}
    return said | (asdict(told) if told else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaze:
    """Where one looks: which unroll step, and which neuron closely."""

    t: int = 0  # from 1 to T; 0 is the last, which gives the answer
    layer: int = -1  # 0 has the inputs
    neuron: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Numbers of one moment. T unroll steps, r the size of what returns, G and g the sides of the grids.

    What depends on the step is measured at `gaze.t`: the boundary of points, and the neurons.
    """

    experiment: Experiment
    device: str
    engine: str
    update: int
    epoch: float
    train_loss: float  # over all training examples, without penalties
    test_loss: float
    metrics: Mapping[str, float]  # accuracy and train_accuracy, or r2 and train_r2
    gradient_norms: Mapping[str, float]  # ‖∂L/∂W‖ by layer, "feedback" the last: of the newest batch
    step_gradient_norms: Array  # (T,) ‖∂L/∂s_t‖, t = 0 .. T−1: how much the loss hears of the state step t begins with
    residuals: Array  # (T,) mean ‖s_t − s_{t−1}‖
    spectral_radius: float  # of ∂s_T/∂s_{T−1}, the median over some examples; NaN without a loop
    gaze: Gaze
    boundary: Array  # (G, G) uint8, rows from below: what step t says of each place (see tasks/kinds.py); or (S, T)
    neurons: tuple[Array, ...]  # by layer, inputs first: (width, g, g) uint8 over the plane; g = 1: a test sequence
    closely: Array  # the neuron of `gaze` as finely as the boundary, uint8: over the plane, or at each step
    weights: tuple[Array, ...]  # by layer: (out, in) float32
    weight_gradients: tuple[Array, ...]  # ∂L/∂W, as the weights: of the newest batch; NaN before the first update
    biases: tuple[Array, ...]  # by layer: (out,)
    history: tuple[Row, ...]  # the run at the updates of `history.schedule`, and now: the same, however it is watched
    back: Array  # B, (where it enters, where it leaves); (0, 0) without a loop
    ended: Ended | None = None

    @property
    def status(self) -> Status:
        """What the status line says of it."""
        score = self.experiment.task.kind.score
        return Status(
            update=self.update,
            epoch=round(self.epoch, 2),
            device=self.device,
            engine=self.engine,
            test_loss=self.test_loss,
            metrics={score: self.metrics[score]},
            share=self.update / self.experiment.training.updates,
            ended=self.ended,
        )
