import numpy as np
import pytest

from fbviz.examples import draw
from fbviz.experiment import Data
from fbviz.tasks import TASKS

POINTS = [name for name, task in TASKS.items() if not task.kind.sequence and not task.fixed]
SEQUENCES = [name for name, task in TASKS.items() if task.kind.sequence]


@pytest.mark.parametrize("name", TASKS)
def test_examples_have_the_shapes_the_task_says(name):
    task = TASKS[name]
    for x, y in draw(Data(task=name, points=100, length=7)):
        steps = (7,) if task.kind.sequence else ()
        assert x.shape[1:] == (*steps, task.inputs)
        assert y.shape[1:] == (*steps, task.outputs)
        assert len(x) == len(y) > 0


@pytest.mark.parametrize("name", POINTS + SEQUENCES)
def test_the_same_seed_draws_the_same_and_another_does_not(name):
    (first, _), _ = draw(Data(task=name, data_seed=3))
    (again, _), _ = draw(Data(task=name, data_seed=3))
    (other, _), _ = draw(Data(task=name, data_seed=4))

    assert (first == again).all()
    assert not (first == other).all()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_test_share_is_kept_back(share):
    (x, _), (test, _) = draw(Data(points=200, test_share=share))

    assert len(test) == round(200 * share)
    assert len(x) + len(test) == 200
    assert not {tuple(p) for p in x} & {tuple(p) for p in test}


@pytest.mark.parametrize("name", [n for n in POINTS if TASKS[n].kind.classified])
def test_classes_are_about_equally_large(name):
    (_, y), (_, b) = draw(Data(task=name, points=2000))
    y = np.concatenate([y, b])

    share = (y > 0).mean(0)
    assert np.allclose(share, 1 / max(2, y.shape[1]), atol=0.05)


RULES = {
    "circle": lambda x: np.hypot(*x.T) < 0.6,
    "xor": lambda x: x[:, 0] * x[:, 1] > 0,
    "gauss": lambda x: x.sum(1) > 0,
    "checkerboard": lambda x: (np.floor(2 * x[:, 0]) + np.floor(2 * x[:, 1])) % 2 == 0,
}


@pytest.mark.parametrize("name", RULES)
def test_without_noise_a_rule_is_always_right(name):
    (x, y), _ = draw(Data(task=name, points=2000, noise=0.0))

    assert (RULES[name](x) == (y[:, 0] > 0)).mean() > (0.98 if name == "gauss" else 0.999)


@pytest.mark.parametrize("name", POINTS)
def test_noise_moves_points_and_not_labels(name):
    (x, y), _ = draw(Data(task=name))
    (moved, same), _ = draw(Data(task=name, noise=0.3))

    assert (y == same).all()
    assert 0.1 < (moved - x).std() < 0.5


def slow(name, sequence):
    """The answers, element by element."""
    held, odd, answers = 0.0, False, []
    for i, x in enumerate(sequence):
        held = x if x else held
        odd ^= x > 0
        back = {"delay": 1, "delay_three": 3}.get(name, 0)
        answers.append(
            {"flip_flop": held, "parity": 1.0 if odd else -1.0}.get(name, sequence[i - back] if i >= back else -1.0)
        )
    return answers


@pytest.mark.parametrize("name", SEQUENCES)
def test_a_sequence_has_the_answers_of_a_plain_loop(name):
    (x, y), _ = draw(Data(task=name, points=40, length=12))

    for sequence, answers in zip(x[..., 0], y[..., 0], strict=True):
        assert list(answers) == slow(name, list(sequence))


def test_the_four_points_are_those_of_the_tutorial():
    (x, y), (test, label) = draw(Data(task="article"))

    assert x.tolist() == [[1, 2], [2, 3], [3, 4], [4, 5]]
    assert y[:, 0].tolist() == [-1, -1, 1, 1]
    assert (test.tolist(), label.tolist()) == ([[5, 6]], [[1]])
