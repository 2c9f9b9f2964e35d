"""The frame around every page: navigation, language, and what the link said wrongly."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from fbviz.ui import address
from fbviz.ui.session import session
from fbviz.words import LANGUAGES

PAGES = Path(__file__).resolve().parents[2] / "pages"
STYLE = """<style>
.stMainBlockContainer { padding: 2.6rem 1.2rem 1rem; max-width: 100%; }
[data-testid=stSidebarUserContent] { padding-top: 0.5rem; }
[data-testid=stSidebarContent] [data-testid=stVerticalBlock] { gap: 0.45rem; }
</style>"""


def switch_language() -> None:
    session().language = st.session_state["language"]


def frame() -> None:
    """Everything around the page."""
    here = session()
    t = here.t
    st.set_page_config("fbviz", ":material/all_inclusive:", layout="wide")
    st.html(STYLE)
    page = st.navigation([st.Page(PAGES / "playground.py", title=t("Playground"), url_path="playground", default=True)])
    with st.sidebar:
        st.session_state["language"] = here.language
        st.segmented_control(
            "Language · 语言", list(LANGUAGES), format_func=LANGUAGES.__getitem__, key="language",
            on_change=switch_language, label_visibility="collapsed", required=True,
        )  # fmt: skip
    for notice in here.notices:
        st.warning(notice.say(t))
    here.notices = []
    page.run()
    address.keep()


frame()
