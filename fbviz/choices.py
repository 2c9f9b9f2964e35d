"""What a learner can choose. A choice is one function: name, formula, help and meaning in one place.

Formulas are written over an array library `xp`: torch where they are trained, numpy where they are
drawn or checked. So a page can show the very function that trains, and this file imports neither.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fbviz.tables import Entry, Table

Library = Any  # of arrays: torch or numpy
Array = Any  # what it makes: a Tensor or an ndarray
Init = Any  # torch.nn.init
Optim = Any  # torch.optim
TorchOptimizer = Any  # one of those it makes

INITS, LOSS_STEPS, GRADIENTS, DEVICES, ENGINES = (Table(Entry) for _ in range(5))


# Activations: what a hidden neuron does to its sum, and how steep it is there.


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation(Entry):
    """f(z, xp), and its slope(z, f(z), xp) by the same library."""

    slope: Callable[[Array, Array, Library], Array]


ACTIVATIONS: Table[Activation] = Table(Activation)


@ACTIVATIONS.add(r"\tanh z", label="tanh", slope=lambda z, a, xp: 1 - a * a)
def tanh(z: Array, xp: Library) -> Array:
    """Squashes to (−1, 1); saturates at both ends."""
    return xp.tanh(z)


@ACTIVATIONS.add(r"\tfrac{1}{1+e^{-z}}", label="sigmoid", word="sigmoid", slope=lambda z, a, xp: a * (1 - a))
def sigmoid(z: Array, xp: Library) -> Array:
    """Squashes to (0, 1); its slope is never above a quarter."""
    return 0.5 + 0.5 * xp.tanh(z / 2)  # the same curve as the formula, with finite gradients far out


@ACTIVATIONS.add(r"\max(0, z)", label="ReLU", slope=lambda z, a, xp: xp.where(z <= 0, 0.0, 1.0))
def relu(z: Array, xp: Library) -> Array:
    """Passes what is positive, and nothing else."""
    return xp.where(z <= 0, 0.0, z)  # and not z > 0: what is no number stays none, and the run says so


@ACTIVATIONS.add(r"\max(0.01 z, z)", label="leaky ReLU", slope=lambda z, a, xp: xp.where(z > 0, 1.0, 0.01))
def leaky_relu(z: Array, xp: Library) -> Array:
    """Like ReLU, but what is negative leaks, so no neuron dies."""
    return xp.where(z > 0, z, 0.01 * z)


def gelu_slope(z: Array, a: Array, xp: Library) -> Array:
    """Of its tanh form, by the product rule."""
    bent = xp.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z))
    return 0.5 * (1 + bent) + 0.5 * z * (1 - bent * bent) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * z * z)


@ACTIVATIONS.add(
    r"\tfrac z2\left(1+\tanh\left(\sqrt{2/\pi}\,(z+0.044715 z^3)\right)\right)",
    label="GELU",
    slope=gelu_slope,
)
def gelu(z: Array, xp: Library) -> Array:
    """A smooth ReLU that dips below zero (Hendrycks and Gimpel 2016, their tanh form)."""
    return 0.5 * z * (1 + xp.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z)))


def silu_slope(z: Array, a: Array, xp: Library) -> Array:
    """σ(z) + z σ(z) (1 − σ(z))."""
    share = sigmoid(z, xp)
    return share + z * share * (1 - share)


@ACTIVATIONS.add(r"\tfrac{z}{1+e^{-z}}", label="SiLU", slope=silu_slope)
def silu(z: Array, xp: Library) -> Array:
    """The input times its own sigmoid, also called swish."""
    return z * sigmoid(z, xp)


@ACTIVATIONS.add(r"\sin z", label="sine", slope=lambda z, a, xp: xp.cos(z))
def sine(z: Array, xp: Library) -> Array:
    """A wave: bounded, never saturated, and good at what repeats."""
    return xp.sin(z)


@ACTIVATIONS.add("z", label="linear", slope=lambda z, a, xp: 0 * z + 1)
def linear(z: Array, xp: Library) -> Array:
    """Changes nothing: any number of such layers is one linear map."""
    return z


# Initialisation: the weights before the first update, drawn in place. W: (out, in).


@INITS.add(r"W \sim U(\pm 1/\sqrt{n})", label="PyTorch's default")
def default(W: Array, init: Init) -> None:
    """Uniform within 1/√n for n inputs: small, so that a loop begins almost silent."""
    init.kaiming_uniform_(W, a=math.sqrt(5))


@INITS.add(r"W \sim U\left(\pm\sqrt{6/(n+m)}\right)", label="Xavier")
def xavier(W: Array, init: Init) -> None:
    """Keeps the size of tanh signals from layer to layer (Glorot and Bengio 2010)."""
    init.xavier_uniform_(W)


@INITS.add(r"W \sim N(0, 2/n)", label="He")
def he(W: Array, init: Init) -> None:
    """Keeps the size of ReLU signals from layer to layer (He et al. 2015)."""
    init.kaiming_normal_(W)


@INITS.add(r"W^\top W = I", label="orthogonal")
def orthogonal(W: Array, init: Init) -> None:
    """Neither shrinks nor stretches: what a long loop likes to start from (Saxe et al. 2014)."""
    init.orthogonal_(W)


# Losses: of each output u against its y, before any squash; y are values, or classes as ±1. All of them any shape.


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss(Entry):
    """f(u, y, xp) of each output by itself, with its slope(u, y, xp) = ∂f/∂u."""

    slope: Callable[[Array, Array, Library], Array]
    joint: Callable[[Array, Array, Library], Array] | None = None  # of an example with more outputs than one, (N, k)

    def of(self, u: Array, y: Array, xp: Library) -> Array:
        """Of each example, (N,): the mean over its outputs, where it is not their joint loss. u, y: (N, k)."""
        return self.joint(u, y, xp) if self.joint and u.shape[-1] > 1 else self.f(u, y, xp).mean(-1)


LOSSES: Table[Loss] = Table(Loss)


def softmax_surprise(u: Array, y: Array, xp: Library) -> Array:
    """−log softmax(u) at the right class. (N, k) -> (N,); its slope is softmax(u) less 1 at the right class."""
    top = xp.amax(u, -1)
    return top + xp.log(xp.exp(u - top[..., None]).sum(-1)) - (u * (y > 0)).sum(-1)


@LOSSES.add(
    r"\log(1+e^{-yu})",
    label="cross-entropy",
    slope=lambda u, y, xp: -y * sigmoid(-y * u, xp),
    joint=softmax_surprise,
    fits=lambda kind: kind.classified,
    word="cross-entropy",
)
def cross_entropy(u: Array, y: Array, xp: Library) -> Array:
    """Surprise at the right answer, taken from the logits: two classes by sigmoid, more by softmax."""
    return softplus(-y * u, xp)


@LOSSES.add(r"\tfrac12 (u-y)^2", label="mean squared error", slope=lambda u, y, xp: u - y, word="mean-squared-error")
def mean_squared(u: Array, y: Array, xp: Library) -> Array:
    """Half the squared distance to the target; far misses weigh most."""
    return 0.5 * (u - y) ** 2


@LOSSES.add(
    r"\begin{cases}\tfrac12 r^2 & |r|\le 1\\ |r|-\tfrac12\end{cases},\; r = u-y",
    label="Huber",
    slope=lambda u, y, xp: xp.where(u - y > 1, 1.0, xp.where(u - y < -1, -1.0, u - y)),
)
def huber(u: Array, y: Array, xp: Library) -> Array:
    """Squared near the target, straight far from it, so outliers pull less (Huber 1964)."""
    r = xp.abs(u - y)
    return xp.where(r <= 1, 0.5 * r * r, r - 0.5)


@LOSSES.add(
    r"\max(0, 1-yu)",
    label="hinge",
    slope=lambda u, y, xp: xp.where(1 - y * u <= 0, 0.0, -y),
    fits=lambda kind: kind.classified,
)
def hinge(u: Array, y: Array, xp: Library) -> Array:
    """Free once the margin is 1; more than two classes: each against the rest."""
    return relu(1 - y * u, xp)


def softplus(z: Array, xp: Library) -> Array:
    """log(1 + eᶻ), finite far out."""
    return xp.logaddexp(z, xp.zeros_like(z))


# Where the loss listens. losses: (T, N), one for each unroll step.


@LOSS_STEPS.add(r"L = L_T", label="the last step")
def last(losses: Array) -> Array:
    """Only the last answer counts; the network is right at that T alone."""
    return losses[-1:]


@LOSS_STEPS.add(r"L = \tfrac1T \sum_t L_t", label="all steps")
def all_steps(losses: Array) -> Array:
    """Every answer counts, so the network is right early and stays right (Zamir et al. 2017)."""
    return losses


# Optimizers: how a gradient becomes a step.


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimizer(Entry):
    """How a gradient becomes a step."""

    elementwise: bool = False  # does each number move by its own gradient alone?


OPTIMIZERS: Table[Optimizer] = Table(Optimizer)


@OPTIMIZERS.add(r"\theta \leftarrow \theta - \eta g", label="SGD", elementwise=True, word="sgd")
def sgd(parameters: Iterable[Array], rate: float, optim: Optim) -> TorchOptimizer:
    """A step straight down the slope of the batch."""
    return optim.SGD(parameters, lr=rate, fused=True)


@OPTIMIZERS.add(r"v \leftarrow 0.9 v + g,\quad \theta \leftarrow \theta - \eta v", label="momentum", elementwise=True)
def momentum(parameters: Iterable[Array], rate: float, optim: Optim) -> TorchOptimizer:
    """A heavy ball: steps add up where slopes agree (Polyak 1964)."""
    return optim.SGD(parameters, lr=rate, momentum=0.9, fused=True)


@OPTIMIZERS.add(r"\theta \leftarrow \theta - \eta\, g / (\sqrt{v} + \epsilon)", label="RMSprop", elementwise=True)
def rmsprop(parameters: Iterable[Array], rate: float, optim: Optim) -> TorchOptimizer:
    """Each weight's step is divided by the recent size of its gradient (Hinton 2012)."""
    return optim.RMSprop(parameters, lr=rate)


