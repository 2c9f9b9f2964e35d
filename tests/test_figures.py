import itertools
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fbviz.chapters.figures import FIGURES
from fbviz.diagram import BINS, Diagram
from fbviz.dials import STEPS
from fbviz.examples import draw
from fbviz.experiment import Experiment
from fbviz.figures.base import CLASS_COLOURS, CONTRAST, MIDDLE, Grid
from fbviz.history import schedule
from fbviz.learning.training import every, train
from fbviz.picture import Picture
from fbviz.tasks import TASKS
from fbviz.words import translator
from tests.shown import playground

CASES = [*itertools.product(TASKS, ["none", "output", "hidden"], [(), (5,), (12, 3, 7)])]


def picture(experiment):
    *_, last = train(experiment.changed(updates=4, points=20).fitted(), show=every(2))
    return Picture.of(last)


def seen(figure):
    """Every (attribute path, array name, value) that a figure's traces take from the picture."""
    for trace in figure.data:
        for attribute, name in (trace.meta or {}).items():
            value = trace
            for part in attribute.split("."):
                value = value[part]
            yield attribute, name, value


@pytest.mark.parametrize(("task", "feedback", "hidden"), CASES)
def test_a_blank_figure_with_the_arrays_it_names_is_the_figure(task, feedback, hidden):
    whole = picture(Experiment().changed(task=task, feedback=feedback, hidden=hidden, spare=1))
    for name in playground(whole.experiment):
        drawn = FIGURES[name].f
        blank = drawn(Picture(whole.experiment), translator("zh"))
        for attribute, array, _ in [(a, n, None) for t in blank.data for a, n in (t.meta or {}).items()]:
            assert array in whole.arrays, (name, attribute)
        for _, array, value in seen(drawn(whole)):
            np.testing.assert_array_equal(np.asarray(value), whole.arrays[array])


@pytest.mark.parametrize(("name", "length"), [("boundary", 8), ("boundary_at_step", STEPS), ("twin_boundaries", 8)])
def test_a_sequence_shows_its_input_and_its_target_above_the_answer_and_says_what_the_colours_are(name, length):
    experiment = Experiment().changed(task="flip_flop", feedback="output", length=8)
    figure = FIGURES[name].f(Picture(experiment))
    _, (x, y) = draw(replace(experiment.data, length=length))
    said, known = (trace for trace in figure.data[:2])
    middles = dict(zip(figure.layout.yaxis.tickvals, figure.layout.yaxis.ticktext, strict=True))
    lines = {word: [at for at, text in middles.items() if text == word] for word in ("input", "target", "answer")}

    for i, (heard, right) in enumerate(zip(x[..., 0], y[..., 0], strict=True)):
        if i == len(lines["answer"]):
            break
        rows = [known.z[np.searchsorted(known.y, lines[word][i]) - 1] for word in lines]
        np.testing.assert_array_equal(rows[:2], [heard, right])
        assert np.isnan(rows[2]).all()  # there the field below is seen
        assert round((lines["answer"][i] - said.y0) / said.dy) == i
    assert i > 1
    assert [trace.name for trace in figure.data if trace.name] == ["−1", "0, or undecided", "+1"]
    assert figure.layout.showlegend


def test_a_live_picture_moves_every_figure():
    for figure in FIGURES.values():
        blank = figure.f(Picture(Experiment()))
        assert isinstance(blank, Grid) or [trace for trace in blank.data if trace.meta]


@given(st.integers(1, 100_000))
def test_a_history_begins_close_and_is_never_long(updates):
    kept = sorted(schedule(updates))

    assert kept[: min(10, updates) + 1] == list(range(min(10, updates) + 1))
    assert kept[-1] <= updates
    assert len(kept) <= 320
    assert max(np.diff(kept)) <= max(1, updates // 100)


def test_every_weight_that_is_large_enough_is_a_line_of_its_sign_and_size():
    diagram = Diagram(Experiment().changed(hidden=(5, 4)))
    rng = np.random.default_rng(0)
    weights = tuple(rng.normal(size=(b, a)) * 2 for a, b in itertools.pairwise(diagram.sizes))
    edges = diagram.edges(weights)
    every_weight = np.concatenate([W.ravel() for W in weights])

    for sign, here in (("negative", every_weight < 0), ("positive", every_weight > 0)):
        for width, (low, high) in enumerate(itertools.pairwise([*BINS, np.inf]), start=1):
            size = np.abs(every_weight)
            assert len(edges[f"edges.{sign}.{width}.x"]) == 3 * (here & (size >= low) & (size < high)).sum()


def lab(rgb):
    """CIE L*a*b* of linear sRGB (3,)."""
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    xyz = to_xyz @ np.clip(rgb, 0, 1) / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def linear(colour):
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


# Machado, Oliveira and Fernandes 2009, severity 1.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


@pytest.mark.parametrize("kind", BLINDNESS)
def test_colour_blind_readers_can_tell_the_classes_apart(kind):
    said = [lab(np.array(BLINDNESS[kind]) @ linear(colour)) for colour in (*CLASS_COLOURS, MIDDLE)]

    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(said, 2)) > 20


PAGES = tomllib.loads((Path(__file__).parents[1] / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"]


def luminance(colour):
    return linear(colour) @ [0.2126, 0.7152, 0.0722]


def contrast(*colours):
    """WCAG 2, 1.4.3: from 1 to 21."""
    dark, light = sorted(map(luminance, colours))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("kind", BLINDNESS)
def test_lines_stand_out_from_the_page_and_from_each_other_for_colour_blind_readers_too(theme, kind):
    page = PAGES[("light", "dark")[theme]]["backgroundColor"]
    colours = [both[theme] for both in CONTRAST]
    seen = [lab(np.array(BLINDNESS[kind]) @ linear(colour)) for colour in colours]

    assert min(contrast(colour, page) for colour in colours) >= 3
    assert contrast(colours[2], page) >= 4.5  # numbers of the axis of the accuracy are written in it
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 20
