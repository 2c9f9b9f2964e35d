"""How a chapter looks: one prompt at a time, and what was predicted beside what was measured."""

from __future__ import annotations

import re
from functools import singledispatch
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from fbviz import dials
from fbviz.chapters import rooms
from fbviz.chapters.lesson import OWN, Block, Claim, Lesson, Predict, Prose, Run, Word
from fbviz.chapters.lesson import experiment as named
from fbviz.experiment import Experiment
from fbviz.ui import run_view
from fbviz.ui.session import LANGUAGE, Guess, session

LINK = re.compile(r"\]\((words|playground)(?:\?([^)#]*))?(#[\w-]+)?\)")
PLAYGROUND = "./"  # seen from any page, under any base path
SKIPPED = -1
LAND = """<script>
(() => {  // what a link points at stays in view while the page above it is still growing, until the reader takes over
  const target = () => document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const land = new ResizeObserver(() => target()?.scrollIntoView());
  document.querySelectorAll("[class*=st-key-chapter-]").forEach((chapter) => land.observe(chapter));
  const leave = () => land.disconnect();
  ["wheel", "touchstart", "keydown", "pointerdown"].forEach((did) => addEventListener(did, leave, { once: true }));
  setTimeout(leave, 5000);
})();
</script>"""


def page(slug: str) -> None:
    """A whole chapter; what follows a question appears when the question is settled."""
    lesson = next(lesson for lesson in rooms.chapters(session().language) if lesson.slug == slug)
    with st.container(key=f"chapter-{slug}"):
        st.title(lesson.title, anchor=False)
        st.markdown(f"*{lesson.question}*")
        all(show(block, lesson) for block in lesson.blocks)  # a question not yet settled is the last block shown
        log()
        st.html(LAND, unsafe_allow_javascript=True)


@singledispatch
def show(block: Block, lesson: Lesson) -> bool:
    """Draw a block. Is the reader to go on?"""
    raise TypeError(f"no view for {block}")


@show.register
def _(block: Prose, lesson: Lesson) -> bool:
    st.markdown(localised(block.text))
    return True


@show.register
def _(block: Word, lesson: Lesson) -> bool:
    formula = f"  ${block.formula}$" if block.formula else ""
    st.subheader(block.term + formula, anchor=block.key)
    st.markdown(localised(block.text))
    return True


@show.register
def _(block: Claim, lesson: Lesson) -> bool:
    t = session().t
    metrics = {"accuracy": t("test {score}"), "train_accuracy": t("training {score}")}
    what = metrics[block.metric].format(score=t("accuracy"))
    low, high = (f"{100 * bound:g}" for bound in (block.least, block.most))
    share = low if low == high else f"{low} – {high}"
    said = f"{what} {t('{share} %').format(share=share)}"
    st.caption(f"✓ {t('Held true by a test')}: {said} · {link(named(block.experiment))}")
    return True


@show.register
def _(block: Run, lesson: Lesson) -> bool:
    offered = dials.given(block.program, block.dials, block.values, session().t)
    watch(block, f"{lesson.slug}-{block.key}", toolbar=block.toolbar, **offered)
    return True


@show.register
def _(block: Predict, lesson: Lesson) -> bool:
    key = f"{lesson.slug}-{block.key}"
    made = session().guesses.get(key)
    with st.container(border=True):
        st.markdown(f"**{block.ask}**")
        if made is None:
            ask(block, key, lesson)
            return False
        tell(block, made, key)
    watch(block, key, autoplay=made.choice != SKIPPED, values=block.values)
    return made.measured is not None or made.choice == SKIPPED or go_on(key, made)


def ask(block: Predict, key: str, lesson: Lesson) -> None:
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
        guess(key, lesson, block, picked or 0)
    if skip.button(t("Skip the question"), key=f"skip-{key}"):
        guess(key, lesson, block, SKIPPED)
    if block.help:
        aside.popover(t("A hint")).markdown(localised(block.help))


def guess(key: str, lesson: Lesson, block: Predict, choice: int) -> None:
    """Keep what the reader committed to, or that there was nothing, and go on."""
    predicted = "" if choice == SKIPPED else block.choices[choice]
    session().guesses[key] = Guess(chapter=lesson.title, question=block.ask, choice=choice, predicted=predicted)
    st.rerun()


def tell(block: Predict, made: Guess, key: str) -> None:
    """What was predicted beside what was measured, as far as it is known."""
    t, frame = session().t, run_view.result(key)
    if frame is not None and made.measured is None:
        number = block.measured(frame)
        made.measured, made.right = block.said(number, t), block.choice(number) == made.choice
        made.outcome = block.choices[block.choice(number)]
    if made.predicted:
        st.markdown(t("You said: {choice}").format(choice=f"**{made.predicted}**"))
    if made.measured is None:
        return
    verdict = t("Measured: {value}. So it is: {choice}.").format(value=made.measured, choice=made.outcome)
    (st.success if made.right else st.info)(verdict)
    with st.expander(t("Why?"), expanded=False):
        st.markdown(localised(block.why))


def go_on(key: str, made: Guess) -> bool:
    """A reader who does not want to wait may go on."""
    if not made.waited and st.button(session().t("Go on without waiting"), key=f"on-{key}"):
        made.waited = True
        st.rerun()
    return made.waited


def watch(block: Run | Predict, key: str, **look: Any) -> None:
    """The live view of a block, and the link that opens its experiment in the Playground."""
    own = block.experiment == OWN
    experiment = session().experiment if own else named(block.experiment)
    run_view.live(
        experiment,
        block.figures,
        key=key,
        program=block.program,
        columns=block.columns,
        height=block.height,
        keyboard="inside",
        **look,
    )
    if block.experiment:
        st.caption(link(experiment))


def link(experiment: Experiment) -> str:
    """Markdown that opens an experiment in the Playground."""
    where = f"{PLAYGROUND}?" + urlencode(experiment.to_query() | {LANGUAGE: session().language})
    return f"[{session().t('Open this experiment in the Playground')} ↗]({where})"


def localised(text: str) -> str:
    """Markdown whose links to other pages keep the reader's language."""
    language = f"{LANGUAGE}={session().language}"

    def to(m: re.Match[str]) -> str:
        page = PLAYGROUND if m[1] == "playground" else m[1]
        return f"]({page}?{'&'.join(filter(None, (m[2], language)))}{m[3] or ''})"

    return LINK.sub(to, text)


def log() -> None:
    """What was predicted and what happened, in all chapters of this session."""
    t = session().t
    told = [made for made in session().guesses.values() if made.measured is not None and made.predicted]
    if not told:
        return
    columns = {
        t("Chapter"): [g.chapter for g in told],
        t("Question"): [g.question for g in told],
        t("Predicted"): [g.predicted for g in told],
        t("Measured"): [f"{g.measured}: {g.outcome}" for g in told],
        t("Right"): ["✓" if g.right else "✗" for g in told],
    }
    with st.expander(
        t("My predictions: {right} of {all} right").format(right=sum(g.right for g in told), all=len(told))
    ):
        table = pd.DataFrame(columns)
        st.dataframe(table, hide_index=True)
        st.download_button(
            t("Download as CSV"), table.to_csv(index=False), "fbviz-predictions.csv", "text/csv", on_click="ignore"
        )
