"""The address bar and the links of the app, as the browser has them.

st.query_params would push a history entry at every change and trap the Back button, and a bound widget writes its
translated label; a link of Markdown opens a new tab, and its session knows nothing of what the reader has set or
answered. So a component without a look minds the address (address.js), the links (links.js), the place to which Back
returns (places.js), and explains words where they are read (glossary.js).
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from fbviz.experiment import SETTINGS
from fbviz.live.view import source
from fbviz.ui import controls
from fbviz.ui.session import LANGUAGE, LINK, named, opened, session
from fbviz.words import TAGS

HERE = Path(__file__).parent
SCRIPTS = ("address.js", "links.js", "places.js", "glossary.js")  # they become one module: each sees the others
WORDS = {f"set_{setting.name}": setting.rule.word for setting in SETTINGS if setting.rule.word}  # by the control's key
OURS = [*(setting.name for setting in SETTINGS), LANGUAGE, LINK]


def keep(page: str, pages: Collection[str]) -> None:
    """Bring the address bar up to date, and follow links between the pages, each said by its path."""
    here, t = session(), session().t
    css, js = source("glossary.css", folder=HERE), source(*SCRIPTS, folder=HERE)
    component = st.components.v2.component("fbviz_address", css=css, js=js, isolate_styles=False)
    said = {"page": page, "pages": list(pages), "query": urlencode(here.query()), "ours": OURS, "link": LINK}
    words = {"language": here.language, "tag": TAGS[here.language], "words": WORDS}
    component(data=said | words | {"more": t("In the glossary"), "close": t("Close")}, key="address", height=0)


def follow() -> None:
    """Take the experiment of a link that was followed to the Playground, once; links.js numbers them."""
    here, number = session(), st.query_params.get(LINK)
    if number and number != here.link:
        query = st.query_params.to_dict()
        here.link, here.named = number, named(query)
        controls.load(*opened(query)[1:])
