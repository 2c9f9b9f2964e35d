"""How a run looks on a page: the live view, and, when it is over, what there is to take away."""

from __future__ import annotations

import contextlib
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from fbviz.experiment import Experiment
from fbviz.figures.base import style
from fbviz.figures.stage import stage as figures
from fbviz.frames import Frame, unpack
from fbviz.history import csv
from fbviz.live.engine import engine
from fbviz.live.requests import RefusedError
from fbviz.live.seats import Seat
from fbviz.live.view import SCRIPTS, Places, data, source
from fbviz.picture import history
from fbviz.ui import controls
from fbviz.ui.session import session

WANT, PLAY = '{"do":"want"}', '{"do":"play"}'
SPEED = 100  # updates a second at a first visit: a person can follow them
HEARD = ("transport", "ended", "commands", "chosen", "twin")  # from the component
POLL = 0.12  # seconds between two frames where a page has to fetch them


def live(
    experiment: Experiment,
    figures: Places,
    *,
    key: str = "run",
    program: str = "training",
    values: Mapping[str, Any] | None = None,
    scores: bool = True,
    **look: Any,
) -> None:
    """Show a program live. `look` goes to the component: columns, layout, toolbar, keyboard, autoplay, steps, twin …"""
    here = session()
    given = data(
        experiment,
        figures,
        name=key,
        seat=here.seat(key),
        program=program,
        scores=scores,
        language=here.language,
    )
    given |= {"values": dict(values or {})} | look
    if here.transport == "fragment":
        st.fragment(fetched, run_every=POLL)(given, key)
    else:
        st.fragment(mounted)(given, key)


def stage(experiment: Experiment) -> None:
    """The Playground's run: large what the network says and what it is, and under them how it learns."""
    loop = experiment.state_size > 0
    twin = loop and session().twin
    live(
        experiment,
        figures(experiment, twin=twin),
        program="training_beside" if twin else "training",
        values={"preview": 1},
        layout="twins" if twin else "stage",
        speed=SPEED,
        steps=experiment.unroll_steps if loop else 1,
        twin=twin if loop else None,
    )


def shown(given: dict[str, Any], key: str, transport: str) -> Any:
    """The component, drawn; returns what it says."""
    css, js = source("view.css") + style(), source(*SCRIPTS)
    view = st.components.v2.component("fbviz_view", css=css, js=js, isolate_styles=False)
    heard: dict[str, Any] = {f"on_{word}_change": lambda: None for word in HEARD}
    return view(data=given | {"transport": transport}, key=key, default={"transport": transport}, **heard)


def follow(said: Any) -> None:
    """Do what concerns the whole page: a run has ended, settings were chosen in a figure, a twin was asked for."""
    if said.twin:
        session().twin = said.twin == "on"
    if said.chosen:
        with contextlib.suppress(KeyError, TypeError, ValueError):  # a browser may say anything
            controls.load(session().experiment.changed(**said.chosen).fitted())
            st.toast(session().t("Loaded into the Playground."), icon=":material/check:")
    if said.ended or said.chosen or said.twin:
        st.rerun()


def mounted(given: dict[str, Any], key: str) -> None:
    """The component, with a socket of its own."""
    said = shown(given, key, "socket")
    if said.transport == "fragment":
        session().transport = "fragment"
        st.rerun()
    follow(said)


def fetched(given: dict[str, Any], key: str) -> None:
    """The component without a socket: each rerun of this fragment brings the newest frame and takes commands back."""
    here = session()
    try:
        seat = engine().seat(given["seat"])
    except RefusedError as why:
        st.error(why.sentence.markdown(here.t))
        return
    frame = {"number": seat.number, "frame": b64encode(seat.newest).decode()} if seat.newest else {}
    said = shown(given | frame, key, "fragment")
    messages = said.commands if isinstance(said.commands, list) else []
    try:
        for message in [*messages, WANT]:
            seat.hear(message if isinstance(message, str) else "")
    except RefusedError as why:
        st.warning(why.sentence.markdown(here.t))
    follow(said)


def result(key: str = "run") -> Frame | None:
    """The newest frame of a view's run, if it is the last, or if what is asked of the run is decided.

    The last is the one that a run has ended with, or with which it waits for the reader after it has played.
    """
    seat: Seat | None = engine().seats.get(session().seat(key))
    if seat is None or not seat.newest:
        return None
    frame = unpack(seat.newest)
    rests = seat.state == "paused" and frame.facts.get("idle")
    decided = seat.state != "ready" and frame.facts.get("known")
    return frame if frame.arrays and (seat.state == "ended" or rests or decided) else None


def again(key: str) -> None:
    """Play a view's run anew, as its own Play does where it has ended."""
    with contextlib.suppress(RefusedError):
        engine().seat(session().seat(key)).hear(PLAY)


def take_away(experiment: Experiment, key: str = "run") -> None:
    """The history of an ended run as a table and a file."""
    t, frame = session().t, result(key)
    if frame is None:
        return
    columns = history(frame.arrays)
    with st.expander(t("The numbers of this run")):
        st.dataframe(pd.DataFrame(columns), hide_index=True, height=260)
        st.download_button(t("Download as CSV"), csv(columns), "fbviz-history.csv", "text/csv", on_click="ignore")
