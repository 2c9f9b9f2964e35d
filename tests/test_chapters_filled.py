"""Each block of each chapter, and the Playground: its program sends what is shown and read, and nothing else."""

import re
from functools import cache
from pathlib import Path

import pytest

from fbviz import live
from fbviz.chapters.figures import FIGURES
from fbviz.chapters.lesson import OWN, Predict, Run, experiment
from fbviz.dials import given as offer
from fbviz.experiment import Experiment
from fbviz.figures import stage
from fbviz.picture import HISTORY, Picture
from fbviz.words import english, translator
from fbviz.worker.programs import load
from tests.learning.runners import Asking
from tests.shown import arrays_named, at, blocks, check, facts_named, playground

LOOK = {"experiment": OWN, "figures": [], "dials": [*stage.LOOK]}  # what it shows depends on the experiment
PLAYGROUND, BESIDE = Run(key="alone", **LOOK), Run(key="beside", program="training_beside", **LOOK)
BLOCKS = {**blocks(), "playground": PLAYGROUND, "playground, the same without its loop beside": BESIDE}
OWNS = [  # that a reader may come with: a task of each kind, and a network without a loop
    *(Experiment().changed(task=task).fitted() for task in ("circle", "three", "bumps", "delay")),
    Experiment().changed(feedback="none"),
]
FRAMES = 3  # before the first update, and after each of the first two

# What the component reads of every frame, whichever figures it shows.
COMPONENT = {
    "update",  # the status line; where a lost run is trained again; and the runner counts by it
    "epoch",  # the status line says all that the words of view.py have under "status"
    "test_loss",
    "place",
    "places",
    "share",  # the progress bar, and the estimate in the status line
    "known",  # the run tells the page
    "engine",  # the status line
    "device",  # the status line, beside the device that was asked for
    "metrics",  # the status line says the first
    "ended",  # the status line says why; the runner looks whether it is over
    "done",
    "dials",  # dials.js: where the program has moved them itself
    "t",  # the step slider
    "residual",
    "preview",  # faint figures, and the status line says of which update
    "idle",  # view, places.py, run_view.py and the runner: the program waits for its reader
}


def figures(block, given):
    """The figures of a block."""
    return playground(given, twin=block is BESIDE) if block in (PLAYGROUND, BESIDE) else block.figures


def experiments(block):
    """What a block's program may be given."""
    if block is BESIDE:
        return [own for own in OWNS if own.state_size]
    return OWNS if block.experiment == OWN else [experiment(block.experiment)]


def dials(block):
    """The values a block begins with, and all that a reader can make of them with one move: ends, and options."""
    if isinstance(block, Predict):
        return block.values, []
    told = offer(block.program, block.dials, block.values, english)
    offered = {dial["name"]: (dial["low"], dial["high"]) for dial in told["sliders"]}
    offered |= {dial["name"]: range(len(dial["options"])) for dial in told["choices"]}
    begun = {dial["name"]: dial["value"] for dials in told.values() for dial in dials}
    return begun, [begun | {name: value} for name, values in offered.items() for value in values]


def frames(block, given):
    """The first frames of a block's program, and one more for each move of a dial."""
    values, moves = dials(block)
    return pulled(block.program, given, tuple(values.items()), tuple(tuple(move.items()) for move in moves))


@cache
def pulled(program, given, values, moves):
    runner = Asking(dict(values))
    going = load()[program](given, runner)
    seen = [frame for frame, _ in zip(going, range(FRAMES), strict=False)]
    for move in moves:
        runner.values.update(move)
        seen.append(next(going))
    return seen


@cache
def named(figure, given):
    """The arrays and the facts that a figure names, the same in every language."""
    (arrays, facts), *others = (
        (arrays_named(blank), facts_named(blank))
        for blank in (FIGURES[figure].f(Picture(given), t) for t in (english, translator("zh")))
    )
    assert [(arrays, facts)] == others, figure
    return arrays, facts


