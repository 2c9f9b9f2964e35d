import numpy as np
import pytest
import torch
from torch.nn import functional

from fbviz.choices import ACTIVATIONS, LOSSES

Z = np.linspace(-6, 6, 101) + 0.013  # off the kinks

TORCH = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": functional.relu,
    "leaky_relu": functional.leaky_relu,
    "gelu": lambda z: functional.gelu(z, approximate="tanh"),
    "silu": functional.silu,
    "sine": torch.sin,
    "linear": lambda z: z,
}


@pytest.mark.parametrize("act", ACTIVATIONS.values(), ids=lambda a: a.name)
def test_an_activation_is_the_one_of_its_name(act):
    z = torch.tensor(Z)

    torch.testing.assert_close(act.f(z, torch), TORCH[act.name](z))
    np.testing.assert_allclose(act.f(Z, np), TORCH[act.name](z), atol=1e-12)


@pytest.mark.parametrize("act", ACTIVATIONS.values(), ids=lambda a: a.name)
def test_autograd_agrees_with_a_difference_of_the_numpy_curve(act):
    z = torch.tensor(Z, requires_grad=True)
    act.f(z, torch).sum().backward()
    slope = (act.f(Z + 1e-6, np) - act.f(Z - 1e-6, np)) / 2e-6

    np.testing.assert_allclose(z.grad, slope, atol=1e-6)


@pytest.mark.parametrize("act", ACTIVATIONS.values(), ids=lambda a: a.name)
def test_an_activation_stays_finite_far_out(act):
    z = torch.tensor([-1e4, 1e4], requires_grad=True)
    y = act.f(z, torch)
    y.sum().backward()

    assert y.isfinite().all()
    assert z.grad.isfinite().all()


@pytest.fixture
def u():
    return torch.randn(50, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 5


def test_cross_entropy_of_two_classes_is_that_of_torch(u):
    y = torch.where(u[:, 1:2] > 0, 1.0, -1.0).double()

    torch.testing.assert_close(
        LOSSES["cross_entropy"].of(u[:, :1], y, torch),
        functional.binary_cross_entropy_with_logits(u[:, 0], (y[:, 0] + 1) / 2, reduction="none"),
    )


def test_cross_entropy_of_several_classes_is_that_of_torch(u):
    label = torch.arange(50) % 3
    y = functional.one_hot(label, 3).double() * 2 - 1

    torch.testing.assert_close(
        LOSSES["cross_entropy"].of(u, y, torch), functional.cross_entropy(u, label, reduction="none")
    )


def test_huber_and_half_the_mean_square_are_those_of_torch(u):
    y = torch.zeros_like(u)

    torch.testing.assert_close(LOSSES["huber"].of(u, y, torch), functional.huber_loss(u, y, reduction="none").mean(1))
    torch.testing.assert_close(
        LOSSES["mean_squared"].of(u, y, torch), functional.mse_loss(u, y, reduction="none").mean(1) / 2
    )


@pytest.mark.parametrize("loss", LOSSES.values(), ids=lambda a: a.name)
def test_a_loss_falls_as_the_output_goes_to_its_label(loss):
    y = np.ones((1, 1))

    assert loss.f(np.array([[1.0]]), y, np) < loss.f(np.array([[0.0]]), y, np) < loss.f(np.array([[-1.0]]), y, np)
