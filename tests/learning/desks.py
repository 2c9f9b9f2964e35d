"""A desk without a browser: what a program yields when a reader plays it, or moves its sliders."""

from fbviz.learning.programs import PROGRAMS


class Asking:
    """A desk at which someone wants a frame every `step` updates, and changes values as they come to it."""

    checkpoint = b""  # every run begins at its beginning
    playing = False  # what goes by itself at a real desk need not take its time here

    def __init__(self, values, step=1):
        self.values, self.step = dict(values or {}), step

    def wanted(self, update):
        return update % self.step == 0


def frames(program, query="", values=None, then=(), step=1):
    """The frames of a program, at every `step` updates; each of `then` is a change of values, made when it idles."""
    desk = Asking(values, step)
    pairs = dict(pair.split("=") for pair in query.split("&") if pair)
    changes = iter(then)
    for frame in PROGRAMS[program](pairs, desk):
        yield frame
        if frame.facts.get("idle"):
            change = next(changes, None)
            if change is None:
                return
            desk.values.update(change)
