"""The rows of a walk: a quantity, its formula in letters, the formula in numbers, and its value.

δq stands for ∂L/∂q; (t) is the unroll step, a raised figure the layer, lowered ones the neuron it leads to and the one
it comes from. What stands in numbers can be worked out by hand: it gives the value, or the gradient, of its row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from fbviz.chapters.seven_steps.tape import Index, Tape
from fbviz.learning.networks import FeedbackNetwork

Network = FeedbackNetwork

ERRORS = {  # ℓ of one output u whose target is y
    "cross_entropy": "log(1 + exp(−{y}·{u}))",
    "mean_squared": "({u} − {y})²/2",
    "huber": "({u} − {y})²/2",
    "hinge": "max(0, 1 − {y}·{u})",
}
FAR = {"huber": "|{u} − {y}| − 1/2"}  # where u is more than 1 from y
DRAWN = {  # how the weights of n inputs and m outputs are drawn
    "default": "g·U(±1/√{n})",
    "xavier": "g·U(±√(6/({n}+{m})))",
    "he": "g·N(0, 2/{n})",
    "orthogonal": "g·Q, QᵀQ = I",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One number. With `slope`, the gradient of `name`[`index`] stands beside it, and a central difference."""

    quantity: str
    formula: str
    numbers: str
    value: float
    name: str = ""
    index: Index = ()
    slope: bool = False


# Writing.


def sub(*digits: int) -> str:
    return "".join("₀₁₂₃₄₅₆₇₈₉"[d] for digit in digits for d in map(int, str(digit)))


def sup(digit: int) -> str:
    return "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]


def said(value: float | Tensor) -> str:
    """A number in four digits, negative ones in brackets."""
    text = f"{float(value) + 0.0:.4g}"  # no −0
    return f"(−{text[1:]})" if text.startswith("-") else text


def call(function: str, value: float | Tensor) -> str:
    """A function of a number."""
    text = said(value)
    return f"{function}{text}" if text.startswith("(") else f"{function}({text})"


def total(terms: Iterable[str]) -> str:
    return " + ".join(terms) or "0"


def weight(layer: int, j: int, i: int) -> str:
    return f"B{sub(j + 1, i + 1)}" if layer < 0 else f"W{sup(layer)}{sub(j + 1, i + 1)}"


def bias(layer: int, j: int) -> str:
    return f"b{sup(layer)}{sub(j + 1)}"


def unit(letter: str, j: int, t: int, layer: int = 0) -> str:
    return f"{letter}{sup(layer) if layer else ''}{sub(j + 1)}({t})"


# What a layer hears and says: (the letter, the layer shown with it, the numbers).


def heard(tape: Tape, layer: int, t: int) -> tuple[str, int, Tensor]:
    if layer > 1:
        return "h", layer - 1, tape.values[f"h{layer - 1}@{t}"]
    if tape.network.back and tape.network.kind.target == 0:
        return "e", 0, tape.values[f"e@{t}"]
    return "x", 0, tape.x[t - 1]


def summed(tape: Tape, layer: int, t: int) -> tuple[str, int, Tensor]:
    """The weighted sums of a layer: z, or u of the last."""
    if layer == len(tape.network.layers):
        return "u", 0, tape.values[f"u@{t}"]
    return "z", layer, tape.values[f"z{layer}@{t}"]


def named(tape: Tape, layer: int, t: int) -> str:
    """What the tape calls them."""
    return f"u@{t}" if layer == len(tape.network.layers) else f"z{layer}@{t}"


def leaves(tape: Tape, layer: int) -> bool:
    """Does the loop leave after this layer?"""
    last = len(tape.network.layers)
    return bool(tape.network.back) and layer == (last if tape.network.kind.source == -1 else last - 1)


def steepness(tape: Tape, z: Tensor) -> Tensor:
    """f′(z)."""
    z = z.detach().clone().requires_grad_()
    return torch.autograd.grad(tape.network.act(z, torch).sum(), z)[0]


