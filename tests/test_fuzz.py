"""Whatever a file or a link says, it is an experiment or a short sentence, at once.

A few thousand texts; FBVIZ_FUZZ=100000 tries as many.
"""

import json
import os
import random
import re
import time
from urllib.parse import parse_qsl, quote, urlencode

import pytest

from fbviz import cli
from fbviz.experiment import SETTINGS, Experiment
from fbviz.fields import Bounded, OneOf
from fbviz.words import SaidError, english, spoken, translator

WAYS = 4  # in which a text comes
MANY = int(os.environ.get("FBVIZ_FUZZ", "2400")) // WAYS
SLOWEST = 0.05  # seconds of the processor
LONGEST = 400  # characters of a sentence
SAYING = (english, translator("zh"))
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")  # a code span of CommonMark (6.1)
TOKEN = re.compile(r'"[^"]*"|-?[\d.]+|[{}\[\]:,&=?#%+-]|\w+')
ODD = [
    *("null", "true", "NaN", "-Infinity", "1e999", "-0.0", "0x10", "1_0", "٣", "1" + "0" * 400),
    *("9" * 4300, "9" * 5000, "1" * 24_000, "-".join(["8"] * 500), "[8,8,8,8,8,8,8,8]", "[true]", "[]", "{}"),
    *("[" * 900 + "]" * 900, "[" * 50_000, '{"a":' * 400 + "1" + "}" * 400, "[[1,2],[3,[4,{}]]]"),
    *('"' + "x" * 5000 + '"', '"\\ud800"', '"\\u202e\\u0000"', '"self"', '"{0}{name}"', "../../etc", "a=1&" * 2000),
    *("`", "``` `` `", "![x](//h/a.png)", "$x$", ":red[x]", "\x1b[2J", "\u202e", "\ufeff", "\ud800", "\n\n"),
    *("%00", "%", "&" * 3000, "=" * 3000),
]


def fitting(dice):
    """Any experiment."""
    values = {}
    for setting in dice.sample(SETTINGS, dice.randrange(len(SETTINGS))):
        match setting.rule:
            case Bounded(low=low, high=high, whole=whole):
                values[setting.name] = dice.choice(
                    [low, high, dice.randint(int(low), int(high)) if whole else high / 3]
                )
            case OneOf(table=table):
                values[setting.name] = dice.choice(list(table))
            case _:
                values[setting.name] = tuple(dice.choices(range(1, 65), k=dice.randrange(7)))
    return Experiment().changed(**values).fitted()


def mutated(text, dice):
    """A text in which a few tokens or characters are others."""
    for _ in range(dice.choice([0, 1, 1, 2, 5])):
        tokens = list(TOKEN.finditer(text)) or [re.match("", text)]
        one, other, at = dice.choice(tokens), dice.choice(tokens), dice.randrange(len(text) + 1)
        odd = dice.choice([*ODD, chr(dice.randrange(128)), chr(dice.randrange(0x11000))])
        match dice.randrange(8):
            case 0:  # something else in a token's place
                text = text[: one.start()] + dice.choice([odd, other[0], ""]) + text[one.end() :]
            case 1:
                text = text[: one.start()] + one[0] * dice.choice([2, 3, 40]) + text[one.end() :]
            case 2:
                text = f"{text[: one.start()]}[{one[0]}]{text[one.end() :]}"
            case 3 | 4:
                text = text[:at] + odd + text[at:]
            case 5:
                text = text[at:] + text[:at]
            case 6:
                text = text[:at]
            case 7:
                text = text + text
    return text


def files(dice):
    """A file of an experiment, as bytes: a few are other bytes, or in another encoding."""
    text = fitting(dice).to_json()
    parts = json.loads(text)
    if dice.random() < 0.3:  # settings in other parts, or parts of other names
        names = [*parts, "more", "self", ""]
        text = "{" + ",".join(f"{json.dumps(dice.choice(names))}: {json.dumps(p)}" for p in parts.values()) + "}"
    encoding = dice.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32-be", "latin-1"])
    data = bytearray(mutated(text, dice).encode(encoding, "replace"))
    for _ in range(dice.choice([0, 0, 0, 1, 4])):
        if data:
            data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data)


def links(dice):
    """The query of a link."""
    query = fitting(dice).to_query() | {"lang": dice.choice(["en", "zh-CN", "x" * 90])}
    text = mutated(urlencode(query), dice)
    if dice.random() < 0.1:
        names = (quote(dice.choice(ODD)[:60], errors="replace") for _ in range(dice.choice([1, 4, 500])))
        text += "".join(f"&{name}{i}=1" for i, name in enumerate(names))
    return text


def from_page(link):
    """What the page makes of a link (see ui/session.py)."""
    query = dict(parse_qsl(link, keep_blank_values=True))
    assert spoken(query.pop("lang", None), "fr") in ("en", "zh")
    return Experiment.from_query(query)


def from_shell(text):
    """What the shell makes of one; a name of a file is none."""
    return cli.read(text.removesuffix(".json"))


def sound(sentence):
    """One short line in both languages, in which nothing from outside has a meaning."""
    for t in SAYING:
        said, markdown = sentence.say(t), sentence.markdown(t)
        assert said.isprintable()
        assert len(said) <= LONGEST
        assert "\n" not in markdown
        assert not re.search(r"[`$<!\[]|:\w+[:\[]|//", CODE.sub("", markdown)), markdown


def tried(read, text):
    """Is it an experiment? And how many seconds of the processor it took to say so."""
    start, refusal = time.process_time(), None
    try:
        experiment, notices = read(text)
    except SaidError as why:
        refusal = why
    seconds = time.process_time() - start
    if refusal:
        sound(refusal.sentence)
        return False, seconds
    assert experiment == experiment.fitted()
    assert Experiment.from_query(experiment.to_query()) == (experiment, [])
    assert Experiment.from_json(experiment.to_json()) == (experiment, [])
    for notice in notices:
        sound(notice)
    return True, seconds


@pytest.mark.parametrize(
    ("make", "read"),
    [
        (files, Experiment.from_json),
        (lambda dice: files(dice).decode("utf-8", "surrogateescape"), from_shell),
        (links, from_page),
        (links, from_shell),
    ],
    ids=["file on the page", "JSON in the shell", "link on the page", "link in the shell"],
)
def test_any_text_is_an_experiment_or_a_sentence_and_is_read_at_once(make, read):
    dice = random.Random(0)
    taken, slowest, text = 0, 0.0, ""
    for number in range(MANY):
        given = make(dice)
        try:
            is_one, seconds = tried(read, given)
        except Exception as why:
            raise AssertionError(f"case {number}: {given[:2000]!r}") from why
        taken += is_one
        if seconds > slowest:
            seconds = min(seconds, tried(read, given)[1])  # once may be chance
            slowest, text = max((slowest, text), (seconds, given))
    print(f"{MANY} texts, {taken} taken, the slowest in {1000 * slowest:.1f} ms: {text[:60]!r}")  # seen with -rP

    assert taken > MANY / 20
    assert slowest < SLOWEST
