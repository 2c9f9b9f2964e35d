"""A runner without a browser: what a program yields when a reader plays it, or moves its sliders."""

import pytest

from fbviz.chapters.thinking_longer import thinking
from fbviz.experiment import Experiment
from fbviz.worker.programs import load

NEVER = 10**9  # updates between two looks


class Asking:
    """A runner whose reader wants a frame every `step` updates, and changes values as they come to it."""

    checkpoint = b""  # every run begins at its beginning
    playing = False  # what goes by itself at a real one need not take its time here

    def __init__(self, values, step=1):
        self.values, self.step = dict(values or {}), step

    def wanted(self, update):
        return update % self.step == 0

    def ahead(self, update):
        return self.step - update % self.step


def played(program, query, runner):
    """The frames of a program on the experiment of a query like task=xor&gain=2."""
    experiment, _ = Experiment.from_query(dict(pair.split("=") for pair in query.split("&") if pair))
    return load()[program](experiment, runner)


def frames(program, query="", values=None, then=(), step=1):
    """The frames of a program, at every `step` updates; each of `then` is a change of values, made when it idles."""
    runner = Asking(values, step)
    changes = iter(then)
    for frame in played(program, query, runner):
        yield frame
        if frame.facts.get("idle"):
            change = next(changes, None)
            if change is None:
                return
            runner.values.update(change)


def watch(program, query, values):
    """The last frame of a program that nobody looks at before, and the networks that have learned in it to think."""
    practices = []

    class Kept(thinking.Practice):
        def __init__(self, *given, **more):
            super().__init__(*given, **more)
            practices.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thinking, "Practice", Kept)
        *_, last = frames(program, query, values, step=NEVER)
    return last, [practice.network for practice in practices]
