"""How a chapter looks: block by block, as far as the next question that is not settled."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from fbviz import dials
from fbviz.chapters import rooms
from fbviz.chapters.lesson import OWN, Block, Claim, Lesson, Predict, Prose, Run, Word
from fbviz.chapters.lesson import experiment as named
from fbviz.ui import predictions, questions, run_view
from fbviz.ui.answers import SKIPPED
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
        predictions.log()


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
            questions.ask(block, key, view)
            return False
        with st.container(key=f"said-{view}"):
            questions.tell(block, made, view)
    play = made.choice != SKIPPED and made.measured is None
    watch(block, view, autoplay=play, values=block.values, scores=False)
    if made.measured is not None:
        questions.explain(block, wrong=made.choice not in (SKIPPED, block.choice(made.measured)))
    return made.settled or questions.go_on(key, made)


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
