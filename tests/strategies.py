"""Experiments at random: every setting anywhere it may be."""

from typing import Any

from hypothesis import strategies as st

from fbviz.experiment import SETTINGS, Experiment
from fbviz.fields import Bounded, OneOf, Setting, Widths


def value(setting: Setting, most: dict[str, float]) -> st.SearchStrategy[Any]:
    match setting.rule:
        case Bounded(low=low, high=high, whole=True):
            return st.integers(int(low), int(min(high, most.get(setting.name, high))))
        case Bounded(low=low, high=high):
            return st.floats(low, high)
        case OneOf(table=table):
            return st.sampled_from(list(table))
        case Widths(depth=depth, width=width):
            widest = int(most.get(setting.name, width))
            return st.lists(st.integers(1, widest), max_size=depth).map(tuple)
    raise TypeError(setting)


def experiments(**most: float) -> st.SearchStrategy[Experiment]:
    """Any experiment, no setting above what `most` says."""
    return st.fixed_dictionaries({s.name: value(s, most) for s in SETTINGS}).map(lambda v: Experiment().changed(**v))
