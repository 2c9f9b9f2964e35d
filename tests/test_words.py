import re

import pytest
from babel.messages.pofile import read_po

from fbviz.words import LANGUAGES, LOCALE, Sentence, translator
from tests.catalogue import messages

HOLE = re.compile(r"%?\{\w+")
OTHERS = [language for language in LANGUAGES if language != "en"]


@pytest.fixture(params=OTHERS)
def catalogue(request):
    with (LOCALE / f"{request.param}.po").open("rb") as file:
        return {m.id: m for m in read_po(file) if m.id}


def test_every_sentence_is_translated(catalogue):
    assert [text for text in messages() if not (text in catalogue and catalogue[text].string)] == []


def test_no_translation_is_stale_or_uncertain(catalogue):
    assert set(catalogue) - set(messages()) == set()
    assert [m.id for m in catalogue.values() if m.fuzzy] == []


def test_a_translation_has_the_same_holes_to_fill(catalogue):
    for text, message in catalogue.items():
        assert sorted(HOLE.findall(text)) == sorted(HOLE.findall(message.string)), text


def test_a_sentence_is_said_in_the_language_of_the_reader():
    sentence = Sentence("{name} is not a setting; ignored.", {"name": "junk"})

    assert str(sentence) == "junk is not a setting; ignored."
    assert sentence.say(translator("zh")) == "没有 junk 这个设置，已忽略。"


def test_a_language_nobody_has_written_is_english():
    assert translator("xx")("Play") == "Play"


@pytest.mark.parametrize(("stray", "ours"), [("环路", "回路"), ("游乐场", "演练场")])
def test_a_thing_has_one_name_in_chinese(stray, ours):
    told = [LOCALE / "zh.po", *(LOCALE.parent / "lessons/zh").glob("*.md")]
    texts = [path.read_text(encoding="utf-8") for path in told]

    assert any(ours in text for text in texts)
    assert not any(stray in text for text in texts)
