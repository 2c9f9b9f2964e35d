"""What was predicted and what happened, in all chapters: a table, a file, and a way to begin again."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from fbviz.chapters.lesson import Lesson, Predict
from fbviz.chapters.rooms import questions
from fbviz.ui.answers import SKIPPED
from fbviz.ui.session import session


def log() -> None:
    """All of it, folded; nothing before the first answer."""
    here, t = session(), session().t
    given = here.answers.given
    told = [
        (lesson, block, made.choice, made.measured)
        for key, (lesson, block) in questions(here.language).items()
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
    if st.button(t("Clear my answers …")):
        st.dialog(t("Clear my answers"))(confirm)()


def confirm() -> None:
    here = session()
    st.markdown(here.t("Every question of every chapter is open again, in all tabs of this browser."))
    if st.button(here.t("Clear them"), key="forget", on_click=here.answers.clear):
        st.rerun()  # without the dialog
