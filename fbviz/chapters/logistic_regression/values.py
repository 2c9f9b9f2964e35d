"""What this chapter's programs and figures both go by, and what a reader can move."""

from __future__ import annotations

from dataclasses import dataclass

from fbviz.dials import Dials, dials, menu, slider

SIDE, LOW, HIGH = 61, -2.0, 3.0  # of the plane of weights over which the loss is drawn, both ways


@dials("surface")
@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceDials(Dials):
    """The training; each by the name of a setting of the experiment."""

    updates: int = slider(50, 5000, step=50, default=1000, label="updates", later=True)
    seed: int = slider(0, 49, default=0, label="seed")


@dials("derivation")
@dataclass(frozen=True, slots=True, kw_only=True)
class DerivationDials(Dials):
    """The place where the derivation is checked. At these bounds |z| ≤ 15, where 1 − y′ still has nine digits."""

    w1: float = slider(-1.0, 1.0, step=0.05, default=0.5, label="w₁")
    w2: float = slider(-1.0, 1.0, step=0.05, default=-0.5, label="w₂")
    b: float = slider(-5.0, 5.0, step=0.05, default=-0.35, label="b")
    x1: float = slider(-5.0, 5.0, step=0.5, default=1.0, label="x₁")
    x2: float = slider(-5.0, 5.0, step=0.5, default=2.0, label="x₂")
    y: int = menu({0: "0", 1: "1"}, default=1, label="label y")