@OPTIMIZERS.add(
    r"\theta \leftarrow \theta - \eta\, \hat m / (\sqrt{\hat v} + \epsilon)",
    label="Adam",
    elementwise=True,
    word="adam",
)
def adam(parameters: Iterable[Array], rate: float, optim: Optim) -> TorchOptimizer:
    """Momentum and a step of its own length for each weight (Kingma and Ba 2015)."""
    return optim.Adam(parameters, lr=rate, fused=True)


@OPTIMIZERS.add(
    r"\theta \leftarrow (1-\eta\lambda)\theta - \eta\, \hat m / (\sqrt{\hat v} + \epsilon)",
    label="AdamW",
    elementwise=True,
)
def adamw(parameters: Iterable[Array], rate: float, optim: Optim) -> TorchOptimizer:
    """Adam with weights that decay apart from the gradient, λ = 0.01 (Loshchilov and Hutter 2019)."""
    return optim.AdamW(parameters, lr=rate, fused=True)


# Feedback: where activity leaves and where it enters.


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback(Entry):
    """Where activity leaves (−1 the output, −2 the last hidden layer) and enters (0 the input, 1 the first layer)."""

    source: int | None
    target: int | None


FEEDBACKS: Table[Feedback] = Table(Feedback)


@FEEDBACKS.add(r"u = \mathrm{MLP}(x)", label="none", source=None, target=None, word="mlp")
def none() -> None:
    """Nothing returns: a plain multilayer perceptron."""