# 1 and 2: what there is, and where it begins.


def shapes(tape: Tape) -> list[Row]:
    rows = []
    for name, value in tape.parameters.items():
        letter = name if name == "B" else f"{name[0]}{sup(int(name[1]))}"
        sides = " · ".join(str(side) for side in value.shape)
        rows.append(Row(letter, " × ".join(str(side) for side in value.shape), sides, value.numel()))
    counts = [value.numel() for value in tape.parameters.values()]
    return [*rows, Row("θ", total(row.quantity for row in rows), total(map(str, counts)), sum(counts))]


def first(tape: Tape, layer: int) -> list[Row]:
    n, m = matrix(tape, layer).shape[1], matrix(tape, layer).shape[0]
    drawn = DRAWN.get(tape.experiment.network.init, "").format(n=n, m=m)
    return [
        Row(symbol, drawn if name[0] != "b" else f"U(±1/√{n})", "", tape.values[name][index].item())
        for symbol, name, index in entries(tape, layer)
    ]


def matrix(tape: Tape, layer: int) -> Tensor:
    return tape.values["B" if layer < 0 else f"W{layer}"]


def entries(tape: Tape, layer: int) -> list[tuple[str, str, Index]]:
    """(symbol, name, index) of every weight and bias of a layer."""
    m, n = matrix(tape, layer).shape
    weights = [(weight(layer, j, i), "B" if layer < 0 else f"W{layer}", (j, i)) for j in range(m) for i in range(n)]
    return weights + ([] if layer < 0 else [(bias(layer, j), f"b{layer}", (j,)) for j in range(m)])


# 3: forward.


def forward(tape: Tape, layer: int, t: int) -> list[Row]:
    return returned(tape, t) if layer < 0 else layer_rows(tape, layer, t)


def returned(tape: Tape, t: int) -> list[Row]:
    """r(t) = α B s(t−1), and, where it is added to the input, e(t) = x(t) + r(t)."""
    B, s, gain = tape.values["B"], tape.values[f"s@{t - 1}"], tape.experiment.feedback.gain
    rows = []
    for j, r in enumerate(tape.values[f"r@{t}"]):
        letters = total(f"{weight(-1, j, i)}·{unit('s', i, t - 1)}" for i in range(len(s)))
        numbers = total(f"{said(B[j, i])}·{said(s[i])}" for i in range(len(s)))
        rows.append(Row(unit("r", j, t), f"α·({letters})", f"{said(gain)}·({numbers})", r.item()))
    if f"e@{t}" in tape.values:
        for j, e in enumerate(tape.values[f"e@{t}"]):
            x, r = tape.x[t - 1][j], tape.values[f"r@{t}"][j]
            letters = f"{unit('x', j, t)} + {unit('r', j, t)}"
            rows.append(Row(unit("e", j, t), letters, f"{said(x)} + {said(r)}", e.item()))
    return rows


def layer_rows(tape: Tape, layer: int, t: int) -> list[Row]:
    """The sums of a layer, then its activities; after the layer where the loop leaves, the state."""
    letter, level, inputs = heard(tape, layer, t)
    W, b = tape.values[f"W{layer}"], tape.values[f"b{layer}"]
    z_letter, z_level, sums = summed(tape, layer, t)
    enters = tape.network.back is not None and tape.network.kind.target == layer
    act = tape.experiment.network.activation
    rows = []
    for j, z in enumerate(sums):
        letters = [f"{weight(layer, j, i)}·{unit(letter, i, t, level)}" for i in range(len(inputs))] + [bias(layer, j)]
        numbers = [f"{said(W[j, i])}·{said(inputs[i])}" for i in range(len(inputs))] + [said(b[j])]
        if enters:
            letters.append(unit("r", j, t))
            numbers.append(said(tape.values[f"r@{t}"][j]))
        rows.append(Row(unit(z_letter, j, t, z_level), total(letters), total(numbers), z.item()))
    if z_letter == "z":
        for j, h in enumerate(tape.values[f"h{layer}@{t}"]):
            letters_h = f"{act}({unit('z', j, t, layer)})"
            rows.append(Row(unit("h", j, t, layer), letters_h, call(act, sums[j]), h.item()))
    return rows + (state_rows(tape, layer, t) if leaves(tape, layer) else [])


