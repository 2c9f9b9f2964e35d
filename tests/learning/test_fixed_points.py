import math

import numpy as np
import pytest
import torch

from benchmarks.solvers import counts
from fbviz.learning import fixed_points
from fbviz.learning.fixed_points import anderson, each_once, find_all, jacobian, picard, types

ROOTS = {1: [0.3], 2: [-0.5, 0.7], 3: [-0.9, 0.0, 0.9], 5: [-0.9, -0.4, 0.05, 0.5, 0.95]}


def with_roots(roots):
    """s -> s − Π(s − root): a map that rests at its roots and nowhere else."""

    def f(s):
        product = torch.ones_like(s)
        for root in roots:
            product = product * (s - root)
        return s - product

    return f


def starts(r, n=200):
    return torch.rand(n, r, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 3 - 1.5


@pytest.mark.parametrize("count", ROOTS)
def test_every_fixed_point_of_a_map_on_a_line_is_found_once(count):
    found = find_all(with_roots(ROOTS[count]), starts(1))

    np.testing.assert_allclose(found[:, 0], ROOTS[count], atol=1e-9)


@pytest.mark.parametrize("count", ROOTS)
def test_every_fixed_point_of_a_map_of_the_plane_is_found_once(count):
    """The plane's axes turned by an angle, so that no coordinate is on its own; across, it contracts."""
    turn = torch.tensor([[math.cos(0.7), -math.sin(0.7)], [math.sin(0.7), math.cos(0.7)]], dtype=torch.float64)
    along = with_roots(ROOTS[count])

    def f(s):
        a = s @ turn
        return torch.stack([along(a[:, 0]), 0.3 * a[:, 1]], 1) @ turn.T

    known = torch.tensor([[root, 0.0] for root in ROOTS[count]], dtype=torch.float64) @ turn.T
    found = find_all(f, starts(2))

    np.testing.assert_allclose(found, sorted(known.tolist()), atol=1e-9)
    assert (f(found) - found).norm(dim=1).max() < 1e-6


def test_a_map_that_never_rests_has_no_fixed_point():
    assert find_all(lambda s: s + 1, starts(2)).shape == (0, 2)


@pytest.mark.parametrize(
    ("w", "rests", "slopes"),
    [
        (2.0, [-0.9575040240772687, 0.0, 0.9575040240772687], [0.1663720878, 2.0, 0.1663720878]),
        (1.1, [-0.5029405749, 0.0, 0.5029405749], None),
        (0.9, [0.0], [0.9]),
    ],
)
def test_a_tanh_loop_rests_where_it_is_known_to(w, rests, slopes):
    def f(s):
        return torch.tanh(w * s)

    found = find_all(f, starts(1))
    np.testing.assert_allclose(found[:, 0], rests, atol=1e-9)
    if slopes:
        np.testing.assert_allclose(jacobian(f, found)[:, 0, 0], slopes, atol=1e-9)


@pytest.mark.parametrize("solve", [picard, anderson])
def test_a_solver_comes_to_rest_where_the_loop_does(solve):
    solved = solve(lambda s: torch.tanh(2 * s), torch.full((1, 1), 0.5, dtype=torch.float64), 1e-12)

    assert solved.s.item() == pytest.approx(0.9575040240772687, abs=1e-11)
    assert solved.residual.item() < 1e-12


@pytest.mark.parametrize(("damping", "settles"), [(0.66, True), (0.68, False)])
def test_damping_calms_an_oscillation_up_to_where_it_should(damping, settles):
    """An eigenvalue μ = −2 becomes 1 − λ + λμ, which is inside the unit circle for λ < 2/3."""
    start = torch.full((1, 1), 0.1, dtype=torch.float64)
    solved = picard(lambda s: torch.lerp(s, torch.tanh(-2 * s), damping), start, 1e-9, cap=2000)

    assert bool(solved.residual.item() < 1e-9) is settles


@pytest.mark.parametrize("solve", [picard, anderson])
def test_a_solver_stops_at_its_cap(solve):
    calls = []

    def f(s):
        calls.append(1)
        return s + 1

    solved = solve(f, torch.zeros(3, 2), 1e-6, cap=40)
    assert len(calls) <= 42
    assert solved.evaluations.tolist() == [40] * 3


def test_each_example_is_solved_on_its_own():
    """One that is at rest at once, one that takes a while."""
    slopes = torch.tensor([[0.0], [0.9]], dtype=torch.float64)
    solved = picard(lambda s: slopes * s, torch.ones(2, 1, dtype=torch.float64), 1e-6)

    assert solved.evaluations[0] == 2
    assert solved.evaluations[1] == 1 + math.ceil(math.log(0.1 / 1e-6) / -math.log(0.9))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_anderson_needs_fewer_evaluations_than_picard_where_a_loop_is_slow(dtype):
    tolerance = 1e-4 if dtype == torch.float32 else 1e-10
    plain, mixed = counts(low=0.8, high=0.99, tolerance=tolerance, dtype=dtype)

    assert len(plain) > 15
    assert np.median(mixed) < np.median(plain) / 2


def test_anderson_falls_back_to_plain_steps_where_mixing_does_not_help(monkeypatch):
    monkeypatch.setattr(fixed_points, "mixed", lambda afters, gs, ridge: torch.full_like(gs[-1], 100.0))
    start = torch.full((1, 1), 0.5, dtype=torch.float64)
    solved = anderson(lambda s: torch.tanh(2 * s), start, 1e-12, cap=100)

    assert solved.s.item() == pytest.approx(0.9575040240772687, abs=1e-11)
    assert 50 < solved.evaluations.item() < 100


def test_fixed_points_have_the_type_of_their_eigenvalues():
    eigenvalues = torch.tensor([[0.5, -0.9], [0.5, 1.5], [2.0, -1.1], [0.3 + 0.4j, 0.3 - 0.4j], [1 + 1j, 1 - 1j]])
    kind, spiral = types(eigenvalues)

    assert kind.tolist() == [0, 1, 2, 0, 2]
    assert spiral.tolist() == [False, False, False, True, True]


def test_points_that_are_close_are_one():
    points = torch.tensor([[1.0, 0.0], [0.0, 0.0], [1.0, 5e-5], [0.0, 1e-3]])
    assert each_once(points).tolist() == torch.tensor([[0.0, 0.0], [0.0, 1e-3], [1.0, 0.0]]).tolist()
