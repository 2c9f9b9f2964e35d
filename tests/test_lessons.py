import re
from collections import Counter
from dataclasses import replace
from itertools import groupby, pairwise, zip_longest
from string import Formatter

import pytest

from fbviz.chapters.figures import FIGURES
from fbviz.chapters.lesson import OWN, SECTIONS, Claim, Predict, Prose, Run, Word, blocks, experiment, read
from fbviz.chapters.rooms import chapters, questions
from fbviz.experiment import Experiment
from fbviz.frames import Frame
from fbviz.snapshot import BROKEN_OFF, Ended
from fbviz.training import every, train
from fbviz.words import LANGUAGES, translator
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
            said = len(block.choices), block.answer, tuple(block.edges), block.measure, block.unit, block.values
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
        assert (en.slug, en.order, en.section) == (zh.slug, zh.order, zh.section)
        for ours, theirs in zip_longest(en.blocks, zh.blocks):
            assert skeleton(ours) == skeleton(theirs)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_chapter_opens_with_a_question_and_its_keys_are_its_own(lesson):
    keys = [block.key for block in lesson.blocks if isinstance(block, Run | Predict | Word)]

    assert len(keys) == len(set(keys))
    assert isinstance(lesson.blocks[0], Predict) or lesson.section == "words"


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


SEEN = {"seven-steps-share"}  # its reader is sent to look at what was walked through


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_view_above_a_question_shows_what_it_asks_for(lesson):
    shown = set()
    for block in lesson.blocks:
        if isinstance(block, Run | Predict):
            here = {(block.program, block.experiment, figure) for figure in block.figures}
            if isinstance(block, Predict) and lesson.key(block) not in SEEN:
                assert not here & shown, block.key
            shown |= here


@pytest.mark.parametrize("block", each(Predict))
def test_a_prediction_is_decided_as_the_chapter_expects(block, watched):
    last, _ = watched(block.program, block.experiment, block.values)

    assert block.choice(block.measured(last)) == block.answer, block.measured(last)


def possible(edges):
    """For each choice, a number that would make it the right one."""
    return [edges[0] - 1, *((a + b) / 2 for a, b in pairwise(edges)), edges[-1] + 1]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("key", questions("en"))
def test_a_verdict_is_a_sentence_whatever_is_measured(key, language):
    t, (_, block) = translator(language), questions(language)[key]
    assert Counter(name for _, name, _, _ in Formatter().parse(block.told) if name is not None) == {"measured": 1}
    for choice, number in enumerate(possible(block.edges)):
        assert block.choice(number) == choice
        told = block.told.format(measured=block.said(number, t))
        whole = t("The answer is “{choice}”. {told}").format(choice=block.choices[choice], told=told)
        assert whole.endswith(".。"[language == "zh"])
        assert not re.search(
            r"[.。,，:：;]”|  |\d-|-\d|e[+-]\d|[\u4e00-\u9fff][,.:;?!]|[,.:;?!][\u4e00-\u9fff]", whole
        ), whole


@pytest.mark.parametrize(
    ("unit", "measured", "said"),
    [
        ("percent", 0.75, "75 %"),
        ("percent", 1, "100 %"),
        ("percent", 0.00042, "0.042 %"),
        ("points", -0.01, "−1.0"),
        ("points", 0.3249, "32.5"),
        ("number", 1069, "1069"),
        ("number", 0.00001234, "0.0000123"),
        ("number", -2.0, "−2"),
        ("number", 1.3649, "1.36"),
    ],
)
def test_a_number_is_told_with_sensible_digits_and_a_true_minus(unit, measured, said):
    _, block = next(iter(questions("en").values()))
    assert replace(block, unit=unit).said(measured) == said


def test_a_run_that_broke_off_has_measured_nothing():
    _, block = questions("en")["thinking-longer-larger"]

    def measured(exact, ended):
        return block.measured(Frame({"exact": exact, "ended": ended}))

    assert measured({"24": 0.5}, None) == measured({"24": 0.5}, Ended("no_fixed_point").facts) == 0.5
    assert measured({"24": None}, None) is measured({}, None) is measured(None, None) is None
    for word in BROKEN_OFF:
        assert measured({"24": 0.5}, Ended(word).facts) is None


@pytest.mark.parametrize("claim", each(Claim))
def test_what_a_chapter_claims_is_so(claim):
    *_, last = train(experiment(claim.experiment), show=every(10**9))
    measured = last.metrics.get(claim.metric) if claim.metric in last.metrics else getattr(last, claim.metric)

    assert claim.least <= measured <= claim.most


def test_chapters_are_numbered_through_and_a_section_is_not_interrupted():
    orders = [lesson.order for lesson in chapters("en")]
    sections = [section for section, _ in groupby(chapters("en"), key=lambda lesson: lesson.section)]

    assert orders == list(range(1, len(orders) + 1))
    assert sections == list(SECTIONS)


def written(lesson):
    """Its Markdown that can have links."""
    said = ("text", "why", "help")
    return "\n".join(getattr(block, name, "") for block in lesson.blocks for name in said)


LINK = re.compile(r"\]\(([a-z][\w-]*)(?:\?([^)#]*))?(?:#([\w-]+))?\)")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_of_a_chapter_leads_to_what_there_is(language):
    slugs = {lesson.slug for lesson in chapters(language)}
    words = {block.key for lesson in chapters(language) for block in lesson.blocks if isinstance(block, Word)}
    for lesson in chapters(language):
        for page, query, anchor in LINK.findall(written(lesson)):
            assert page in {*slugs, "playground"}
            assert (anchor in words) == (page == "words"), anchor
            experiment(query)


EXPLAINED = (  # what nobody knows who comes from calculus
    "label", "hidden-layer", "batch", "seed", "jacobian", "eigenvalue", "saddle", "fixed-point", "spectral-radius",
    "learning-rate", "epoch", "sigmoid", "convolution", "softmax", "bptt", "cross-entropy", "autograd",
    "jacobian-penalty",
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", [lesson.slug for lesson in chapters("en") if lesson.section != "words"])
def test_a_word_is_explained_where_a_chapter_first_tells_of_it(slug, language):
    """The first paragraph that has it links to its entry, or one before it does."""
    words = {block.key: block for lesson in chapters(language) for block in lesson.blocks if isinstance(block, Word)}
    lesson = next(lesson for lesson in chapters(language) if lesson.slug == slug)
    told = [line for block in lesson.blocks if isinstance(block, Prose) for line in block.text.split("\n\n")]
    for key in EXPLAINED:
        name = re.compile("|".join(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])" for name in words[key].names), re.I)
        first = next((i for i, text in enumerate(told) if name.search(text)), None)
        assert first is None or any(f"(words#{key})" in text for text in told[: first + 1]), (key, told[first])


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
