"""A desk without a browser: what a program yields when a reader plays it, or moves its sliders."""

from fbviz.learning.programs import PROGRAMS


class Asking:
    """A desk at which someone wants every frame, and changes values as they come to it."""

    playing = False  # what goes by itself at a real desk need not take its time here

    def __init__(self, values):
        self.values = dict(values or {})

    def wanted(self, update):
        return True


def frames(program, query="", values=None, then=()):
    """Every frame of a program; each of `then` is a change of values, made when it idles."""
    desk = Asking(values)
    pairs = dict(pair.split("=") for pair in query.split("&") if pair)
    changes = iter(then)
    for frame in PROGRAMS[program](pairs, desk):
        yield frame
        if frame.facts.get("idle"):
            change = next(changes, None)
            if change is None:
                return
            desk.values.update(change)
