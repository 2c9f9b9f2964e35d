"""Links to pages of the app: how they are written, and what following one does to the session."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import streamlit as st

from fbviz.experiment import Experiment
from fbviz.ui import controls
from fbviz.ui.session import LANGUAGE, LINK, opened, session

PAGE = re.compile(r"\]\(([a-z][a-z-]*)(?:\?([^)#]*))?(#[\w-]+)?\)")  # a Markdown link to a page of the app
PLAYGROUND = "playground"
ROOT = "./"  # of the app, seen from any page, under any base path: there is the Playground


def localised(text: str) -> str:
    """Markdown whose links to other pages keep the reader's language."""
    language = f"{LANGUAGE}={session().language}"

    def to(m: re.Match[str]) -> str:
        page = ROOT if m[1] == PLAYGROUND else m[1]
        return f"]({page}?{'&'.join(filter(None, (m[2], language)))}{m[3] or ''})"

    return PAGE.sub(to, text)


def link(experiment: Experiment) -> str:
    """Markdown that opens an experiment in the Playground."""
    where = f"{ROOT}?" + urlencode(experiment.to_query() | {LANGUAGE: session().language})
    return f"[{session().t('Open this experiment in the Playground')} →]({where})"


def follow() -> None:
    """Take the experiment of a link that was clicked in the Playground's direction, once; links.js numbers them."""
    here, number = session(), st.query_params.get(LINK)
    if number and number != here.link:
        here.link = number
        controls.load(*opened(st.query_params.to_dict())[1:])
