"""Links to pages of the app, as Markdown."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from fbviz.chapters.glossary import entries
from fbviz.experiment import Experiment
from fbviz.ui.session import LANGUAGE, session

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


def word(key: str) -> str:
    """Markdown that explains a word, to follow a sentence; nothing for no word."""
    if not key:
        return ""
    return localised(f" [{entries(session().language)[key].term}](words#{key})")
