"""What the texts say is so: each number in them is computed by a check, or is none that was measured."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from babel.messages.pofile import read_po

from fbviz.chapters.rooms import chapters
from fbviz.words import files
from tests.catalogue import messages
from tests.claims.claim import CLAIMS, Seen, agrees, linked, told
from tests.claims.numbers import numbers, phrases

HERE = Path(__file__).parent
README = HERE.parents[1] / "README.md"
ELSEWHERE = (  # in the README: code, what tests/test_readme.py holds, what `make bench` measures, a licence's name
    r"^```.*?^```",
    r"^ {4}[^\n]*",
    r"^\| `FBVIZ[^\n]*",
    r"\*\*\d ",
    r"^With [^.]*\(`make bench`\)",
    r"License \d\.\d",
)
SLUGS = [lesson.slug for lesson in chapters("en")]

for module in iter_modules([str(HERE)]):
    if not module.name.startswith("test_"):
        import_module(f"tests.claims.{module.name}")


def texts(slug, language="en"):
    """By place: each text of a chapter, of the README, or of the code, and the question it belongs to."""
    if slug == "readme":
        said = re.sub("|".join(ELSEWHERE), "", README.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        return {"README": (said, None)}
    if slug == "house":
        return {text: (re.sub(r"\{[^}]*\}", "", text), None) for said in messages().values() for text in said}
    [lesson] = [lesson for lesson in chapters(language) if lesson.slug == slug]
    return {place: (text, block) for place, text, block in told(lesson)}


def asked(value, place, block):
    """Is a question asked with this number? It is in its link, or its choices divide there: 599 is one below 600."""
    if block is None or place.endswith("why"):
        return False
    if "choice" not in place:
        return value in linked(block)
    edges = [abs(edge) * (1 if block.unit == "number" else 100) for edge in block.edges]
    return any(abs(value - edge) <= (1 if edge > 10 else 1e-6) for edge in edges)


@pytest.mark.parametrize("slug", [*SLUGS, "readme", "house"])
def test_every_number_that_is_said_is_held_by_a_check(slug):
    said = [phrase for claim in CLAIMS if claim.slug == slug for phrase in claim.phrases]
    for place, (text, block) in texts(slug).items():
        held = {number for phrase in said for found in phrases(phrase, text) for number in found}
        loose = [n for n in numbers(text) if n not in held and not asked(n.value, place, block)]
        assert loose == [], f"{place}: {[text[max(0, n.start - 60) : n.end + 60] for n in loose]}"


def test_every_phrase_that_is_held_is_said():
    for claim in CLAIMS:
        said = [text for text, _ in texts(claim.slug).values()]
        for phrase in claim.phrases:
            assert any([*phrases(phrase, text)] for text in said), phrase


@pytest.mark.parametrize("slug", SLUGS)
def test_both_languages_say_the_same_numbers(slug):
    theirs = texts(slug, "zh")
    for place, (text, _) in texts(slug).items():
        other, _ = theirs[place]
        assert {n.value for n in numbers(text)} == {n.value for n in numbers(other, "zh")}, f"{text}\n{other}"


def test_a_translation_says_the_same_numbers():
    for path in files("zh"):
        with path.open("rb") as file:
            for message in [*read_po(file)][1:]:
                ours, theirs = numbers(message.id or ""), numbers(message.string, "zh")
                assert {n.value for n in ours} == {n.value for n in theirs}, message.id


@pytest.mark.parametrize("claim", [pytest.param(c, id=f"{c.slug}: {c.check.__name__}") for c in CLAIMS])
def test_what_is_said_is_so(claim, watched, once):
    measured = claim.check(Seen(claim.slug, watched, once)) or ()
    said = [text for text, _ in texts(claim.slug).values()]
    for phrase in claim.phrases:
        found = [numbers for text in said for numbers in phrases(phrase, text)]
        count = len(found[0])
        for spoken in found:
            expected = measured[:count]
            assert [*map(agrees, spoken, expected)] == [True] * count, f"{phrase}: {expected}"
        measured = measured[count:]
    assert len(measured) == 0