def of(program):
    """The blocks that show a program."""
    return [block for block in BLOCKS.values() if block.program == program]


def leaves(facts, path=""):
    """The path of every number and word among the facts."""
    inner = facts.items() if isinstance(facts, dict) else enumerate(facts) if isinstance(facts, list) else ()
    paths = [leaf for name, value in inner for leaf in leaves(value, f"{path}.{name}".lstrip("."))]
    return paths or [path]


@pytest.mark.parametrize("name", BLOCKS)
def test_a_program_fills_every_array_and_every_fact_that_a_figure_of_its_block_names(name):
    block = BLOCKS[name]
    for given in experiments(block):
        for figure in figures(block, given):
            arrays, facts = named(figure, given)
            for frame in frames(block, given):
                missing = arrays - set(frame.arrays)
                assert not missing, f"{block.program} sends no {sorted(missing)}, which {figure} names."
                assert all(at(frame.facts, path) is not None for path in facts)


AT_ONCE = {"derivation", "recall", "stability", "two_neurons"}  # programs that are over in a moment


@pytest.mark.parametrize("program", load())
def test_a_program_that_takes_its_time_says_how_far_it_is(program):
    for block in of(program):
        for given in experiments(block):
            shares = [frame.facts.get("share") for frame in frames(block, given)[:FRAMES]]
            if program in AT_ONCE:
                assert not any(shares)
            else:
                assert [0, *shares, 1] == sorted([0, *shares, 1])
                assert shares[0] < shares[-1] or program == "capacity"  # which looks at a load many times


@pytest.mark.parametrize("name", BLOCKS)
def test_a_figure_of_a_block_takes_what_its_program_sends_as_it_came(name):
    block = BLOCKS[name]
    for given in experiments(block):
        first, *_, last = frames(block, given)
        for figure in figures(block, given):
            for frame, language in ((first, "en"), (last, "zh")):
                check(figure, given, frame, language)


def test_a_chapter_shows_the_same_programs_figures_and_experiments_in_both_languages():
    def shown(language):
        return {
            name: (block.program, block.experiment, block.figures, dials(block), getattr(block, "measure", ""))
            for name, block in blocks(language).items()
        }

    assert shown("en") == shown("zh")


@pytest.mark.parametrize("program", load())
def test_a_program_sends_no_array_that_nothing_shows(program):
    """The Playground also shows a run's whole history, as a table that can be taken away."""
    shown, sent = set(), set()
    for block in of(program):
        for given in experiments(block):
            shown |= {array for name in figures(block, given) for array in named(name, given)[0]}
            sent |= {array for frame in frames(block, given) for array in frame.arrays}
    unread = {array for array in sent - shown if not (program.startswith("training") and array.startswith(HISTORY))}

    assert sent, f"No block shows {program}."
    assert not unread, f"{program} sends {sorted(unread)}, which no figure of a block with it names."


@pytest.mark.parametrize("program", load())
def test_a_program_tells_no_fact_that_nothing_reads(program):
    """A page reads what the component says, what a table shows, and what decides a prediction."""
    read, told = COMPONENT - {"metrics"}, set()
    for block in of(program):
        for given in experiments(block):
            read |= {path for name in figures(block, given) for path in named(name, given)[1]}
            for frame in frames(block, given):
                told |= set(leaves(frame.facts))
                read |= {f"metrics.{name}" for name in list(frame.facts.get("metrics", ()))[:1]}
        read |= {block.measure} if isinstance(block, Predict) else set()
    unread = [path for path in sorted(told) if not any(f"{path}.".startswith(f"{known}.") for known in read)]

    assert not unread, f"{program} tells {unread}, which nothing on a page reads."


def test_the_component_reads_what_is_said_here_of_it():
    here = Path(live.__file__).parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in [here / "view.py", *sorted(here.rglob("*.js"))])

    assert {name for name in COMPONENT if not re.search(rf"\b{name}\b", source)} == set()
