"""What the chapters and the Playground show, for the tests that walk them."""

import json

import numpy as np

from fbviz.chapters.figures import FIGURES
from fbviz.chapters.lesson import Predict, Run
from fbviz.chapters.rooms import chapters
from fbviz.figures.base import Grid
from fbviz.figures.stage import stage
from fbviz.picture import Picture
from fbviz.words import translator

NAMED = ("array", "mark", "spread", "re", "im", "number")  # of a cell: each may name an array
LENGTHS = ("x", "y", "text", "customdata", "marker.color")  # of a trace: as many of each


def blocks(language="en"):
    """Every block with a program, by its chapter and its key."""
    return {
        f"{lesson.slug}: {block.key}": block
        for lesson in chapters(language)
        for block in lesson.blocks
        if isinstance(block, Run | Predict)
    }


def playground(experiment, *, twin=False):
    """The figures that the Playground shows of an experiment."""
    return [figure for place in stage(experiment, twin=twin) for figure in place]


def figures_of(*slugs):
    """By program, every figure that is shown with it in some chapters."""
    found = {}
    for name, block in blocks().items():
        if name.partition(":")[0] in slugs:
            found.setdefault(block.program, {}).update(dict.fromkeys(block.figures))
    return {program: tuple(figures) for program, figures in found.items()}


def cells(grid):
    """The cells of a table that are filled by a frame."""
    return [cell for row in grid.rows for cell in row if not isinstance(cell, str)]


def arrays_named(figure):
    """Every array that a figure takes from a frame."""
    if isinstance(figure, Grid):
        return {cell[part] for cell in cells(figure) for part in NAMED if cell.get(part)}
    loads = (figure.layout.meta or {}).get("load", {})
    return {array for trace in figure.data for array in (trace.meta or {}).values()} | set(loads.values())


def facts_named(figure):
    """The path of every fact that a figure takes from a frame."""
    return {cell["fact"] for cell in cells(figure) if "fact" in cell} if isinstance(figure, Grid) else set()


def at(facts, path):
    """The fact at a path."""
    for name in path.split("."):
        facts = facts[int(name)] if isinstance(facts, list) else facts[name]
    return facts


def attribute(trace, path):
    """What a trace has at a path, or None."""
    for name in path.split("."):
        trace = None if trace is None else trace[name]
    return trace


def check(name, experiment, frame, language="zh"):
    """Blank and filled it is one figure, which takes what it names as it came, and is well formed."""
    blank, whole = (FIGURES[name].f(Picture(experiment, arrays), translator(language)) for arrays in ({}, frame.arrays))
    assert json.loads(blank.to_json())
    assert arrays_named(blank) == arrays_named(whole) <= set(frame.arrays), name
    assert arrays_named(blank)
    if isinstance(blank, Grid):
        assert blank == whole
        assert {len(row) for row in blank.rows} == {len(blank.columns)}
        assert all(frame.arrays[array].ndim == 1 for array in arrays_named(blank))
        assert all(isinstance(at(frame.facts, path), str) for path in facts_named(blank))
        return
    assert json.loads(whole.to_json())
    assert [trace.meta for trace in blank.data] == [trace.meta for trace in whole.data]
    for trace in whole.data:
        for path, array in (trace.meta or {}).items():
            np.testing.assert_array_equal(np.asarray(attribute(trace, path)), frame.arrays[array])
        assert fits(trace), (name, trace.type)


def fits(trace):
    """Has a heatmap as many rows and columns as places, or one border more, and any other trace as much of each?"""
    if trace.type in ("heatmap", "contour"):
        sides = np.shape(trace.z)
        places = [getattr(trace, side) for side in ("y", "x")]
        return len(sides) == 2 and all(
            place is None or len(place) - side in (0, 1) for side, place in zip(sides, places, strict=True)
        )
    many = [attribute(trace, path) for path in LENGTHS if path in trace]
    return len({len(values) for values in many if np.ndim(values) and len(values)}) < 2


def every_cell_is_filled(name, experiment, frame):
    """Is there a number for each cell of a table? True of a figure, which has none."""
    grid = FIGURES[name].f(Picture(experiment))
    places = [
        (cell[part], cell["at"])
        for cell in (cells(grid) if isinstance(grid, Grid) else ())
        for part in ("array", "mark", "spread", "number")
        if cell.get(part)
    ]
    return all(place < len(frame.arrays[array]) for array, place in places)