def state_rows(tape: Tape, layer: int, t: int) -> list[Row]:
    """s(t) = (1 − λ) s(t−1) + λ times what leaves: tanh u, or h."""
    damping, out = tape.experiment.feedback.damping, tape.network.kind.source == -1
    leaving = tape.values[f"u@{t}" if out else f"h{layer}@{t}"]
    rows = []
    for j, s in enumerate(tape.values[f"s@{t}"]):
        letters = f"tanh({unit('u', j, t)})" if out else unit("h", j, t, layer)
        numbers = call("tanh", leaving[j]) if out else said(leaving[j])
        if damping != 1:
            letters = f"(1 − λ)·{unit('s', j, t - 1)} + λ·{letters}"
            numbers = f"(1 − {damping:g})·{said(tape.values[f's@{t - 1}'][j])} + {damping:g}·{numbers}"
        rows.append(Row(unit("s", j, t), letters, numbers, s.item()))
    return rows


# 4: the loss.


def loss(tape: Tape) -> list[Row]:
    """ℓ of each step that counts, and their mean."""
    kind, T = tape.experiment.loss.loss, len(tape.x)
    rows = []
    for t in counted(tape):
        u, y = tape.values[f"u@{t}"][: tape.network.read], tape.y[t - 1]
        if len(u) == 1:
            known = FAR if kind in FAR and abs(u[0] - y[0]) > 1 else ERRORS
            formula = known.get(kind, "ℓ({u}, {y})")
            letters, numbers = formula.format(u="u₁", y="y"), formula.format(u=said(u[0]), y=said(y[0]))
        else:
            letters, numbers = "ℓ(u, y)", f"ℓ(({', '.join(map(said, u))}), ({', '.join(map(said, y))}))"
        rows.append(Row(f"ℓ({t})", letters, numbers, tape.values[f"l@{t}"].item()))
    n = len(rows)
    letters = total(row.quantity for row in rows)
    numbers_l = total(said(row.value) for row in rows)
    mean = (f"({letters})/{n}", f"({numbers_l})/{n}") if n > 1 else (f"ℓ({T})", numbers_l)
    return [*rows, Row("L", *mean, tape.values["L"].item())]


def counted(tape: Tape) -> list[int]:
    """The steps whose loss counts."""
    T = len(tape.x)
    every = tape.experiment.task.kind.sequence or tape.experiment.loss.loss_steps == "all_steps"
    return list(range(1, T + 1)) if every else [T]


# 5: backward.


def backward(tape: Tape, layer: int, t: int) -> list[Row]:
    if layer < 0:
        return backward_loop(tape, t)
    rows = backward_output(tape, t) if layer == len(tape.network.layers) else backward_hidden(tape, layer, t)
    letter, level, inputs = heard(tape, layer, t)
    z_letter, z_level, sums = summed(tape, layer, t)
    δ = tape.gradients[named(tape, layer, t)]
    for j in range(len(sums)):
        up = "δ" + unit(z_letter, j, t, z_level)
        for i, h in enumerate(inputs):
            formula, numbers = f"{up}·{unit(letter, i, t, level)}", f"{said(δ[j])}·{said(h)}"
            rows.append(slope(tape, f"{weight(layer, j, i)}({t})", formula, numbers, f"W{layer}@{t}", (j, i)))
        rows.append(slope(tape, f"{bias(layer, j)}({t})", up, said(δ[j]), f"b{layer}@{t}", (j,)))
    return rows


