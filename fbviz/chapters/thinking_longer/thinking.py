"""Thinking longer: one small cell, the same weights at every step, run on for as long as a question needs.

Trained on small mazes and short strings it answers larger ones, given more steps; a plain network of any depth has
only the steps it was built with. The tasks are those of Schwarzschild et al. 2021 in spirit, not in detail.
Shapes: T steps, N examples, H = W sides of a maze, L length of a string.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from fbviz.chapters.thinking_longer.values import bit_strings, distances, mazes, running_parity

BATCH = 32  # mazes in an update
STRINGS = 64  # strings in an update
SIDE, LENGTH, STEPS = 8, 16, 16  # what is trained on, and for how many steps
STEPS_FOR = {8: 32, 16: 64, 24: 128}  # by the side of a maze: more than its longest ways are


class FloodFill(nn.Module):
    """h = tanh(conv₃ₓ₃([y, x])), y ← σ(conv₁ₓ₁(h)): only the map of answers returns. 233 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.look = nn.Conv2d(3, 8, 3, padding=1)
        self.say = nn.Conv2d(8, 1, 1)

    def forward(self, x: Tensor, steps: int) -> Tensor:
        """x (N, 2, H, W), free and start -> logits of each step (T, N, H, W)."""
        y = torch.zeros_like(x[:, :1])
        logits = []
        for _ in range(steps):
            u = self.say(torch.tanh(self.look(torch.cat([y, x], 1))))  # (N, 1, H, W)
            y = torch.sigmoid(u)
            logits.append(u[:, 0])
        return torch.stack(logits)


class ForwardFill(nn.Module):
    """Twelve layers of 3 × 3 and a reading, without a loop: it sees 12 cells far, and no farther. 14,629 parameters."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for channels in (2, *[12] * 11):
            layers += [nn.Conv2d(channels, 12, 3, padding=1), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Conv2d(12, 1, 1))

    def forward(self, x: Tensor, steps: int) -> Tensor:
        """x (N, 2, H, W) -> logits (1, N, H, W); it has one step whatever is asked for."""
        return self.layers(x).transpose(0, 1)  # type: ignore[no-any-return]


class RunningParity(nn.Module):
    """h ← tanh(conv₃([h, x])), y = σ(conv₁(h)): each place hears its two neighbours and its bit. 249 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.look = nn.Conv1d(8 + 2, 8, 3, padding=1, bias=False)
        self.say = nn.Conv1d(8, 1, 1)

    def forward(self, x: Tensor, steps: int) -> Tensor:
        """x (N, 2, L), the bit as ±1 and a one that says where the string is -> logits of each step (T, N, L)."""
        h = x.new_zeros(len(x), 8, x.shape[2])
        logits = []
        for _ in range(steps):
            h = torch.tanh(self.look(torch.cat([h, x], 1)))
            logits.append(self.say(h)[:, 0])
        return torch.stack(logits)


Loss = Callable[[nn.Module, np.random.Generator], Tensor]


class Practice:
    """A network that learns from examples that are new at every update, `enough` of them."""

    def __init__(self, make: Callable[[], nn.Module], loss: Loss, *, rate: float, enough: int, seed: int) -> None:
        with torch.random.fork_rng(devices=[]):  # leave the caller's dice alone
            torch.manual_seed(seed)
            self.network = make()
        self.loss, self.rng = loss, np.random.default_rng(seed)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=rate)
        self.updates, self.enough = 0, enough

    @property
    def size(self) -> int:
        """How many parameters there are."""
        return sum(p.numel() for p in self.network.parameters())

    def update(self) -> float:
        """One step of Adam, the gradient no longer than 1; returns the loss before it."""
        self.optimizer.zero_grad()
        loss = self.loss(self.network, self.rng)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.updates += 1
        return loss.item()


def flood_fill(seed: int = 0) -> Practice:
    """The loop that fills mazes."""
    return Practice(FloodFill, filling_loss, rate=0.05, enough=300, seed=seed)


def forward_fill(seed: int = 0) -> Practice:
    """The plain network beside it, given more updates than the loop."""
    return Practice(ForwardFill, filled_loss, rate=0.003, enough=2000, seed=seed)


def parity(seed: int = 0) -> Practice:
    """The loop that counts ones modulo two."""
    return Practice(RunningParity, parity_loss, rate=0.03, enough=500, seed=seed)


def filling_loss(network: nn.Module, rng: np.random.Generator) -> Tensor:
    """Cross-entropy at each step against what can be reached by then: step t may know what is t away.

    Walls count too: an answer that is not held on them leaks through.
    """
    free, start = mazes(BATCH, SIDE, rng)
    away = torch.from_numpy(distances(free, start))  # (N, H, W)
    t = torch.arange(1, STEPS + 1)[:, None, None, None]
    reached = (away >= 0) & (away <= t)  # (T, N, H, W)
    return cross_entropy(network(maze_input(free, start), STEPS), reached.float())


def filled_loss(network: nn.Module, rng: np.random.Generator) -> Tensor:
    """Cross-entropy of the only answer against all that can be reached."""
    free, start = mazes(BATCH, SIDE, rng)
    reached = torch.from_numpy(distances(free, start) >= 0)
    return cross_entropy(network(maze_input(free, start), 1)[-1], reached.float())


def parity_loss(network: nn.Module, rng: np.random.Generator) -> Tensor:
    """Cross-entropy at the last step."""
    bits = bit_strings(STRINGS, LENGTH, rng)
    return cross_entropy(network(bit_input(bits), STEPS)[-1], torch.from_numpy(running_parity(bits)).float())


def maze_input(free: np.ndarray, start: np.ndarray) -> Tensor:
    """Mazes (N, H, W) as a network hears them, (N, 2, H, W): beyond the edge both are 0, as in a wall."""
    return torch.from_numpy(np.stack([free, start], 1)).float()


def bit_input(bits: np.ndarray) -> Tensor:
    """Strings (N, L) as a network hears them, (N, 2, L)."""
    x = torch.from_numpy(bits).float()
    return torch.stack([2 * x - 1, torch.ones_like(x)], 1)


@torch.no_grad()
def fills(network: nn.Module, free: np.ndarray, start: np.ndarray, steps: int) -> np.ndarray:
    """What it says at every step, (T, N, H, W) bool."""
    return (network(maze_input(free, start), steps) > 0).numpy()  # type: ignore[no-any-return]


@torch.no_grad()
def parities(network: nn.Module, bits: np.ndarray, steps: int) -> np.ndarray:
    """What it says at every step, (T, N, L) bool."""
    return (network(bit_input(bits), steps) > 0).numpy()  # type: ignore[no-any-return]


def exact_fills(network: nn.Module, side: int, count: int, seed: int) -> float:
    """The share of new mazes of this side with every cell right, after STEPS_FOR it."""
    free, start = mazes(count, side, np.random.default_rng(seed))
    said = fills(network, free, start, STEPS_FOR[side])[-1]
    return float((said == (distances(free, start) >= 0)).all((1, 2)).mean())


def exact_parities(network: nn.Module, length: int, count: int, seed: int) -> float:
    """The share of new strings of this length with every place right, after as many steps."""
    bits = bit_strings(count, length, np.random.default_rng(seed))
    return float((parities(network, bits, length)[-1] == running_parity(bits)).all(1).mean())
