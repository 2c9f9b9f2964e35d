"""The live component: its files, and what it is given: figures as JSON, words, and where its seat is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fbviz.chapters.figures import FIGURES
from fbviz.chapters.glossary import marked
from fbviz.choices import ENGINES
from fbviz.experiment import Experiment
from fbviz.live.engine import engine
from fbviz.live.requests import REFUSALS
from fbviz.picture import Picture
from fbviz.snapshot import ENDINGS
from fbviz.texts import NOTICES
from fbviz.words import Translate, translator

HERE = Path(__file__).parent
SCRIPTS = (  # they become one module, in which each file sees the others
    "element.js",
    "terms.js",
    "words.js",
    "frame.js",
    "table.js",
    "kept.js",
    "cells.js",
    "zoom.js",
    "large.js",
    "values.js",
    "points.js",
    "panel.js",
    "tabs.js",
    "panels.js",
    "steps.js",
    "pulse.js",
    "loop.js",
    "dials.js",
    "toolbar.js",
    "keys.js",
    "paper.js",
    "progress.js",
    "status.js",
    "plotly.js",
    "wire.js",
    "run.js",
    "view.js",  # holds them together
)


Places = Sequence[str | Sequence[str]]


@cache
def source(*names: str, folder: Path = HERE) -> str:
    """Files of a component, one after the other."""
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)


def data(
    experiment: Experiment,
    figures: Places,
    *,
    name: str,
    seat: str,
    program: str,
    scores: bool = True,
    language: str,
) -> dict[str, object]:
    """All that view.js needs to show a program live under a name of its own; arrays come by its seat.

    Several figures of one place are its tabs. Without `scores` the status line has no words for them: in a question
    they could tell the answer, or seem to.
    """
    blank, said = Picture(experiment), words(translator(language))
    if not scores:
        said = unscored(said)
    return {
        "name": name,
        "seat": seat,
        "server": engine().name,
        "program": program,
        "query": experiment.to_query(),
        "figures": [[panel(name, blank, language) for name in tabs(place)] for place in figures],
        "words": said | {"terms": terms(said, language)},
    }


def tabs(place: str | Sequence[str]) -> Sequence[str]:
    """The figures of one place."""
    return [place] if isinstance(place, str) else place


def panel(name: str, blank: Picture, language: str) -> dict[str, object]:
    """A figure, its title, also in parts by the words of the glossary, and what one who cannot see it is told."""
    figure, t = FIGURES[name], translator(language)
    said = {"title": t(figure.label), "alt": t(figure.help), "parts": list(marked(t(figure.label), language))}
    return {"name": name, "json": figure.f(blank, t).to_json()} | said


def unscored(words: dict[str, Any]) -> dict[str, Any]:
    """The words without those for how well a run does."""
    status = {name: said for name, said in words["status"].items() if name != "test_loss"}
    return {name: said for name, said in words.items() if name not in ("accuracy", "r2")} | {"status": status}


def terms(said: object, language: str) -> dict[str, str]:
    """Words of the glossary, as they stand in what is said, with the keys of their entries; the longest first."""
    if isinstance(said, Mapping):
        found = {word: key for each in said.values() for word, key in terms(each, language).items()}
    else:
        found = {word: key for word, key in marked(str(said), language) if key}
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


def words(t: Translate) -> dict[str, Any]:
    """Everything the component can say."""
    return {
        "play": t("Play"),
        "pause": t("Pause"),
        "step": t("Step"),
        "reset": t("Reset"),
        "speed": t("Speed"),
        "full": t("as fast as it goes"),
        "a_second": t("speed {n} a second"),
        "log": t("log scale"),
        "twin": t("α = 0 beside it"),
        "step_t": t("step t"),
        "play_steps": t("Go round the loop"),
        "hold_steps": t("Stay here"),
        "at_step": t("t = {t} of {last} · residual {residual}"),
        "preview": t("Faintly: what it will be after update {preview}."),
        "keys": t("Keys: Space plays and pauses, → makes one step, R resets."),
        "status": {
            "place": t("place {place} of {places}"),
            "update": t("update {update}"),
            "epoch": t("epoch {epoch}"),
            "seconds": t("{seconds} s"),
            "left": "{left}",
            "device": "{device}",
            "engine": "{engine}",
            "test_loss": t("test loss {test_loss}"),
        },
        "progress": t("How far it is"),
        "left": {"seconds": t("about {n} s left"), "minutes": t("about {n} min left")},
        "accuracy": t("test {score}").format(score=t("accuracy")),
        "r2": t("test {score}").format(score="R²"),
        "percent": t("{share} %"),
        "undefined": t("undefined"),
        "ready": t("Ready. Press Play."),
        "waits": t("What you have moved counts when it plays."),
        "queued": t("All places are taken. You are number {place} in the queue."),
        "share": t(
            "Your run has had its share of time, and others wait. It goes on by itself when it is its turn: "
            "you are number {place}."
        ),
        "gave": {
            "page": t("Paused, for another picture of this page runs now; Play goes on from here."),
            "rest": t("Its place went to somebody who waited; Play goes on from here."),
            "away": t("Its place went to somebody who waited while nobody looked here; Play goes on from here."),
        },
        "gone": {
            "restarted": t(
                "The server was restarted, and this run is gone. Press Play to train it again to update {update}."
            ),
            "released": t(
                "Nobody looked here for long, and this run was given up. Press Play to train it again to update "
                "{update}."
            ),
        },
        "engines": {name: t(ENGINES[name].label) for name in ("torch", "compiled")},
        "no_device": t("{device}, for there is no {asked} here"),
        "missed": t("What draws the figures has not come. Asking for it again …"),
        "undrawn": t("This could not be drawn: {figure}. The browser's console says why."),
        "lost": t("The connection is lost. Trying again …"),
        "connecting": t("Connecting …"),
        "notices": {sentence.template: t(sentence.template) for sentence in NOTICES.values()},
        "refusals": {word: t(sentence.template) for word, sentence in REFUSALS.items()},
        "cell": t("column {x}, row {y}"),
        "cells": t("The arrow keys move from cell to cell, Enter changes one."),
        "places": t("The arrow keys move over the figure, Enter chooses a place."),
        "tell": t("Say the values"),
        "told": t("{figure}: {values}"),
        "comma": t(", "),
        "zoom": t("Keys here: + and − zoom, the arrows move what is zoomed, 0 shows all."),
        "nearer": t("Zoom in"),
        "farther": t("Zoom out"),
        "all": t("Show all"),
        "enlarge": t("Draw on the whole screen"),
        "done": t("Done"),
        "fingers": t("One finger draws, two move the picture."),
        "toolbar": t("Run"),
        "layers": {"output": t("output"), "feedback": t("feedback"), "layer": t("layer {i}")},
        "endings": {word: t(sentence) for word, sentence in ENDINGS.items()},
    }
