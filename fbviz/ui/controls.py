"""Controls: a rule becomes a widget. No page draws a setting itself.

The experiment in the session is the truth. Before a widget is drawn it is set to what the experiment says, and when
a reader moves it, it reports back. So a setting that is not drawn keeps its value, and presets, links and uploads
set everything the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import singledispatch
from itertools import cycle
from typing import TypedDict

import streamlit as st

from fbviz.chapters.rooms import chapters
from fbviz.experiment import PARTS, SETTINGS, Experiment
from fbviz.fields import Bounded, OneOf, Setting, Widths
from fbviz.live.engine import engine
from fbviz.tables import spoken
from fbviz.ui import links
from fbviz.ui.session import session
from fbviz.words import SaidError, Sentence

SERIES = (1, 1.5, 2, 3, 5, 7)  # of each power of ten, on a log slider
ACROSS = 4  # controls side by side, inside another page
SEED = 1_000_000  # a number that can be larger is typed, not slid


class Common(TypedDict):
    """What every widget is given."""

    label: str
    help: str
    key: str
    on_change: Callable[[Setting, str], None]
    args: tuple[Setting, str]


def welcome() -> None:
    """One line that says what this is, and where a newcomer begins."""
    t = session().t
    first = chapters(session().language)[0]
    told = t("A neural network that hears itself. Press Play, then move **t** and see what each step of its loop adds.")
    begin = t("New here? Begin with [{chapter}]({slug}).").format(chapter=first.title, slug=first.slug)
    with st.container(key="welcome"):
        st.markdown(links.localised(f"{told} {begin}"))


def sidebar() -> None:
    """Every setting that matters, the loop's before all that it is built from; the rarely used are folded away."""
    t = session().t
    with st.sidebar:
        for number, part in enumerate(PARTS, start=1):
            shown = [s for s in SETTINGS if s.part == part and s.rule.when(session().experiment)]
            st.markdown(f"**{number} {t(spoken(part))}**")
            for setting in shown:
                if not setting.rule.rare:
                    control(setting)
            if rare := [s for s in shown if s.rule.rare]:
                with st.expander(t("More")):
                    for setting in rare:
                        control(setting)
                    if part == "data":
                        st.button(t("New data"), on_click=new_data, icon=":material/casino:", width="stretch")


def given() -> None:
    """Inside another page: the settings that its link names, side by side."""
    here = session()
    shown = [setting for setting in SETTINGS if setting.name in here.named and setting.rule.when(here.experiment)]
    for place, setting in zip(cycle(st.columns(max(1, min(len(shown), ACROSS)))), shown, strict=False):
        with place:
            control(setting)


def control(setting: Setting) -> None:
    """The widget of one setting."""
    here, key = session(), f"set_{setting.name}"
    label = f"{here.t(setting.label)} {setting.rule.symbol}".strip()  # plain: it is read aloud
    said = here.t(setting.rule.help)
    widget(
        setting.rule, setting, {"label": label, "help": said, "key": key, "on_change": report, "args": (setting, key)}
    )


@singledispatch
def widget(rule: object, setting: Setting, common: Common) -> None:
    """Draw the widget for a rule. `common`: label, help, key and what is called on a change."""
    raise TypeError(f"no widget for {rule}")


@widget.register
def _(rule: Bounded, setting: Setting, common: Common) -> None:
    value = setting.of(session().experiment)
    seed(common["key"], value)
    kind = int if rule.whole else float
    if rule.log:
        st.select_slider(options=steps(rule, value), format_func=lambda number: f"{number:g}", **common)
    elif rule.high > SEED:
        st.number_input(min_value=kind(rule.low), max_value=kind(rule.high), step=kind(1), **common)
    else:
        st.slider(min_value=kind(rule.low), max_value=kind(rule.high), step=step(rule), **common)


@widget.register
def _(rule: OneOf, setting: Setting, common: Common) -> None:
    here = session()
    seed(common["key"], setting.of(here.experiment))
    names = here.experiment.options(setting)
    if setting.name == "device":
        names = [name for name in names if name in engine().devices or name == setting.of(here.experiment)]
    entry = rule.table[setting.of(here.experiment)]
    formula = f"  ${entry.formula}$" if entry.formula else ""
    common["help"] += f"\n\n**{here.t(entry.label)}**: {here.t(entry.help)}{formula}{links.word(entry.word)}"
    st.selectbox(options=names, format_func=lambda name: here.t(rule.table[name].label), **common)


@widget.register
def _(rule: Widths, setting: Setting, common: Common) -> None:
    here, value = session(), setting.of(session().experiment)
    depth = f"{common['key']}_depth"
    seed(depth, len(value))
    label = common["label"]
    st.slider(label, 0, rule.depth, key=depth, help=common["help"], on_change=layers, args=(setting, depth))
    for i, width in enumerate(value):
        key = f"{common['key']}_{i}"
        seed(key, width)
        said = here.t("Neurons in layer {i}").format(i=i + 1)
        st.slider(said, 1, rule.width, key=key, on_change=layer, args=(setting, key, i))


def seed(key: str, value: object) -> None:
    """Let the widget of that key stand where the experiment does."""
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def step(rule: Bounded) -> float:
    """How far one key press moves a slider."""
    if rule.whole:
        return 1 if rule.high < 200 else 10
    return 0.01 if rule.high <= 1 else 0.05


def steps(rule: Bounded, value: float) -> list[float]:
    """The stops of a log slider, with the value a link has set among them."""
    stops = {float(f"{c}e{p}") for p in range(-6, 7) for c in SERIES} | {rule.low, rule.high, float(value)}
    inside = sorted(stop for stop in stops if rule.low <= stop <= rule.high)
    return [round(stop) if rule.whole else stop for stop in inside if not rule.whole or stop == round(stop)]


# What a widget reports.


def change(changed: Callable[[Experiment], Experiment]) -> None:
    """Put a changed experiment in the session; one that is not allowed is told and nothing is lost."""
    try:
        load(changed(session().experiment).fitted())
    except SaidError as why:
        refuse(why)


def refuse(why: SaidError) -> None:
    """Tell what was wrong; the experiment stays."""
    session().notices = [why.sentence]


def report(setting: Setting, key: str) -> None:
    change(lambda e: e.changed(**{setting.name: st.session_state[key]}))


def layers(setting: Setting, key: str) -> None:
    """More layers are as wide as the last; fewer lose the last."""
    depth = st.session_state[key]
    change(lambda e: e.changed(hidden=(e.network.hidden + (e.network.hidden or (8,))[-1:] * depth)[:depth]))


def layer(setting: Setting, key: str, index: int) -> None:
    width = st.session_state[key]
    change(lambda e: e.changed(hidden=(*e.network.hidden[:index], width, *e.network.hidden[index + 1 :])))


def new_data() -> None:
    change(lambda e: e.changed(data_seed=(e.data.data_seed + 1) % 2**31))


def load(experiment: Experiment, notices: Sequence[Sentence] = ()) -> None:
    """Set everything at once; what is told of it stands until something is set again."""
    session().experiment, session().notices = experiment, list(notices)
