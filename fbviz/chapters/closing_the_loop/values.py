"""The rows of the table of sequences: each is an experiment that a link can open."""

from __future__ import annotations

from dataclasses import dataclass

from fbviz.experiment import Experiment

TWINS = ("plain", "loop")  # which differ in the feedback alone
TASKS = ("flip_flop", "parity", "delay")
SETTINGS: dict[str, object] = {  # with the first weights twice as large the spare output is found from every seed
    "hidden": (16,),
    "weight_scale": 2.0,
    "gain": 0.5,
    "learning_rate": 0.02,
    "batch": 20,
    "updates": 500,
}
SEEDS = 5  # first weights and orders of examples a row is trained from: 0 … SEEDS − 1
TRAINED, LONG = 8, 40  # elements of a sequence that a row is trained on, and that it is also tested on
LOOPS: dict[str, dict[str, object]] = {  # what returns, and the settings that say so
    "nothing": {"feedback": "output", "gain": 0.0},
    "answer": {"feedback": "output"},
    "spare": {"feedback": "output", "spare": 1},
    "hidden": {"feedback": "hidden"},
}


@dataclass(frozen=True, slots=True)
class Row:
    """A task and what of the network returns."""

    task: str
    loop: str  # a key of LOOPS

    @property
    def experiment(self) -> Experiment:
        """What the row trains; only the seed differs from run to run."""
        return Experiment().changed(**SETTINGS | {"task": self.task, "length": TRAINED} | LOOPS[self.loop])


ROWS = tuple(Row(task, loop) for task in TASKS for loop in LOOPS)
