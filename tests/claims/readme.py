"""The README: what its words say."""

import asyncio
import re
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from fbviz.chapters.the_printed_network.values import BandDials
from fbviz.chapters.thinking_longer import thinking
from fbviz.live import health
from tests.claims.claim import chapter

says = chapter("readme")
ROOT = Path(__file__).resolve().parents[2]


@says("You need Python {} or later")
def which_python(seen):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [project["requires-python"].removeprefix(">=")]


@says("a {} updates are not enough for four points")
def updates_that_are_not_enough(seen):
    frame = seen.in_chapter("logistic-regression")("thousand")
    assert frame.facts["right"] < 1
    return [frame.facts["update"]]


@says("out of reach of {} seeds", "the band of {} seeds")
def seeds_of_the_band(seen):
    assert seen.in_chapter("the-printed-network")("as_low").facts["as_low"] == 0
    count = BandDials.start()["seeds"]
    return count, count


@says("{} parameters fill mazes nine times")
def parameters_that_fill_mazes(seen):
    return [thinking.flood_fill().size]


@says("The answer spreads from the start, {} steps in")
def the_picture_of_a_maze(seen):
    pictures = (ROOT / "tests" / "browser" / "screenshots.py").read_text(encoding="utf-8")
    return re.findall(r'"flood_fill", slide\("steps t", "(\d+)"\)', pictures)


@says("Health is `/fbviz/health`: {} and `ok`, or {} and a sentence that says why no run can start")
def answers_of_the_health(seen):
    answers = []
    for trouble in ("", "There is no PyTorch."):
        # in a thread of its own: where a browser is driven, this one has a loop that runs already
        with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor() as elsewhere:
            patch.setattr(health, "engine", lambda trouble=trouble: SimpleNamespace(trouble=trouble))
            answers.append(elsewhere.submit(asyncio.run, health.health(None)).result())
    assert [answer.body for answer in answers] == [b"ok", b"There is no PyTorch."]
    return [answer.status_code for answer in answers]
