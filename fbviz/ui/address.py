"""The address bar: always the link to what is on the page.

st.query_params would push a history entry at every change and trap the Back button, and a bound widget writes its
translated label. So the entry is replaced, from the experiment, in two lines of JavaScript.
"""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from fbviz.ui.session import session

REPLACE = """
export default function ({ data }) {
  if (location.search !== data.query) history.replaceState(history.state, "", location.pathname + data.query);
}
"""


def keep() -> None:
    """Bring the address bar up to date."""
    bar = st.components.v2.component("fbviz_address", js=REPLACE)
    bar(data={"query": "?" + urlencode(session().query())}, key="address", height=0)
