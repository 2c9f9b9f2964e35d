"""The first stop of the Tab key on every page: to the run, past the navigation and the settings."""

from __future__ import annotations

import streamlit as st

from fbviz.ui.session import session

LINK = """
export default function ({ data }) {
  const old = document.querySelector(".fbviz-skip");
  const link = old ?? document.createElement("a");
  link.className = "fbviz-skip";
  const main = document.querySelector("[data-testid=stMain]");
  main.id ||= "main";
  link.href = `#${main.id}`;
  link.textContent = data.label;
  link.onclick = (event) => {
    event.preventDefault();   // the address stays
    const seen = (node) => node.checkVisibility();
    const play = [...document.querySelectorAll(".fbviz-play")].find(seen);
    const target = play ?? document.querySelector("h1");
    if (target && !play) target.tabIndex = -1;
    target?.focus();
  };
  if (!old) document.body.prepend(link);
}
"""


def link() -> None:
    """Put it before everything else; on a page without a run it leads to its title."""
    skip = st.components.v2.component("fbviz_skip", js=LINK)
    skip(data={"label": session().t("To the run")}, key="skip", height=0)