@FEEDBACKS.add(r"x_t + \alpha B s_{t-1}", label="output to input", source=-1, target=0, word="jordan-elman")
def output() -> None:
    """The output returns to the input (Jordan 1986)."""


@FEEDBACKS.add(r"W_1 x_t + \alpha B s_{t-1}", label="hidden to hidden", source=-2, target=1, word="jordan-elman")
def hidden() -> None:
    """The last hidden layer returns to the first (Elman 1990)."""


# Gradients: how the slope is found through the loop.


@GRADIENTS.add(
    r"\sum_{t=1}^{T} \tfrac{\partial L}{\partial s_t}\tfrac{\partial s_t}{\partial\theta}", label="BPTT", word="bptt"
)
def bptt() -> None:
    """Backpropagation through time: the true gradient, through every unroll step."""


@GRADIENTS.add(
    r"\sum_{t=T-k+1}^{T} \tfrac{\partial L}{\partial s_t}\tfrac{\partial s_t}{\partial\theta}",
    label="truncated BPTT",
    word="truncated-bptt",
)
def truncated() -> None:
    """Backpropagation through the last k unroll steps only: cheaper, and biased."""


@GRADIENTS.add(
    r"\tfrac{\partial L}{\partial s^*}(I - J)^{-1}\tfrac{\partial f}{\partial\theta}",
    label="implicit",
    fits=lambda kind: not kind.sequence,
    word="implicit-gradient",
)
def implicit() -> None:
    """At the fixed point, without storing the way there (Almeida 1987, Pineda 1987; Bai et al. 2019)."""


# Devices: where the numbers are made.


@DEVICES.add(label="automatic")
def auto() -> None:
    """The CPU; for large networks the first GPU, if there is one."""


@DEVICES.add(label="CPU")
def cpu() -> None:
    """The processor: for networks this small usually the fastest."""


def _gpu(index: int) -> None:
    def gpu() -> None:
        """A graphics processor, where the server has one."""

    gpu.__name__ = f"cuda:{index}"
    DEVICES.add(label=f"GPU {index}")(gpu)


for _index in range(8):
    _gpu(_index)


# Engines: what makes the updates. The numbers of two differ by rounding.


@ENGINES.add(label="automatic")
def fastest() -> None:
    """The compiled kernel where it serves and is faster, else PyTorch."""


@ENGINES.add(label="PyTorch")
def torch() -> None:
    """Whatever can be set."""


@ENGINES.add(label="compiled")
def compiled() -> None:
    """One function for a whole update: much faster for small networks. It has no implicit gradient."""
