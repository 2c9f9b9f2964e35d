"""To hand an experiment on, or to take one in: by link, by file, or from the presets."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from fbviz.experiment import PRESETS, Experiment
from fbviz.ui import controls
from fbviz.ui.session import session
from fbviz.words import SaidError

COPY = """
export default function ({ data, parentElement }) {
  let button = parentElement.querySelector("button");
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.className = "fbviz-copy";
    parentElement.append(button);
  }
  button.textContent = data.label;
  button.onclick = async () => {
    const link = location.origin + location.pathname + data.query;
    try { await navigator.clipboard.writeText(link); button.textContent = data.copied; }
    catch { window.prompt(data.label, link); }
    setTimeout(() => { button.textContent = data.label; }, 1500);
  };
}
"""
STYLE = """.fbviz-copy { font: inherit; font-size: 0.875rem; color: inherit; width: 100%; padding: 0.55rem 0.75rem;
  cursor: pointer; border-radius: 0.5rem; border: 1px solid var(--st-border-color);
  background: var(--st-background-color); }
.fbviz-copy:focus-visible { outline: 3px solid var(--fbviz-line-2); }"""


def row(experiment: Experiment) -> None:
    """Presets, the link, and the experiment as a file."""
    t = session().t
    presets, link, file, upload = st.columns(4)
    with presets, st.popover(t("Presets"), width="stretch"):
        for title, preset in PRESETS.items():
            st.button(t(title), on_click=controls.load, args=(preset,), width="stretch")
    with link:
        copy_link()
    file.download_button(
        t("Save as JSON"),
        experiment.to_json(),
        "experiment.json",
        "application/json",
        width="stretch",
        on_click="ignore",
    )
    with upload, st.popover(t("Open a JSON"), width="stretch"):
        st.file_uploader(t("An experiment saved as JSON"), type="json", key="upload", on_change=take)


def copy_link() -> None:
    """A button that copies the link to the Playground as it stands, also from inside another page."""
    t = session().t
    copy = st.components.v2.component("fbviz_copy", js=COPY, css=STYLE, isolate_styles=False)
    query = "?" + urlencode(session().query())
    copy(data={"query": query, "label": t("Copy the link"), "copied": t("Copied")}, key="copy")


def take() -> None:
    """Set everything to the experiment of the uploaded file, or say what was wrong with it."""
    file = st.session_state["upload"]
    if file is None:
        return
    try:
        controls.load(*Experiment.from_json(file.getvalue()))
    except SaidError as why:
        controls.refuse(why)
