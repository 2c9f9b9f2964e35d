"""What this chapter's programs and figures both go by, and what a reader can move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fbviz.choices import INITS
from fbviz.dials import Dials, dials, menu, slider
from fbviz.experiment import Experiment

GAINS = (0.5, 0.9, 1.0, 1.5, 2.0, 3.0)  # whose gradients are followed on their way back
LEAST, MOST = 6, 12  # hidden neurons of the loop that the other kinds are matched to: wider ones go past 64
WAYS = ("bptt", "truncated", "implicit")  # to a gradient, side by side
COMPARED = (1, 2, 4, 8, 16, 32, 64)  # unroll steps T over which they are
WHY = ("whole", "short", "at rest", "moves", "unstable", "sequence")  # why one is the gradient of a loss, or of none
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


def longest(experiment: Experiment) -> int:
    """The largest T over which gradients are compared: a sequence has no more steps than elements."""
    own = experiment.unroll_steps
    return own if experiment.task.kind.sequence else max(own, COMPARED[-1])


@dials("gains")
@dataclass(frozen=True, slots=True, kw_only=True)
class GainsDials(Dials):
    """What is set against a gradient that fades or grows; each by the name of a setting of the experiment."""

    clip: float = slider(0.0, 5.0, step=0.5, default=0.0, label="clip gradients at (0: never)", later=True)
    damping: float = slider(0.05, 1.0, step=0.05, default=1.0, label="damping λ (1: none)")
    jacobian_penalty: float = slider(0.0, 1.0, step=0.05, default=0.0, label="Jacobian penalty λ_J", later=True)
    init: str = menu(
        {name: INITS[name].label for name in ("default", "orthogonal")}, default="default", label="first weights"
    )


@dials("three_gradients")
@dataclass(frozen=True, slots=True, kw_only=True)
class ThreeGradientsDials(Dials):
    """The truncated one of the three."""

    k: int = slider(1, 64, default=1, label="truncated after k steps")
