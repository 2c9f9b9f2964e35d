"""The browser's own storage: what was answered survives a reload, and each tab knows what the others do."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from fbviz.ui.answers import read
from fbviz.ui.session import session

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
KEY = "storage"


def keep() -> None:
    """Have the browser keep the answers of this session, and say what else it has; bring a new run into view."""
    here = session()
    component = st.components.v2.component("fbviz_storage", js=SCRIPT)
    component(
        data={"answers": here.answers.plain(), "committed": here.committed},
        key=KEY,
        height=0,
        on_stored_change=hear,
    )


def hear() -> None:
    """Take in what the browser has kept, or what another of its tabs has just answered."""
    session().answers.join(read(st.session_state[KEY].get("stored")))