def slope(tape: Tape, symbol: str, formula: str, numbers: str, name: str, index: Index) -> Row:
    """The row of a gradient: δ of a number, and the number itself as its value."""
    return Row(f"δ{symbol}", formula, numbers, tape.values[name][index].item(), name, index, True)


def backward_output(tape: Tape, t: int) -> list[Row]:
    """δu: from the loss of this step, and, where the output returns, from the state it makes."""
    u, out = tape.values[f"u@{t}"], leaves(tape, len(tape.network.layers))
    steps = counted(tape)
    wrong = tape.wrong[t]
    rows = []
    for j in range(len(u)):
        letters, numbers = [], []
        if t in steps and j < tape.network.read:
            letters.append(f"∂ℓ({t})/∂{unit('u', j, t)}/{len(steps)}")
            numbers.append(f"{said(wrong[j])}/{len(steps)}")
        if out and t < len(tape.x):
            more = through_state(tape, j, t, f"(1 − tanh({unit('u', j, t)})²)", f"(1 − {call('tanh', u[j])}²)")
            letters.append(more[0])
            numbers.append(more[1])
        rows.append(slope(tape, unit("u", j, t), total(letters), total(numbers), f"u@{t}", (j,)))
    return rows


def through_state(tape: Tape, j: int, t: int, letters: str = "", numbers: str = "") -> tuple[str, str]:
    """λ · (a slope) · δs(t)."""
    damping, δ = tape.experiment.feedback.damping, tape.gradients[f"s@{t}"][j]
    by = [(letters, numbers)] if letters else []
    by += [("λ", f"{damping:g}")] if damping != 1 else []
    by.append((f"δ{unit('s', j, t)}", said(δ)))
    return "·".join(a for a, _ in by), "·".join(b for _, b in by)


def backward_hidden(tape: Tape, layer: int, t: int) -> list[Row]:
    """δh: through the layer above, and the state where it leaves; δz = f′(z) δh."""
    W, above = tape.values[f"W{layer + 1}"], tape.gradients[named(tape, layer + 1, t)]
    letter, level, _ = summed(tape, layer + 1, t)
    h, z, δh = tape.values[f"h{layer}@{t}"], tape.values[f"z{layer}@{t}"], tape.gradients[f"h{layer}@{t}"]
    steep = steepness(tape, z)
    rows = []
    for j in range(len(h)):
        letters = [f"{weight(layer + 1, i, j)}·δ{unit(letter, i, t, level)}" for i in range(len(above))]
        numbers = [f"{said(W[i, j])}·{said(above[i])}" for i in range(len(above))]
        if leaves(tape, layer) and t < len(tape.x):
            more = through_state(tape, j, t)
            letters.append(more[0])
            numbers.append(more[1])
        rows.append(slope(tape, unit("h", j, t, layer), total(letters), total(numbers), f"h{layer}@{t}", (j,)))
    for j in range(len(h)):
        symbol = unit("z", j, t, layer)
        formula, in_numbers = f"f′({symbol})·δ{unit('h', j, t, layer)}", f"{said(steep[j])}·{said(δh[j])}"
        rows.append(slope(tape, symbol, formula, in_numbers, f"z{layer}@{t}", (j,)))
    return rows


