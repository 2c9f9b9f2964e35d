"""A question of a chapter: the choices, what was predicted beside what was measured, and what if it could not be."""

from __future__ import annotations

import streamlit as st

from fbviz.chapters.lesson import Predict
from fbviz.frames import Frame
from fbviz.snapshot import Ended
from fbviz.ui import run_view
from fbviz.ui.answers import SKIPPED, Guess
from fbviz.ui.links import localised
from fbviz.ui.session import session


def ask(block: Predict, key: str, view: str) -> None:
    """The choices, before anything was run."""
    t = session().t
    picked = st.radio(
        block.ask,
        range(len(block.choices)),
        None,
        format_func=block.choices.__getitem__,
        key=f"ask-{key}",
        label_visibility="collapsed",
    )
    commit, skip, aside = st.columns([2, 1, 1])
    if commit.button(t("This is my guess: run it"), key=f"commit-{key}", type="primary", disabled=picked is None):
        session().committed = view
        keep(key, picked or 0)
    if skip.button(t("Skip the question"), key=f"skip-{key}"):
        keep(key, SKIPPED)
    if block.help:
        aside.popover(t("A hint")).markdown(localised(block.help))


def keep(key: str, choice: int) -> None:
    """Remember what the reader committed to, or that there was nothing, and go on."""
    session().answers.given[key] = Guess(choice)
    st.rerun()


def tell(block: Predict, made: Guess, view: str) -> None:
    """What was predicted beside what was measured, as far as it is known."""
    t, frame = session().t, run_view.result(view)
    if made.measured is None and frame is not None:
        made.measured = block.measured(frame)
    if made.choice != SKIPPED:
        st.markdown(t("You said: {choice}").format(choice=f"**{block.choices[made.choice]}**"))
    if made.measured is not None:
        judge(block, made.choice, made.measured)
    elif frame is not None:
        broken_off(frame, view)
    elif made.choice != SKIPPED:
        with st.container(key=f"measuring-{view}"):
            st.caption(t("It is being measured: the run below shows how far it is."))


def judge(block: Predict, choice: int, measured: float) -> None:
    """Whether the prediction was right, in a sentence with what was measured."""
    t, right = session().t, block.choice(measured)
    told = block.told.format(measured=f"**{block.said(measured, t)}**")
    if choice == SKIPPED:
        st.info(told)
    elif choice == right:
        st.success(t("Right. {told}").format(told=told))
    else:
        st.info(t("The answer is “{choice}”. {told}").format(choice=block.choices[right], told=told))


def explain(block: Predict, *, wrong: bool) -> None:
    """Why it is so, below the run that shows it; unfolded for a reader who was wrong."""
    with st.expander(session().t("Why?"), expanded=wrong):
        st.markdown(localised(block.why))


def broken_off(frame: Frame, view: str) -> None:
    """The run is over, and what was asked is not known."""
    t, ended = session().t, frame.facts.get("ended")
    why = Ended(**ended).sentence.markdown(t) if ended else ""
    st.warning(f"{t('The run broke off before this was measured.')} {why}")
    st.button(t("Run it again"), key=f"again-{view}", on_click=run_view.again, args=(view,))


def go_on(key: str, made: Guess) -> bool:
    """A reader who does not want to wait may go on."""
    if st.button(session().t("Go on without waiting"), key=f"on-{key}"):
        made.waited = True
        st.rerun()
    return False
