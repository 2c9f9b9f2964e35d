import re

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from fbviz.words import LANGUAGES, PACKAGE, Sentence, files, short, spoken, translator
from tests.catalogue import messages

HOLE = re.compile(r"%?\{\w+")
OTHERS = [language for language in LANGUAGES if language != "en"]


@pytest.fixture(params=OTHERS)
def catalogue(request):
    """Every message of a language, by the folder that keeps it and what it is in English."""
    found = {}
    for path in files(request.param):
        with path.open("rb") as file:
            found |= {(path.parent, m.id): m for m in read_po(file) if m.id}
    return found


def test_every_sentence_is_translated(catalogue):
    said = [(folder, text) for folder, texts in messages().items() for text in texts]
    assert [place for place in said if not (place in catalogue and catalogue[place].string)] == []


def test_no_translation_is_stale_or_uncertain(catalogue):
    said = messages()
    assert {(folder, text) for folder, text in catalogue if text not in said[folder]} == set()
    assert [m.id for m in catalogue.values() if m.fuzzy] == []


def test_a_translation_has_the_same_holes_to_fill(catalogue):
    for (_, text), message in catalogue.items():
        assert sorted(HOLE.findall(text)) == sorted(HOLE.findall(message.string)), text


def test_a_sentence_is_said_in_the_language_of_the_reader():
    sentence = Sentence("Not a setting, so ignored: {names}.", {"names": ("junk", "Play")})

    assert str(sentence) == "Not a setting, so ignored: junk, Play."
    assert sentence.say(translator("zh")) == "没有这样的设置，已忽略：junk, Play。"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (["zh-CN"], "zh"),
        (["zh_CN"], "zh"),
        (["ZH"], "zh"),
        (["zh-Hant-TW"], "zh"),
        (["en-GB"], "en"),
        (["fr", "zh-CN"], "zh"),
        ([None, "fr"], "en"),
        (["", None], "en"),
        (["zhuang", "-", "_"], "en"),
    ],
)
def test_a_language_is_known_by_its_first_word(asked, found):
    assert spoken(*asked) == found


@given(st.text())
def test_a_short_text_is_one_line_that_can_be_printed(text):
    assert short(text).isprintable()
    assert len(short(text)) <= 41


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("![x](//host/a.png)", "`![x](//host/a.png)`"),
        ("a `b` c", "`` a `b` c ``"),
        ("``", "``` `` ```"),
        ("", "`  `"),
    ],
)
def test_a_text_from_outside_is_a_code_span_in_markdown(text, span):
    assert Sentence("{name}!", {"name": text}).markdown() == span + "!"
    assert Sentence("{name}!", {"name": text}).say() == text + "!"


def test_a_sentence_stands_in_one_file_alone(catalogue):
    texts = [text for _, text in catalogue]
    assert len(texts) == len(set(texts))


def test_a_language_nobody_has_written_is_english():
    assert translator("xx")("Play") == "Play"


CHINESE = [path.read_text(encoding="utf-8") for path in (*files("zh"), *PACKAGE.glob("chapters/*/zh.md"))]
ONE_NAME = {  # of each thing, and what it is not called
    "回路": "环路",
    "演练场": "游乐场|实验场",
    "权重尺度": "权重倍数|权重的倍数",
    "图案": "图样",
    "决策边界": "分界线",
    "第 t 步": "步数 t|展开步 t|(?<!第 )步 t",
    "计算损失": "损失取自|取损失",
    "斜率": "坡度",
    "种子": "随机种子",
}


@pytest.mark.parametrize(("ours", "strays"), ONE_NAME.items())
def test_a_thing_has_one_name_in_chinese(ours, strays):
    assert any(ours in text for text in CHINESE)
    assert [found[0] for text in CHINESE for found in re.finditer(strays, text)] == []


SLANTED = re.compile(r"(?<![*^])\*(?![*\s])[^*$\n]*[\u4e00-\u9fff][^*$\n]*(?<![*\s])\*(?!\*)")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:!?]|[,;:!?][\u4e00-\u9fff]")


def test_chinese_stands_upright_and_has_punctuation_of_its_own_width():
    assert [found[0] for text in CHINESE for found in SLANTED.finditer(text)] == []
    assert [found[0] for text in CHINESE for found in HALF_WIDTH.finditer(text)] == []
