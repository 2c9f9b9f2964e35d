import itertools

import pytest
import torch
from torch import nn

from fbviz.choices import ACTIVATIONS, FEEDBACKS, LOSSES
from fbviz.experiment import Experiment
from fbviz.learning import gradients
from fbviz.learning.gradients import jacobian, settle, truncated
from fbviz.learning.networks import FeedbackNetwork
from fbviz.learning.run import Run

LOOPS = [name for name, kind in FEEDBACKS.items() if kind.source is not None]


@pytest.fixture
def x():
    return torch.randn(5, 2, generator=torch.Generator().manual_seed(1))


def sequential(network):
    """The same layers as a plain torch.nn.Sequential."""
    *hidden, out = network.layers
    act = network.act

    class Act(nn.Module):
        def forward(self, z):
            return act(z, torch)

    return nn.Sequential(*itertools.chain(*((layer, Act()) for layer in hidden)), out)


@pytest.mark.parametrize("feedback", FEEDBACKS)
@pytest.mark.parametrize("off", [{"gain": 0.0}, {"steps": 1}])
def test_without_a_loop_it_is_a_plain_mlp_exactly(feedback, off, x):
    network = FeedbackNetwork(Experiment().changed(feedback=feedback, hidden=(8, 4), **off))

    assert torch.equal(network(network.over_time(x)).outputs[-1], sequential(network)(x))


@pytest.mark.parametrize("feedback", LOOPS)
def test_with_a_loop_it_is_not(feedback, x):
    network = FeedbackNetwork(Experiment().changed(feedback=feedback))

    assert not torch.allclose(network(network.over_time(x)).outputs[-1], sequential(network)(x))


@pytest.mark.parametrize("feedback", LOOPS)
def test_a_point_does_not_hear_its_neighbours(feedback, x):
    network = FeedbackNetwork(Experiment().changed(feedback=feedback, spare=2))
    together = network(network.over_time(x)).outputs
    alone = torch.cat([network(network.over_time(p[None])).outputs for p in x], dim=1)

    torch.testing.assert_close(together, alone)


def test_a_spare_output_is_fed_back_and_not_read(x):
    network = FeedbackNetwork(Experiment().changed(feedback="output", spare=2))

    outputs, states = network(network.over_time(x))
    assert (outputs.shape[2], states.shape[2]) == (1, 3)


def test_a_damped_step_goes_only_part_of_the_way(x):
    full = FeedbackNetwork(Experiment().changed(feedback="hidden"))
    damped = FeedbackNetwork(Experiment().changed(feedback="hidden", damping=0.25))
    s = torch.rand(5, 8)

    torch.testing.assert_close(damped.step(x, s)[1], 0.75 * s + 0.25 * full.step(x, s)[1])


@pytest.mark.parametrize("init", ["default", "xavier", "he", "orthogonal"])
def test_first_weights_come_from_the_seed_alone_and_are_scaled(init):
    torch.manual_seed(9)
    first = FeedbackNetwork(Experiment().changed(init=init))
    torch.manual_seed(10)
    scaled = FeedbackNetwork(Experiment().changed(init=init, weight_scale=2.0))

    for name, W in first.matrices().items():
        assert torch.equal(2 * W, scaled.matrices()[name])


def outputs_of(network, x, parameters):
    return torch.func.functional_call(network, parameters, (network.over_time(x),)).outputs


@pytest.mark.parametrize(("act", "loss", "feedback"), [*itertools.product(ACTIVATIONS, LOSSES, FEEDBACKS)])
def test_autograd_agrees_with_finite_differences(act, loss, feedback):
    experiment = Experiment().changed(
        activation=act, loss=loss, feedback=feedback, hidden=(3, 2), steps=3, gain=1.5, damping=0.7
    )
    network = FeedbackNetwork(experiment).double()
    generator = torch.Generator().manual_seed(4)
    x = torch.randn(4, 2, generator=generator, dtype=torch.float64)
    y = torch.tensor([[1.0], [-1.0], [1.0], [-1.0]], dtype=torch.float64)
    names, values = zip(*network.named_parameters(), strict=True)

    def mean_loss(*parameters):
        outputs = outputs_of(network, x, dict(zip(names, parameters, strict=True)))
        return LOSSES[loss].of(outputs, y, torch).mean()

    assert torch.autograd.gradcheck(mean_loss, tuple(v.detach().requires_grad_() for v in values))


