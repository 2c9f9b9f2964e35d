"""Which numbers of a text are seen, and what they say."""

import pytest

from tests.claims.claim import About, agrees
from tests.claims.numbers import numbers, phrases


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        ("14,629 parameters, sixty-three times as many", "en", [14629, 63]),
        ("from −0.25 to 1.0, a millionth, fifty thousandfold", "en", [-0.25, 1, 1e6, 50_000]),
        ("2-10-2-2, of 58", "en", [2, 10, 2, 2, 58]),
        ("one of 3 mazes, 0 or 1, at seed 0, in two of four", "en", [3]),
        ("in 1985, at (5, 6), neuron 3 of $W^1_{32}$ and $h_2(3)$; about ten seconds", "en", []),
        ("$0.9^{50}$, $20 + 20 + 4$ weights, $x_1 > 2.5$", "en", [0.9, 20, 20, 2.5]),
        ("$$E = -\\tfrac12 \\sum_{10}$$ `at 99`", "en", []),
        ("一千次更新、两百个点、六十三倍、92%，十二层", "zh", [1000, 200, 63, 92, 12]),
        ("相差 3 个百分点，十分肯定，第 2 步，一个人", "zh", [3]),
    ],
)
def test_a_number_is_seen_in_digits_and_in_words_from_ten_on(text, language, values):
    assert [number.value for number in numbers(text, language)] == values


def test_a_phrase_is_found_wherever_it_is_said_with_any_numbers_in_its_holes():
    text = "At 3 % it is 1.25. At forty % it is 7, in 1999."
    assert [[n.said for n in found] for found in phrases("At {} % it is {}", text)] == [["3", "1.25"], ["forty", "7"]]


@pytest.mark.parametrize(
    ("said", "measured", "so"),
    [
        ("1.25", 1.2494, True),
        ("1.25", 1.3455, False),
        ("92", 91.6, True),
        ("92", 91.4, False),
        ("70", About(69.9), True),
        ("50,000", About(3e6), False),
    ],
)
def test_a_number_is_what_was_measured_in_the_digits_that_are_said(said, measured, so):
    [number] = numbers(said)
    assert agrees(number, measured) == so
