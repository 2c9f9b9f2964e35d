"""The glossary where it is needed: its entries as HTML, its words in a sentence, and who names them by their keys."""

import json
import re
from html.parser import HTMLParser

import pytest
from starlette.requests import Request

from fbviz.chapters import glossary
from fbviz.chapters.figures import FIGURES
from fbviz.experiment import SETTINGS
from fbviz.fields import OneOf
from fbviz.live.routes import words
from fbviz.live.view import terms
from fbviz.words import LANGUAGES, translator

WORDLESS = {"noise", "device", "engine"}  # settings that say all there is to say


def test_every_setting_and_choice_names_an_entry_that_there_is():
    settings = {setting.name: setting.rule.word for setting in SETTINGS}
    choices = {entry.word for s in SETTINGS if isinstance(s.rule, OneOf) for entry in s.rule.table.values()}

    assert {name for name, word in settings.items() if not word} == WORDLESS
    for language in LANGUAGES:
        assert {*settings.values(), *choices} - {""} <= set(glossary.entries(language))


def test_the_letter_of_a_setting_can_be_read_aloud():
    assert [s.name for s in SETTINGS if re.search(r"[\\$^_{}]", s.rule.symbol)] == []


class Tags(HTMLParser):
    """What stands in a piece of HTML; every element is closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.text = [], [], ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_formula_of_an_entry_is_mathml_and_nothing_of_its_markup_is_left(language):
    for key, page in glossary.pages(language).items():
        written = glossary.entries(language)[key]
        formula, text = Tags(page["formula"]), Tags(page["text"])
        assert formula.seen.count("math") == bool(written.formula)
        assert text.seen.count("math") == written.text.count("$") / 2
        for found in (formula, text):
            assert not {"merror", "script", "img"} & set(found.seen)
            assert not re.search(r"[\\$]|\]\(", found.text), (key, found.text)


def test_a_text_becomes_html_in_which_nothing_else_has_a_meaning():
    assert glossary.html("a < b & *c* [d](words#e)") == 'a &lt; b &amp; <em>c</em> <a href="words#e">d</a>'
    assert glossary.html("<script>") == "&lt;script&gt;"
    assert glossary.html("$a<b$").startswith("<math")
    assert glossary.html("$a<b$").count("&lt;") + glossary.html("$a<b$").count("&#x0003C;") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_is_written_as_one_entry_has_it(language):
    names = [name.lower() for word in glossary.entries(language).values() for name in word.names]
    assert len(names) == len(set(names))
    for word in glossary.entries(language).values():
        for name in word.names:
            assert list(glossary.marked(name, language)) == [(name, word.key)]


def test_the_words_of_a_sentence_are_found_the_longest_first_and_only_whole():
    assert list(glossary.marked("Truncated BPTT, at step t", "en")) == [
        ("Truncated BPTT", "truncated-bptt"),
        (", at ", ""),
        ("step t", "unroll-step"),
    ]
    assert list(glossary.marked("statement", "en")) == [("statement", "")]
    assert [key for _, key in glossary.marked("第 t 步的决策边界", "zh") if key] == ["unroll-step", "boundary"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_title_of_a_figure_is_whole_in_its_parts(language):
    t = translator(language)
    titles = [t(figure.label) for figure in FIGURES.values()]
    parts = [list(glossary.marked(title, language)) for title in titles]
    assert ["".join(text for text, _ in each) for each in parts] == titles
    assert sum(any(key for _, key in each) for each in parts) > 15


def test_the_words_in_what_a_view_can_say_are_given_with_their_entries():
    said = {"status": {"update": "update {update}"}, "strip": "t = {t} · residual {residual}", "play": "Play"}

    assert terms(said, "en") == {"residual": "residual", "update": "update", "t": "unroll-step"}
    assert list(terms(said, "en"))[-1] == "t"  # a longer word is looked for first


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_has_a_letter_that_means_another_thing_where_words_are_looked_for(language):
    names = [name for word in glossary.entries(language).values() for name in word.names]
    assert [name for name in names if re.search(r"[\\^$.|?*+()\[\]{}]", name)] == []


def test_a_browser_gets_the_glossary_in_its_language_or_in_english():
    for asked, language in (("en", "en"), ("zh", "zh"), ("xx", "en"), ("<b>", "en")):
        answer = words(Request({"type": "http", "path_params": {"language": asked}}))
        assert json.loads(answer.body) == glossary.pages(language)
