"""Updates of a feedback network, compiled: one function for whatever a page can set, but the implicit gradient and the
Jacobian penalty. Letters are those of networks/feedback.py; what is computed is what update.Autograd computes.

How numbers lie in memory is told in plan.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numba.extending import register_jitable

from fbviz.choices import ACTIVATIONS, LOSSES, relu, sigmoid, softplus
from fbviz.learning.compiled.plan import ADAMW, EIGHT, LANES, MOMENTUM, RMSPROP, SGD, Array, Memory, Plan
from fbviz.learning.compiled.single import HOW, inline

Library = Any  # of arrays: single or double


# The loops over examples. An index without a sign is not looked at whether it counts from the end, which takes longer
# than the arithmetic.

at: Any = np.uintp


@inline
def add_product(out: Array, o: int, W: Array, h: Array, a: int, lo: int, hi: int) -> None:
    """out[o + i] += Σⱼ W[i, j] h[a + j], in the columns from lo to hi: two rows and four terms at once."""
    rows, inner = W.shape
    for i in range(0, rows - 1, 2):
        here, next_ = at(o + i), at(o + i + 1)
        j = 0
        while j + 4 <= inner:
            v0, v1, v2, v3 = W[i, j], W[i, j + 1], W[i, j + 2], W[i, j + 3]
            w0, w1, w2, w3 = W[i + 1, j], W[i + 1, j + 1], W[i + 1, j + 2], W[i + 1, j + 3]
            j0, j1, j2, j3 = at(a + j), at(a + j + 1), at(a + j + 2), at(a + j + 3)
            for c in range(at(lo), at(hi)):
                h0, h1, h2, h3 = h[j0, c], h[j1, c], h[j2, c], h[j3, c]
                out[here, c] += v0 * h0 + v1 * h1 + v2 * h2 + v3 * h3
                out[next_, c] += w0 * h0 + w1 * h1 + w2 * h2 + w3 * h3
            j += 4
        while j < inner:
            add_row(out, here, W[i, j], h, at(a + j), lo, hi)
            add_row(out, next_, W[i + 1, j], h, at(a + j), lo, hi)
            j += 1
    if rows % 2:
        for j in range(inner):
            add_row(out, at(o + rows - 1), W[rows - 1, j], h, at(a + j), lo, hi)


@inline
def add_row(out: Array, here: int, w: Any, h: Array, there: int, lo: int, hi: int) -> None:
    """out[here] += w · h[there], in the columns from lo to hi."""
    for c in range(at(lo), at(hi)):
        out[here, c] += w * h[there, c]


@inline
def add_outer(W: Array, times: Any, g: Array, o: int, h: Array, a: int, lo: int, hi: int) -> None:
    """W[i, j] += times · Σ g[o + i] h[a + j], over the columns from lo to hi: four sums at once."""
    rows, inner = W.shape
    zero = g.dtype.type(0)
    for i in range(rows):
        here, j = at(o + i), 0
        while j + 4 <= inner:
            s0, s1, s2, s3 = zero, zero, zero, zero
            j0, j1, j2, j3 = at(a + j), at(a + j + 1), at(a + j + 2), at(a + j + 3)
            for c in range(at(lo), at(hi)):
                d = g[here, c]
                s0 += d * h[j0, c]
                s1 += d * h[j1, c]
                s2 += d * h[j2, c]
                s3 += d * h[j3, c]
            W[i, j] += times * s0
            W[i, j + 1] += times * s1
            W[i, j + 2] += times * s2
            W[i, j + 3] += times * s3
            j += 4
        while j < inner:
            s0, j0 = zero, at(a + j)
            for c in range(at(lo), at(hi)):
                s0 += g[here, c] * h[j0, c]
            W[i, j] += times * s0
            j += 1


def activate_by(entries: Sequence[Any], place: int = 0) -> Callable[..., None]:
    """activate(kind, z, slopes, xp): z becomes f(z), for the activation at the place `kind` of the table."""
    if not entries:
        return inline(lambda kind, z, slopes, xp: None)
    f, slope, other = inline(entries[0].f), inline(entries[0].slope), activate_by(entries[1:], place + 1)

    def activate(kind: int, z: Array, slopes: Array, xp: Library) -> None:
        if kind == place:
            for i in range(len(z)):
                a = f(z[i], xp)
                slopes[i] = slope(z[i], a, xp)
                z[i] = a
        else:
            other(kind, z, slopes, xp)

    return inline(activate)


def ask_by(entries: Sequence[Any], place: int = 0) -> Callable[..., float]:
    """ask(kind, u, y, deltas, share, xp): the sum of the losses; each slope times `share`. For the loss at `kind`."""
    if not entries:
        return inline(lambda kind, u, y, deltas, share, xp: 0.0)
    f, slope, other = inline(entries[0].f), inline(entries[0].slope), ask_by(entries[1:], place + 1)

    def ask(kind: int, u: Array, y: Array, deltas: Array, share: float, xp: Library) -> float:
        if kind != place:
            return other(kind, u, y, deltas, share, xp)
        total = 0.0
        for i in range(len(u)):
            total += f(u[i], y[i], xp)
            deltas[i] = share * slope(u[i], y[i], xp)
        return total

    return inline(ask)


for formula in (relu, sigmoid, softplus):  # that others are made of
    register_jitable(**HOW)(formula)
activate = activate_by([*ACTIVATIONS.values()])
ask = ask_by([*LOSSES.values()])


@inline
def ask_jointly(u: Array, y: Array, deltas: Array, o: int, lo: int, live: int, share: float) -> float:
    """The same for softmax and cross-entropy, of the k = len(y) rows from o on, in `live` columns from lo on."""
    total = 0.0
    for i in range(live):
        top = u[o, lo + i]
        for j in range(1, len(y)):
            top = max(top, u[o + j, lo + i])
        mass = 0.0
        for j in range(len(y)):
            mass += math.exp(u[o + j, lo + i] - top)
        for j in range(len(y)):
            right = y[j, i] > 0
            total -= right * (u[o + j, lo + i] - top - math.log(mass))
            deltas[o + j, lo + i] = share * (math.exp(u[o + j, lo + i] - top) / mass - right)
    return total


# A look at some examples, forward and backward.


@inline
def W_of(plan: Plan, vector: Array, layer: int) -> Array:  # noqa: N802
    """W of a layer, (out, in), in θ or in its gradient."""
    begin, rows, columns = plan.weights[layer], plan.sizes[layer], plan.sizes[layer - 1]
    return vector[begin : begin + rows * columns].reshape(rows, columns)


@inline
def B_of(plan: Plan, vector: Array) -> Array:  # noqa: N802
    """B, (m, r), in θ or in its gradient."""
    begin, rows = plan.weights[-2], plan.sizes[plan.target]
    return vector[begin : begin + rows * plan.returning].reshape(rows, plan.returning)


@inline
def width(live: int) -> int:
    """Columns of a step with so many examples."""
    return (live + EIGHT - 1) // EIGHT * EIGHT


@inline
def hear(plan: Plan, memory: Memory, x: Array, picked: Array) -> None:
    """The inputs of the picked examples, at every step. x: (T or 1, n, N)."""
    live, wide = len(picked), width(len(picked))
    for t in range(plan.steps):
        for j in range(plan.sizes[0]):
            row, heard = memory.activity[j], x[min(t, len(x) - 1), j]
            for i in range(wide):
                row[t * wide + i] = heard[picked[min(i, live - 1)]]


@inline
def forward(plan: Plan, memory: Memory, wide: int, xp: Library) -> None:
    """All steps of the loop, from s₀ = 0; without a loop all at once."""
    h, s, last = memory.activity, memory.states, len(plan.sizes) - 1
    block = wide if plan.returning else wide * plan.steps
    if plan.returning:
        memory.gained[:] = plan.gain * B_of(plan, memory.theta)
    s[:, :wide] = 0
    for lo in range(0, wide * plan.steps, block):
        hi = lo + block
        if plan.returning and plan.target == 0:
            add_product(h, 0, memory.gained, s, 0, lo, hi)
        for layer in range(1, last + 1):
            row = plan.rows[layer]
            for i in range(plan.sizes[layer]):
                h[row + i, lo:hi] = memory.theta[plan.biases[layer] + i]
            add_product(h, row, W_of(plan, memory.theta, layer), h, plan.rows[layer - 1], lo, hi)
            if plan.returning and plan.target == layer:
                add_product(h, row, memory.gained, s, 0, lo, hi)
            if layer < last:
                for i in range(row, row + plan.sizes[layer]):
                    activate(plan.activation, h[i, lo:hi], memory.slopes[i, lo:hi], xp)
        leave(plan, memory, lo, hi, xp)


@inline
def leave(plan: Plan, memory: Memory, lo: int, hi: int, xp: Library) -> None:
    """s after the step of the columns from lo to hi."""
    s, wide, out = memory.states, hi - lo, plan.source == len(plan.sizes) - 1
    for i in range(plan.returning):
        row = plan.rows[plan.source] + i
        for c in range(at(lo), at(hi)):
            leaving = xp.tanh(memory.activity[row, c]) if out else memory.activity[row, c]
            if out:
                memory.leaving[i, c] = leaving
            if plan.damping != 1:
                leaving = s[i, c] + plan.damping * (leaving - s[i, c])
            s[i, c + at(wide)] = leaving


@inline
def losses(plan: Plan, memory: Memory, y: Array, picked: Array, share: float, xp: Library) -> float:
    """The sum of the losses of the picked examples, and ∂L/∂u in `deltas`, that of a loss being `share`."""
    live, wide, out = len(picked), width(len(picked)), plan.rows[-1]
    memory.deltas[out : out + plan.sizes[-1], : wide * plan.steps] = 0
    total = 0.0
    for t in range(plan.asked, plan.steps):
        lo, hi = t * wide, t * wide + live
        for j in range(plan.read):
            for i in range(live):
                memory.targets[j, i] = y[min(t, len(y) - 1), j, picked[i]]
        if plan.joint:
            total += ask_jointly(memory.activity, memory.targets, memory.deltas, out, lo, live, share)
        else:
            for j in range(plan.read):
                u, deltas = memory.activity[out + j, lo:hi], memory.deltas[out + j, lo:hi]
                total += ask(plan.loss, u, memory.targets[j, :live], deltas, share / plan.read, xp) / plan.read
    return total


@inline
def backward(plan: Plan, memory: Memory, wide: int) -> None:
    """Add ∂L/∂θ of the examples: BPTT (Werbos 1990), through `plan.back` steps (Williams and Peng 1990)."""
    end = plan.steps * wide
    begin = max(0, plan.steps - plan.back) * wide if plan.asked else 0  # before that nothing is asked
    block = wide if plan.returning else end - begin
    memory.pulls[:, end : end + wide] = 0
    for lo in range(end - block, begin - 1, -block):
        turn_back(plan, memory, lo, lo + block)
    gather(plan, memory, begin, end)


@inline
def turn_back(plan: Plan, memory: Memory, lo: int, hi: int) -> None:
    """From ∂L/∂u and ∂L/∂s after a step to all deltas of it, and ∂L/∂s before it."""
    last, wide, g, pulls = len(plan.sizes) - 1, hi - lo, memory.deltas, memory.pulls
    if plan.returning and plan.source == last:
        for i in range(plan.returning):
            for c in range(at(lo), at(hi)):
                slope = 1 - memory.leaving[i, c] * memory.leaving[i, c]
                g[plan.rows[last] + i, c] += plan.damping * pulls[i, c + at(wide)] * slope
    for layer in range(last, 0, -1):
        if layer > 1 or (plan.returning and plan.target == 0):
            below = plan.rows[layer - 1]
            for i in range(plan.sizes[layer - 1]):
                g[below + i, lo:hi] = 0
            add_product(g, below, W_of(plan, memory.theta, layer).T, g, plan.rows[layer], lo, hi)
            if plan.returning and plan.source == layer - 1:
                for i in range(plan.returning):
                    for c in range(at(lo), at(hi)):
                        g[below + i, c] += plan.damping * pulls[i, c + at(wide)]
            if layer > 1:
                for i in range(below, below + plan.sizes[layer - 1]):
                    for c in range(at(lo), at(hi)):
                        g[i, c] *= memory.slopes[i, c]
    if plan.returning:
        cut = (plan.steps - lo // wide) % plan.back == 0
        for i in range(plan.returning):
            for c in range(at(lo), at(hi)):
                pulls[i, c] = 0 if cut else (1 - plan.damping) * pulls[i, c + at(wide)]
        if not cut:
            add_product(pulls, 0, memory.gained.T, g, plan.rows[plan.target], lo, hi)


@inline
def gather(plan: Plan, memory: Memory, begin: int, end: int) -> None:
    """Add ∂L/∂θ, from the deltas in the columns from begin to end."""
    one = memory.theta.dtype.type(1)
    for layer in range(1, len(plan.sizes)):
        row, W = plan.rows[layer], W_of(plan, memory.gradient, layer)
        add_outer(W, one, memory.deltas, row, memory.activity, plan.rows[layer - 1], begin, end)
        for i in range(plan.sizes[layer]):
            memory.gradient[plan.biases[layer] + i] += memory.deltas[row + i, begin:end].sum()
    if plan.returning:
        B = B_of(plan, memory.gradient)
        add_outer(B, plan.gain, memory.deltas, plan.rows[plan.target], memory.states, 0, begin, end)


# An update.


@inline
def differentiate(plan: Plan, memory: Memory, x: Array, y: Array, batch: Array, xp: Library) -> float:
    """The objective of a batch, and its gradient."""
    memory.gradient[:] = 0
    share = 1 / (len(batch) * (plan.steps - plan.asked))
    total = 0.0
    for first in range(0, len(batch), LANES):
        picked = batch[first : first + LANES]
        wide = width(len(picked))
        hear(plan, memory, x, picked)
        forward(plan, memory, wide, xp)
        total += share * losses(plan, memory, y, picked, share, xp)
        backward(plan, memory, wide)
    objective: float = memory.theta.dtype.type(total + penalise(plan, memory))  # past the largest number it is ∞
    return objective


@inline
def penalise(plan: Plan, memory: Memory) -> float:
    """λ₁ Σ|w| + λ₂/2 Σw² over all W and B; their slopes are added to the gradient."""
    total = 0.0
    if plan.l1 or plan.l2:
        for i in range(plan.weights[-1]):
            w = memory.theta[i]
            total += plan.l1 * abs(w) + plan.l2 / 2 * w * w
            memory.gradient[i] += plan.l1 * np.sign(w) + plan.l2 * w
    return total


@inline
def cut(plan: Plan, memory: Memory) -> bool:
    """Cut the gradient to the length `plan.clip`. False, and no cut, where it is not finite."""
    g = memory.gradient
    length = math.sqrt((g * g).sum())
    if not math.isfinite(length) and not np.isfinite(g).all():
        return False
    g *= min(1.0, plan.clip / (length + 1e-6))
    return True


@inline
def step(plan: Plan, memory: Memory, made: int) -> None:
    """The optimizer's step number `made`, by the formulas and with the constants of PyTorch's."""
    theta, g, m, v = memory.theta, memory.gradient, memory.first, memory.second
    name, rate = plan.optimizer, plan.rate
    grown, seen = 1 - 0.9**made, math.sqrt(1 - 0.999**made)
    for i in range(len(theta)):
        if name == SGD:
            theta[i] -= rate * g[i]
        elif name == MOMENTUM:
            m[i] = 0.9 * m[i] + g[i]
            theta[i] -= rate * m[i]
        elif name == RMSPROP:
            v[i] = 0.99 * v[i] + 0.01 * g[i] * g[i]
            theta[i] -= rate * g[i] / (math.sqrt(v[i]) + 1e-8)
        else:
            if name == ADAMW:
                theta[i] *= 1 - rate * 0.01
            m[i] = 0.9 * m[i] + 0.1 * g[i]
            v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i]
            theta[i] -= rate / grown * m[i] / (math.sqrt(v[i]) / seen + 1e-8)


@inline
def learn(
    plan: Plan, memory: Memory, x: Array, y: Array, order: Array, batch: int, made: int, xp: Library
) -> tuple[int, float]:
    """An update on each `batch` examples of `order`, after `made` earlier ones, until one is not finite.

    Returns how many were made, and the objective of the last: NaN, and no step, where it or a gradient that is to be
    cut is not finite.
    """
    done, objective = 0, 0.0
    for first in range(0, len(order), batch):
        objective = differentiate(plan, memory, x, y, order[first : first + batch], xp)
        done += 1
        if not math.isfinite(objective) or (plan.clip and not cut(plan, memory)):
            return done, math.nan
        step(plan, memory, made + done)
    return done, objective


# Looks that change nothing.


@inline
def pull(plan: Plan, memory: Memory, x: Array, y: Array, picked: Array, norms: Array, xp: Library) -> None:
    """‖∂L/∂s‖ of the state that each step begins with, over at most LANES examples, into norms (T,)."""
    share, wide = 1 / (len(picked) * (plan.steps - plan.asked)), width(len(picked))
    hear(plan, memory, x, picked)
    forward(plan, memory, wide, xp)
    losses(plan, memory, y, picked, share, xp)
    memory.pulls[:, plan.steps * wide : (plan.steps + 1) * wide] = 0
    for t in range(plan.steps - 1, -1, -1):
        turn_back(plan, memory, t * wide, (t + 1) * wide)
        pulled = memory.pulls[:, t * wide : (t + 1) * wide]
        norms[t] = math.sqrt((pulled * pulled).sum())


@inline
def jacobians(plan: Plan, memory: Memory, x: Array, picked: Array, found: Array, xp: Library) -> None:
    """∂s_T/∂s_{T−1} of at most LANES examples, into found (N, r, r): a row for each number that returns."""
    wide, out = width(len(picked)), plan.rows[-1]
    lo, hi = (plan.steps - 1) * wide, plan.steps * wide
    hear(plan, memory, x, picked)
    forward(plan, memory, wide, xp)
    for i in range(plan.returning):
        memory.deltas[out : out + plan.sizes[-1], lo:hi] = 0
        memory.pulls[:, hi : hi + wide] = 0
        memory.pulls[i, hi : hi + wide] = 1
        turn_back(plan, memory, lo, hi)
        for n in range(len(picked)):
            found[n, i] = memory.pulls[:, lo + n]