@pytest.mark.parametrize("feedback", LOOPS)
def test_the_jacobian_of_a_step_is_that_of_central_differences(feedback, x):
    network = FeedbackNetwork(Experiment().changed(feedback=feedback, spare=1, gain=2.0, hidden=(4, 3))).double()
    x, s = x.double(), torch.rand(5, network.state_size, dtype=torch.float64)
    J, h = jacobian(network, x, s), 1e-5

    for j in range(network.state_size):
        e = torch.zeros_like(s)
        e[:, j] = h
        column = (network.step(x, s + e)[1] - network.step(x, s - e)[1]) / (2 * h)
        torch.testing.assert_close(J[:, :, j], column, atol=1e-6, rtol=0)


def gradient(experiment, x, y, double=True):
    run = Run(experiment)
    if double:
        run.network.double()
    outputs = run.objective.unroll(run.network, run.network.over_time(x))
    run.objective.losses(outputs, y).mean().backward()
    return torch.cat(
        [torch.zeros_like(p).flatten() if p.grad is None else p.grad.flatten() for p in run.network.parameters()]
    )


@pytest.mark.parametrize("loss_steps", ["last", "all_steps"])
@pytest.mark.parametrize("feedback", LOOPS)
def test_truncated_through_all_steps_is_bptt_exactly(feedback, loss_steps, x):
    y = torch.ones(5, 1, dtype=torch.float64)
    experiment = Experiment().changed(feedback=feedback, steps=6, loss_steps=loss_steps, gain=2.0)
    whole = gradient(experiment, x.double(), y)

    assert torch.equal(gradient(experiment.changed(gradient="truncated", truncation=6), x.double(), y), whole)
    assert not torch.allclose(gradient(experiment.changed(gradient="truncated", truncation=2), x.double(), y), whole)


def test_truncated_bptt_of_a_linear_scalar_loop_is_one_minus_a_to_the_k_of_the_truth():
    """s_t = a s_{t−1} + w x: ∂s_T/∂w is (1 − aᵀ)/(1 − a) x, of which k steps give (1 − aᵏ)/(1 − a) x."""
    a, T = 0.8, 60
    grads = {}
    for k in (1, 2, 5, T):
        experiment = Experiment().changed(
            task="plane",
            hidden=(1,),
            activation="linear",
            feedback="hidden",
            steps=T,
        )
        network = FeedbackNetwork(experiment.changed(gain=1.0)).double()
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.zero_()
            network.back.weight.fill_(a)
            network.layers[1].weight.fill_(1.0)
        x = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
        truncated(network, network.over_time(x), k, last=True)[-1].sum().backward()
        grads[k] = network.layers[0].weight.grad[0, 0].item()

    for k in (1, 2, 5):
        assert grads[k] / grads[T] == pytest.approx((1 - a**k) / (1 - a**T), rel=1e-12)


def test_the_implicit_gradient_is_bptt_of_a_loop_that_has_settled():
    """Over 200 random loops, wherever the spectral radius is below 0.9."""
    compared = 0
    for seed in range(200):
        experiment = Experiment().changed(
            feedback=LOOPS[seed % 2],
            hidden=(4,),
            steps=64,
            gain=0.5 + seed % 7 / 4,
            seed=seed,
            loss_steps="last",
            weight_scale=2.0,
        )
        network = FeedbackNetwork(experiment).double()
        x = torch.randn(3, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        with torch.no_grad():
            s, _ = settle(network, x, 2000)
            radius = torch.linalg.eigvals(jacobian(network, x, s)).abs().max().item()
            if radius >= 0.9 or (network.step(x, s)[1] - s).norm() > 1e-10:
                continue
        compared += 1
        parameters = list(network.parameters())
        exact = torch.autograd.grad(network(x.expand(200, *x.shape)).outputs[-1].sum(), parameters)
        implicit = torch.autograd.grad(gradients.implicit(network, x[None]).sum(), parameters)
        for a, b in zip(implicit, exact, strict=True):
            assert (a - b).norm() <= 1e-5 * b.norm() + 1e-12
    assert compared > 100
