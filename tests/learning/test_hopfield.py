import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fbviz.chapters.associative_memory import hopfield
from fbviz.chapters.associative_memory.values import DRAWN, SIDE, glyph, glyphs
from tests.learning.runners import frames

SEEDS = st.integers(0, 2**31 - 1)


def dice(seed=0):
    return torch.Generator().manual_seed(seed)


def brute_force(W, s):
    """−½ Σᵢ Σⱼ sᵢ Wᵢⱼ sⱼ, term by term."""
    return -0.5 * sum(s[i] * W[i, j] * s[j] for i in range(len(s)) for j in range(len(s)))


@given(SEEDS)
def test_the_energy_is_that_of_the_double_sum(seed):
    rng = np.random.default_rng(seed)
    W, s = rng.normal(size=(7, 7)), rng.choice([-1.0, 1.0], 7)

    assert hopfield.energy(torch.tensor(W), torch.tensor(s)).item() == pytest.approx(brute_force(W, s))


def test_hebbian_weights_are_the_mean_of_outer_products_without_a_diagonal():
    patterns = hopfield.random_patterns(5, 12, seed=1)
    expected = sum(np.outer(p, p) for p in patterns.numpy()) / 12
    np.fill_diagonal(expected, 0)

    np.testing.assert_allclose(hopfield.hebbian(patterns).numpy(), expected, atol=1e-6)


@given(SEEDS, st.integers(2, 40), st.integers(1, 30))
def test_single_flips_never_raise_the_energy_and_come_to_an_end(seed, neurons, count):
    """Whatever is stored, however much, from wherever it starts."""
    patterns = hopfield.random_patterns(count, neurons, seed).double()
    W, s = hopfield.hebbian(patterns), hopfield.random_patterns(1, neurons, seed + 1)[0].double()
    energies = [brute_force(W.numpy(), s.numpy())]
    for i in hopfield.flips(W, s, dice(seed)):
        assert 0 <= i < neurons
        energies.append(brute_force(W.numpy(), s.numpy()))

    assert all(later < before + 1e-9 for before, later in itertools.pairwise(energies))
    assert (s * (W @ s) >= -hopfield.TIE).all()


@given(SEEDS, st.floats(0.01, 3.0), st.floats(0.05, 1.0))
def test_a_modern_update_or_a_part_of_one_never_raises_its_energy(seed, beta, part):
    patterns = hopfield.random_patterns(9, 20, seed).double()
    s = torch.randn(20, generator=dice(seed), dtype=torch.float64)
    later = torch.lerp(s, hopfield.modern(patterns, s, beta), part)

    before, after = (hopfield.modern_energy(patterns, state, beta) for state in (s, later))
    assert after <= before + 1e-9


@given(SEEDS)
def test_the_modern_update_is_downhill_on_its_energy(seed):
    """Ξ softmax(β Ξᵀ s) is s less the gradient."""
    patterns = hopfield.random_patterns(6, 10, seed).double()
    s = torch.randn(10, generator=dice(seed), dtype=torch.float64, requires_grad=True)
    [gradient] = torch.autograd.grad(hopfield.modern_energy(patterns, s, 0.7), s)

    torch.testing.assert_close(hopfield.modern(patterns, s, 0.7), s - gradient)


def test_a_sweep_of_many_states_is_that_of_each_alone():
    patterns = hopfield.random_patterns(8, 30, seed=2)
    W, states, order = hopfield.hebbian(patterns), hopfield.random_patterns(4, 30, seed=3), list(range(30))
    together = states.clone()
    hopfield.sweep(W, together, order)
    for alone, found in zip(states, together, strict=True):
        for i in order:
            if alone[i] * (W[i] @ alone) < 0:
                alone[i] *= -1
        assert torch.equal(alone, found)


@pytest.mark.parametrize(("load", "least", "most"), [(0.12, 0.9, 1.0), (0.20, 0.0, 0.4)])
def test_five_hundred_neurons_hold_sixty_patterns_and_not_a_hundred(load, least, most):
    patterns = hopfield.random_patterns(round(load * 500), 500, seed=0)
    W, states = hopfield.hebbian(patterns), patterns.clone()
    for _ in range(30):
        if not hopfield.sweep(W, states, list(range(500))):
            break

    assert least <= hopfield.recalled(states, patterns) <= most


