"""What this chapter's programs and figures both go by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fbviz.experiment import Experiment

GAINS = (0.5, 0.9, 1.0, 1.5, 2.0, 3.0)  # whose gradients are followed on their way back
LEAST, MOST = 6, 12  # hidden neurons of the loop that the other kinds are matched to: wider ones go past 64
WAYS = ("bptt", "truncated", "implicit")  # to a gradient, side by side
HELD = 0.9  # the norm a loop is held at

# The kinds of loop that are put side by side, and what makes each.
KINDS: Mapping[str, Mapping[str, Any]] = {
    "none": {"feedback": "none", "steps": 1, "gradient": "bptt"},
    "output": {"feedback": "output", "gradient": "bptt"},
    "hidden": {"feedback": "hidden", "gradient": "bptt"},
    "equilibrium": {"feedback": "hidden", "gradient": "implicit", "spectral_norm": HELD, "steps": 30},
}


def kinds(experiment: Experiment) -> list[str]:
    """Those that can serve a task: a sequence never comes to rest."""
    return [name for name in KINDS if name != "equilibrium" or not experiment.task.kind.sequence]
