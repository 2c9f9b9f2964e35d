import re
from itertools import zip_longest

import pytest

from fbviz.chapters.figures import FIGURES
from fbviz.chapters.lesson import OWN, Claim, Predict, Prose, Run, Word, blocks, experiment, read
from fbviz.chapters.rooms import chapters
from fbviz.experiment import Experiment
from fbviz.training import every, train
from fbviz.worker.programs import load

LESSONS = [pytest.param(lesson, id=lesson.slug) for lesson in chapters("en")]


def each(*kinds):
    return [
        pytest.param(block, id=f"{lesson.slug}: {getattr(block, 'key', block.experiment)}")
        for lesson in chapters("en")
        for block in lesson.blocks
        if isinstance(block, kinds)
    ]


def skeleton(block):
    """What both languages must share: everything but words."""
    match block:
        case Prose():
            return "prose"
        case Predict():
            said = len(block.choices), block.answer, tuple(block.edges), block.measure, block.values
            return "predict", block.key, block.program, block.experiment, tuple(block.figures), said
        case Run():
            return "run", block.key, block.program, block.experiment, tuple(block.figures), block.dials, block.values
        case Word():
            return "word", block.key, block.formula
        case Claim():
            return block
    return None


def test_both_languages_tell_the_same_chapters():
    for en, zh in zip_longest(chapters("en"), chapters("zh")):
        assert (en.slug, en.order) == (zh.slug, zh.order)
        for ours, theirs in zip_longest(en.blocks, zh.blocks):
            assert skeleton(ours) == skeleton(theirs)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_chapter_opens_with_a_question_and_its_keys_are_its_own(lesson):
    keys = [block.key for block in lesson.blocks if isinstance(block, Run | Predict | Word)]

    assert len(keys) == len(set(keys))
    assert isinstance(lesson.blocks[0], Predict | Word)


@pytest.mark.parametrize("block", each(Run, Predict))
def test_a_block_names_what_there_is(block):
    assert block.program in load()
    assert set(block.figures) <= set(FIGURES)
    if block.experiment != OWN:
        experiment(block.experiment)


@pytest.mark.parametrize("block", each(Predict))
def test_a_prediction_can_be_right_or_wrong(block):
    assert len(block.choices) == len(block.edges) + 1 >= 2
    assert block.edges == sorted(block.edges)
    assert 0 <= block.answer < len(block.choices)


@pytest.mark.parametrize("block", each(Predict))
def test_a_prediction_is_decided_as_the_chapter_expects(block, watched):
    last, _ = watched(block.program, block.experiment, block.values)

    assert block.choice(block.measured(last)) == block.answer, block.measured(last)


@pytest.mark.parametrize("claim", each(Claim))
def test_what_a_chapter_claims_is_so(claim):
    *_, last = train(experiment(claim.experiment), show=every(10**9))
    measured = last.metrics.get(claim.metric) if claim.metric in last.metrics else getattr(last, claim.metric)

    assert claim.least <= measured <= claim.most


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_link_into_the_glossary_arrives(language):
    words = {block.key for lesson in chapters(language) for block in lesson.blocks if isinstance(block, Word)}
    for lesson in chapters(language):
        texts = [getattr(block, "text", "") + getattr(block, "why", "") for block in lesson.blocks]
        assert set(re.findall(r"\(words#([\w-]+)\)", " ".join(texts))) <= words


def test_a_chapter_that_is_wrong_says_where(tmp_path):
    path = tmp_path / "broken.md"
    path.write_text('+++\norder = 1\ntitle = "T"\nquestion = "Q"\n+++\n```run\nkey = "a"\nfigurs = []\n```\n')

    with pytest.raises(ValueError, match=r"broken\.md.*figurs"):
        read(tmp_path, "broken")


def test_a_block_with_another_first_word_is_prose():
    assert list(blocks("One\n\n```python\n1 + 1\n```\n")) == [Prose("One\n\n```python\n1 + 1\n```")]


def test_an_experiment_that_cannot_be_taken_as_it_is_is_refused():
    assert experiment("steps=3") == Experiment().changed(steps=3)
    with pytest.raises(ValueError, match="900"):
        experiment("steps=900")