def backward_loop(tape: Tape, t: int) -> list[Row]:
    """δr where the loop enters, the share of step t in δB, and δs of the state that step t began with."""
    target, gain, damping = tape.network.kind.target, tape.experiment.feedback.gain, tape.experiment.feedback.damping
    B, s, δr = tape.values["B"], tape.values[f"s@{t - 1}"], tape.gradients[f"r@{t}"]
    enter = target or 1
    letter, level, _ = summed(tape, enter, t)
    δ, W = tape.gradients[named(tape, enter, t)], tape.values[f"W{enter}"]
    rows = []
    for j in range(len(δr)):
        if target == 0:
            letters = total(f"{weight(1, i, j)}·δ{unit(letter, i, t, level)}" for i in range(len(δ)))
            numbers = total(f"{said(W[i, j])}·{said(δ[i])}" for i in range(len(δ)))
        else:
            letters, numbers = f"δ{unit(letter, j, t, level)}", said(δ[j])
        rows.append(slope(tape, unit("r", j, t), letters, numbers, f"r@{t}", (j,)))
    for j in range(len(δr)):
        for i in range(len(s)):
            formula, in_numbers = (
                f"α·δ{unit('r', j, t)}·{unit('s', i, t - 1)}",
                f"{said(gain)}·{said(δr[j])}·{said(s[i])}",
            )
            rows.append(slope(tape, f"{weight(-1, j, i)}({t})", formula, in_numbers, f"B@{t}", (j, i)))
    for i in range(len(s)):
        inner = total(f"{weight(-1, j, i)}·δ{unit('r', j, t)}" for j in range(len(δr)))
        in_numbers = total(f"{said(B[j, i])}·{said(δr[j])}" for j in range(len(δr)))
        letters, numbers = f"α·({inner})", f"{said(gain)}·({in_numbers})"
        if damping != 1 and t < len(tape.x):
            letters += f" + (1 − λ)·δ{unit('s', i, t)}"
            numbers += f" + (1 − {damping:g})·{said(tape.gradients[f's@{t}'][i])}"
        rows.append(slope(tape, unit("s", i, t - 1), letters, numbers, f"s@{t - 1}", (i,)))
    return rows


def whole_gradient(tape: Tape, layer: int) -> list[Row]:
    """δ of each weight and bias: the shares of all steps together."""
    T = len(tape.x)
    rows = []
    for symbol, name, index in entries(tape, layer):
        letters = total(f"δ{symbol}({t})" for t in range(1, T + 1))
        numbers = total(said(tape.gradients[f"{name}@{t}"][index]) for t in range(1, T + 1))
        rows.append(slope(tape, symbol, letters, numbers, name, index))
    return rows


# 6 and 7: the step, and what it was good for.


def update(tape: Tape, after: Tape, layer: int) -> list[Row]:
    """Each weight and bias after the optimizer's step; for plain SGD in numbers too."""
    sgd, rate = tape.experiment.training.optimizer == "sgd", tape.experiment.training.learning_rate
    rows = []
    for symbol, name, index in entries(tape, layer):
        old, g = tape.values[name][index], tape.gradients[name][index]
        moved = after.values[name][index].item()
        formula = f"{symbol} − η·δ{symbol}" if sgd else f"{symbol} + Δ{symbol}"
        numbers = f"{said(old)} − {rate:g}·{said(g)}" if sgd else f"{said(old)} + {said(moved - old.item())}"
        rows.append(Row(f"{symbol} ←", formula, numbers, moved, name, index, True))
    return rows


def evaluated(tape: Tape, after: Tape, *scores: float) -> list[Row]:
    """Loss and answer before and after, what the slope foretold, and the score on the test set before and after."""
    T = len(tape.x)
    steps = [(after.values[name] - tape.values[name]) * tape.gradients[name] for name in tape.parameters]
    foretold = sum(float(step.sum()) for step in steps)
    old, new = tape.values["L"].item(), after.values["L"].item()
    rows = [
        Row(unit("u", 0, T), "θ", "", tape.values[f"u@{T}"][0].item()),
        Row(unit("u", 0, T), "θ ← θ + Δθ", "", after.values[f"u@{T}"][0].item()),
        Row("L", "θ", "", old),
        Row("L", "θ ← θ + Δθ", "", new),
        Row("ΔL", "L(θ + Δθ) − L(θ)", f"{said(new)} − {said(old)}", new - old),
        Row("ΔL", "≈ Σ δθ·Δθ", "", foretold),
    ]
    name = tape.experiment.task.kind.score
    return [*rows, *(Row(name, formula, "", s) for formula, s in zip(("θ", "θ ← θ + Δθ"), scores, strict=True))]