@pytest.mark.parametrize("damping", [0.1, 0.5, 1.0])
def test_neurons_that_move_together_are_soft_signs_of_what_they_hear(damping):
    W, s = hopfield.hebbian(hopfield.random_patterns(3, 8, seed=4)), torch.randn(8, generator=dice())
    heard = [sum(W[i, j].item() * s[j].item() for j in range(8)) for i in range(8)]
    expected = [(1 - damping) * old + damping * math.tanh(3 * h) for old, h in zip(s.tolist(), heard, strict=True)]

    assert hopfield.together(W, s, 3.0, damping).tolist() == pytest.approx(expected, abs=1e-6)


def test_the_modern_update_finds_each_of_ten_thousand_patterns_of_sixty_four_neurons():
    patterns = hopfield.random_patterns(10_000, 64, seed=0)
    found = torch.sign(hopfield.modern(patterns, patterns, beta=1.0))

    assert torch.equal(found, patterns)


def test_every_glyph_is_ten_by_ten_and_stays_as_it_is():
    stored = torch.tensor(glyphs()).reshape(len(DRAWN), -1)
    W = hopfield.hebbian(stored)

    assert {glyph(name).shape for name in DRAWN} == {(SIDE, SIDE)}
    assert (stored * (stored @ W) > 0).all()


# The programs.


@pytest.mark.parametrize("values", [{}, {"pattern": 2, "seed": 3}, {"rule": 1}, {"noise": 0.1, "pattern": 4}])
def test_a_recall_ends_at_its_pattern_with_an_energy_that_only_fell(values):
    *_, last = frames("recall", values=values)
    assert last.facts["idle"]
    assert last.facts["overlap"] == pytest.approx(1)
    assert (np.diff(last.arrays["recall.energy"]) < 1e-6).all()


def test_a_weak_beta_remembers_only_the_average():
    *_, last = frames("recall", values={"rule": 1, "beta": 0.02})
    assert last.facts["overlap"] < 0.9


def test_a_drawn_pattern_is_stored_and_recalled():
    band = [{"cell": [[x, y]]} for x in range(SIDE) for y in (4, 5)]
    *_, last = frames("recall", then=[*band, {"pattern": 5, "noise": 0.1}])
    expected = -np.ones((SIDE, SIDE))
    expected[4:6] = 1

    np.testing.assert_array_equal(last.arrays["recall.drawn"], expected)
    np.testing.assert_array_equal(last.arrays["recall.state"], expected)


def test_a_second_click_undoes_the_first():
    *_, last = frames("recall", then=[{"cell": [[3, 7], [3, 7]]}])
    assert (last.arrays["recall.drawn"] == -1).all()


@pytest.mark.parametrize("cell", [[99, 0], [-1, 0], ["a", "b"], [1], "cell", None, [float("nan"), 0], {"x": 1}])
@pytest.mark.parametrize("noise", ["much", None, float("inf"), 7])
def test_what_is_no_cell_and_no_number_changes_nothing(cell, noise):
    *_, last = frames("recall", values={"cell": [cell], "noise": noise, "pattern": "heart", "beta": [], "rule": True})
    assert (last.arrays["recall.drawn"] == -1).all()


def test_the_classical_curve_falls_behind_its_limit_and_the_modern_one_does_not():
    *_, last = frames("capacity", values={"neurons": 200})
    loads, classical = last.arrays["capacity.loads"], last.arrays["capacity.classical"]

    assert classical[loads < 0.08].min() > 0.9
    assert classical[loads > 0.24].max() < 0.4
    assert (last.arrays["capacity.modern"] == 1).all()
    assert last.facts["classical"]["at_20"] == pytest.approx(classical[np.isclose(loads, 0.2)].item())


def test_a_curve_begins_anew_when_the_number_of_neurons_changes():
    *_, last = frames("capacity", values={"neurons": 100}, then=[{"neurons": 120}])
    *_, fresh = frames("capacity", values={"neurons": 120})
    assert last.facts["idle"]
    assert last.arrays["capacity.classical"].tolist() == fresh.arrays["capacity.classical"].tolist()
