"""The address bar and the links of the app, as the browser has them.

st.query_params would push a history entry at every change and trap the Back button, and a bound widget writes its
translated label; a link of Markdown opens a new tab, and its session knows nothing of what the reader has set or
answered. So a component without a look minds the address (address.js), the links (links.js), and the place to which
Back returns (places.js).
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from fbviz.experiment import SETTINGS
from fbviz.ui.session import LANGUAGE, LINK, session
from fbviz.words import TAGS

HERE = Path(__file__).parent
SCRIPTS = ("address.js", "links.js", "places.js")  # they become one module, in which each sees the others
OURS = [*(setting.name for setting in SETTINGS), LANGUAGE, LINK]


@cache
def source(*names: str) -> str:
    """Files of the component, one after the other."""
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)


def keep(page: str, pages: Collection[str]) -> None:
    """Bring the address bar up to date, and follow links between the pages, each said by its path."""
    here = session()
    component = st.components.v2.component("fbviz_address", js=source(*SCRIPTS))
    said = {"page": page, "pages": list(pages), "query": urlencode(here.query()), "ours": OURS, "link": LINK}
    component(data=said | {"tag": TAGS[here.language]}, key="address", height=0)
