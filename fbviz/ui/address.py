"""The address bar: always the link to what is on the page.

st.query_params would push a history entry at every change and trap the Back button, and a bound widget writes its
translated label. So the entry is replaced, from the experiment, in a few lines of JavaScript. What in it is not ours
stays: Streamlit's embed=true, a campaign's utm_source, the heading behind the #.
"""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from fbviz.experiment import SETTINGS
from fbviz.ui.session import LANGUAGE, session

OURS = [*(setting.name for setting in SETTINGS), LANGUAGE]
REPLACE = """
export default function ({ data }) {
  const ours = (part) => data.ours.includes([...new URLSearchParams(part).keys()][0]);
  const foreign = location.search.slice(1).split("&").filter((part) => part && !ours(part));
  const search = "?" + [data.query, ...foreign].join("&");
  if (location.search !== search) history.replaceState(history.state, "", location.pathname + search + location.hash);
}
"""


def keep(page: str) -> None:
    """Bring the address bar up to date; `page` has it run again where Streamlit has just written a bare address."""
    bar = st.components.v2.component("fbviz_address", js=REPLACE)
    bar(data={"page": page, "query": urlencode(session().query()), "ours": OURS}, key="address", height=0)
