"""What a reader has answered: kept by a browser, joined with what another tab knows, and checked when it comes back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fbviz.chapters.rooms import questions
from fbviz.ui import storage
from fbviz.ui.answers import SKIPPED, Answers, Guess, read
from tests.node import js

ASKED = list(questions("en"))[:3]
MEASURED = st.none() | st.floats(-1e6, 1e6)
GUESSES = st.builds(Guess, st.integers(SKIPPED, 1), MEASURED, st.booleans())
ANSWERS = st.builds(Answers, st.dictionaries(st.sampled_from(ASKED), GUESSES), st.integers(0, 2))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*ASKED, "given", "x"]), inner),
)


@given(ANSWERS)
def test_what_a_browser_keeps_comes_back_as_it_was(answers):
    assert read(json.loads(json.dumps(answers.plain()))) == answers


@given(JSON | st.builds(lambda cleared, given: {"cleared": cleared, "given": given}, JSON, JSON))
def test_whatever_a_browser_says_is_no_more_than_answers_to_our_questions(kept):
    for key, guess in read(kept).given.items():
        assert SKIPPED <= guess.choice < len(questions("en")[key][1].choices)
        assert guess.measured is None or abs(guess.measured) <= 1e15


@pytest.mark.parametrize(
    "answer",
    [[9, None, False], [-2, None, False], [0, 10**400, False], [0, float("nan"), False], [0, "1", False], "012", None],
)
def test_a_bad_answer_is_ignored_and_a_good_one_beside_it_is_not(answer):
    first, second, _ = ASKED
    kept = {"cleared": 0, "given": {first: answer, second: [0, 0.5, False], "no-question": [0, 1.0, False]}}

    assert read(kept) == Answers({second: Guess(0, 0.5)})


@given(ANSWERS, ANSWERS)
def test_two_tabs_that_join_know_the_same_questions_and_what_was_measured(ours, theirs):
    mine, yours = (read(answers.plain()) for answers in (ours, theirs))
    mine.join(theirs)
    yours.join(ours)

    assert mine.given.keys() == yours.given.keys()
    assert mine.cleared == yours.cleared == max(ours.cleared, theirs.cleared)
    if ours.cleared == theirs.cleared:
        for key, guess in mine.given.items():
            both = [answers.given.get(key) for answers in (ours, theirs)]
            assert guess in both
            assert (guess.measured is None) == all(one is None or one.measured is None for one in both)


def test_who_clears_is_not_told_again_what_another_tab_still_has():
    ours, theirs = Answers({ASKED[0]: Guess(1, 0.5)}), Answers({ASKED[0]: Guess(1, 0.5)})
    ours.clear()
    ours.join(theirs)
    assert ours == Answers(cleared=1)
    theirs.join(ours)
    assert theirs == ours


# The browser's side.

STORE = "globalThis.localStorage = { getItem: () => stored };"


def test_the_browser_joins_as_we_do():
    pairs = [
        (Answers({ASKED[0]: a} if a else {}, c), Answers({ASKED[0]: b, ASKED[1]: Guess(0)} if b else {}, d))
        for a in (None, Guess(0), Guess(1, 0.25))
        for b in (None, Guess(1), Guess(SKIPPED), Guess(0, 0.75))
        for c, d in ((0, 0), (1, 0), (0, 1))
    ]
    given = [[ours.plain(), theirs.plain()] for ours, theirs in pairs]
    joined = js(storage.SCRIPT, "return pairs.map(([ours, theirs]) => together(ours, theirs));", pairs=given)

    for (ours, theirs), found in zip(pairs, joined, strict=True):
        ours.join(theirs)
        assert read(found) == ours


@pytest.mark.parametrize(
    "stored",
    [
        None,
        "",
        "{",
        "[]",
        "7",
        '{"cleared":-1,"given":{}}',
        '{"cleared":0,"given":{"a":{}}}',
        '{"cleared":0}',
        "x" * 10**6,
    ],
    ids=lambda stored: str(stored)[:30],
)
def test_what_the_browser_finds_that_is_not_ours_is_nothing(stored):
    assert js(storage.SCRIPT, STORE + "return read();", stored=stored) == {"cleared": 0, "given": {}}


def test_a_browser_that_lets_nothing_be_stored_knows_nothing():
    assert js(storage.SCRIPT, "return read();") == {"cleared": 0, "given": {}}
