"""How a chapter looks: one prompt at a time, and what was predicted beside what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.navigation.page import StreamlitPage

from fbviz import dials
from fbviz.chapters import rooms
from fbviz.chapters.lesson import OWN, Block, Claim, Lesson, Predict, Prose, Run, Word
from fbviz.chapters.lesson import experiment as named
from fbviz.frames import Frame
from fbviz.snapshot import Ended
from fbviz.ui import run_view
from fbviz.ui.answers import SKIPPED, Guess
from fbviz.ui.links import link, localised
from fbviz.ui.session import session

STYLE = """<style>
:has(> .st-key-progress) { position: sticky; top: 3.75rem; z-index: 99; }
.st-key-next { max-width: 66rem; margin: auto; }
.st-key-next a { padding: 0.9rem 1.1rem; border: 1px solid #0877bd; border-radius: 0.6rem; }
.st-key-next a p { font-size: 1.1rem; font-weight: 600; }
.fbviz-answered { display: flex; gap: 3px; }
.fbviz-answered i { flex: 1; height: 3px; border-radius: 2px; background: var(--st-border-color, #8884); }
.fbviz-answered .full { background: #0877bd; }
[class*=st-key-said-]:focus { outline: none; }
[class*=st-key-measuring-] { min-height: 3.5rem; animation: fbviz-late 1.2s; }  /* no word of a wait of a second */
@keyframes fbviz-late { 0%, 83% { opacity: 0; } }
</style>"""


def page(slug: str) -> None:
    """A whole chapter; what follows a question appears when the question is settled."""
    lesson = next(lesson for lesson in rooms.chapters(session().language) if lesson.slug == slug)
    with st.container(key=f"chapter-{slug}"):
        st.html(STYLE)
        line = st.container(key="progress")
        st.title(lesson.title, anchor=False)
        with st.container(key="question"):
            st.markdown(lesson.question)
        all(show(block, lesson) for block in lesson.blocks)  # a question not yet settled is the last block shown
        with line:
            progress(lesson)
        log()


def ahead(lesson: Lesson) -> int:
    """How many of its questions are not settled yet."""
    given = session().answers.given
    return sum(not (made and made.settled) for made in (given.get(lesson.key(block)) for block in lesson.questions))


def progress(lesson: Lesson) -> None:
    """A thin line that stays at the top of the page: a part for each question, full if it is settled."""
    parts = len(lesson.questions)
    done = parts - ahead(lesson)
    said = session().t("{done} of {all} questions done").format(done=done, all=parts)
    bar = "".join(f"<i{' class=full' if i < done else ''}></i>" for i in range(parts))
    if bar:
        st.html(f'<div class="fbviz-answered" role="img" aria-label="{said}" title="{said}">{bar}</div>')


def leave(lesson: Lesson, *, follow: StreamlitPage | None) -> None:
    """What stands under a chapter: the way to the next, or that this one is not at its end."""
    t, left = session().t, ahead(lesson)
    with st.container(key="next"):
        if left:
            said = t("The chapter goes on here as soon as this question is settled. Questions left: {left}.")
            st.caption(said.format(left=left))
        elif follow:
            said = t("Next: {chapter}").format(chapter=follow.title)
            st.page_link(follow, label=said, icon=":material/arrow_forward:")


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
    st.caption(f"✓ {t('Held true by a test: {said}').format(said=said)} · {link(named(block.experiment))}")
    return True


@show.register
def _(block: Run, lesson: Lesson) -> bool:
    offered = dials.given(block.program, block.dials, block.values, session().t)
    watch(block, lesson.key(block), toolbar=block.toolbar, **offered)
    return True


@show.register
def _(block: Predict, lesson: Lesson) -> bool:
    here, key = session(), lesson.key(block)
    made = here.answers.given.get(key)
    view = f"{key}-{here.answers.cleared}" if here.answers.cleared else key  # who begins again sees a new run
    number, of = lesson.questions.index(block) + 1, len(lesson.questions)
    with st.container(border=True, key=f"question-{key}"):
        st.caption(here.t("Question {number} of {all}").format(number=number, all=of))
        st.markdown(f"**{block.ask}**")
        if made is None:
            ask(block, key, view)
            return False
        with st.container(key=f"said-{view}"):
            tell(block, made, view)
    play = made.choice != SKIPPED and made.measured is None
    watch(block, view, autoplay=play, values=block.values, scores=False)
    if made.measured is not None:
        explain(block, wrong=made.choice not in (SKIPPED, block.choice(made.measured)))
    return made.settled or go_on(key, made)


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


def log() -> None:
    """What was predicted and what happened, in all chapters."""
    here, t = session(), session().t
    given = here.answers.given
    told = [
        (lesson, block, made.choice, made.measured)
        for key, (lesson, block) in rooms.questions(here.language).items()
        if (made := given.get(key)) and made.choice != SKIPPED and made.measured is not None
    ]
    right = sum(block.choice(measured) == choice for _, block, choice, measured in told)
    title = t("My predictions: {right} of {all} right") if told else t("My predictions: none yet")
    if not given:
        return
    with st.expander(title.format(right=right, all=len(told))):
        if told:
            table(told)
        forget()


def table(told: Sequence[tuple[Lesson, Predict, int, float]]) -> None:
    """The predictions as a table and a file."""
    t = session().t
    rows = pd.DataFrame(
        [
            (
                lesson.title,
                block.ask,
                block.choices[choice],
                t("{choice} ({number})").format(
                    choice=block.choices[block.choice(measured)], number=block.said(measured, t)
                ),
                "✓" if block.choice(measured) == choice else "✗",
            )
            for lesson, block, choice, measured in told
        ],
        columns=[t("Chapter"), t("Question"), t("Predicted"), t("Measured"), t("Right")],
    )
    narrow = st.column_config.Column(width="medium")  # a question alone would fill the table
    st.dataframe(rows, hide_index=True, column_config={t("Question"): narrow})
    st.download_button(
        t("Download as CSV"), rows.to_csv(index=False), "fbviz-predictions.csv", "text/csv", on_click="ignore"
    )


def forget() -> None:
    """A way to begin again, with a second question before it is done."""
    t = session().t
    st.caption(t("Your answers are kept in this browser until you clear them."))
    with st.popover(t("Clear my answers …")):
        st.markdown(t("Every question of every chapter is open again, in all tabs of this browser."))
        st.button(t("Clear them"), key="forget", on_click=session().answers.clear)
