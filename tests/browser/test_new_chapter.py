"""A new chapter is a new folder and nothing else."""

import shutil

import pytest
from playwright.sync_api import expect

from tests.server import ROOT, Server

HOUSE = ("app.py", "pages", "fbviz", "assets", ".streamlit")
WORDS = """+++
order = 0
title = "{title}"
question = "{question}"
+++

```predict
key = "third"
ask = "{ask}"
choices = ["{low}", "{high}"]
told = "{told}"
figures = ["echoes"]
program = "echo"
measure = "echo.heights"
edges = [2.5]
answer = 1
why = "{why}"
```

{after}

```run
key = "own"
figures = ["echoes"]
program = "echo"
dials = ["echoes"]
values = {{ echoes = 5 }}
```
"""
EN = {
    "title": "Echo",
    "question": "What comes back?",
    "ask": "How high is the third echo?",
    "low": "two or less",
    "high": "more than two",
    "told": "It is {measured} high.",
    "why": "Each echo is one higher.",
    "after": "That was all.",
    "section": "First steps",
    "dial": "echoes to hear",
}
ZH = {
    "title": "回声",
    "question": "什么会回来？",
    "ask": "第三声回声有多高？",
    "low": "至多二",
    "high": "大于二",
    "told": "它有 {measured} 高。",
    "why": "每一声都高一。",
    "after": "讲完了。",
    "section": "入门",
    "dial": "要听几声",
}
ROOM = {
    "en.md": WORDS.format(**EN),
    "zh.md": WORDS.format(**ZH),
    "zh.po": 'msgid "Echoes, one by one"\nmsgstr "逐声回声"\n\nmsgid "echoes to hear"\nmsgstr "要听几声"\n',
    "values.py": '''
from dataclasses import dataclass

from fbviz.dials import Dials, dials, slider


@dials("echo")
@dataclass(frozen=True, slots=True, kw_only=True)
class EchoDials(Dials):
    """What is heard."""

    echoes: int = slider(1, 9, default=3, label="echoes to hear")
''',
    "figures.py": '''
import plotly.graph_objects as go

from fbviz.figures.base import FIGURES, arrays, figure


@FIGURES.add(label="Echoes, one by one")
def echoes(picture, t):
    """How high each echo is."""
    return figure(go.Bar(**arrays(picture, y="echo.heights")))
''',
    "echo.py": '''
import numpy as np

from fbviz.chapters.echo.values import EchoDials
from fbviz.frames import Frame
from fbviz.snapshot import Ended, Status, facts
from fbviz.worker.programs import program


@program
def echo(experiment, runner):
    """Echoes, each one higher."""
    echoes = EchoDials.of(runner.values).echoes
    runner.wanted(echoes)
    ended = Ended("finished", {"updates": echoes})
    yield Frame(facts(Status(update=echoes, ended=ended)), {"echo.heights": np.arange(1.0, echoes + 1)})
''',
}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the house with one more room, and its server."""
    place = tmp_path_factory.mktemp("house")
    for name in HOUSE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, place / name)
    room = place / "fbviz/chapters/echo"
    room.mkdir()
    for name, text in ROOM.items():
        (room / name).write_text(text, encoding="utf-8")
    with Server(cwd=place, PYTHONPATH=str(place)) as server:
        yield server


@pytest.mark.parametrize(("language", "words", "figure"), [("en", EN, "Echoes, one by one"), ("zh", ZH, "逐声回声")])
def test_a_new_folder_is_a_chapter_that_stands_among_the_others_and_asks(visit, house, language, words, figure):
    tab = visit(f"echo?lang={language}", on=house)
    expect(tab.page.get_by_role("heading", name=words["title"])).to_be_visible()
    expect(tab.page.get_by_text(words["after"])).to_have_count(0)
    tab.page.get_by_text(words["high"], exact=True).click()
    tab.page.locator(".st-key-commit-echo-third button").click()

    tab.ready()
    expect(tab.page.get_by_text(words["told"].format(measured=3))).to_be_visible()
    expect(tab.page.get_by_text(words["after"])).to_be_visible()
    expect(tab.page.get_by_role("heading", name=figure).first).to_be_visible()
    assert tab.page.evaluate("[...document.querySelector('.js-plotly-plot').data[0].y]") == [1, 2, 3]
    expect(tab.page.get_by_role("slider", name=words["dial"])).to_have_value("5")
    tab.page.get_by_role("button", name=words["section"]).click()
    expect(tab.page.get_by_role("menuitem", name=words["title"])).to_be_visible()
