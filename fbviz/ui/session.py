"""What one browser tab remembers: the only file that touches st.session_state, but for the keys of widgets."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import streamlit as st

from fbviz.experiment import SETTINGS, Experiment
from fbviz.ui.answers import Answers
from fbviz.words import Sentence, Translate, spoken, translator

LANGUAGE = "lang"  # in a link, beside the settings
LINK = "link"  # in the address, for a moment: the number of a link that was followed inside the app


@dataclass(slots=True)
class Session:
    """The state of a tab."""

    experiment: Experiment = Experiment()
    language: str = "en"
    notices: list[Sentence] = field(default_factory=list)  # what a link or a file said wrongly, until a change
    embedded: bool = False  # it stands inside another page
    named: tuple[str, ...] = ()  # the settings that its link names
    drawn: Experiment = Experiment()  # the last whose page was drawn to its end
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    seats: dict[str, str] = field(default_factory=dict)  # by the name of a view, its seat's token
    transport: str = "socket"
    link: str = ""  # the number of the last that was followed
    answers: Answers = field(default_factory=Answers)
    committed: str = ""  # the view of the question that was answered last
    twin: bool = False  # the Playground trains the same with α = 0 beside it

    @property
    def t(self) -> Translate:
        """Says an English sentence in this reader's language."""
        return translator(self.language)

    def seat(self, view: str) -> str:
        """The token of a view's seat: the secret of this tab, which nobody can guess, and a number."""
        return self.seats.setdefault(view, f"{self.secret}.{len(self.seats)}")

    def query(self) -> dict[str, str]:
        """The link to this very state."""
        return self.experiment.to_query() | {LANGUAGE: self.language}


def session() -> Session:
    """This tab's session; the first call reads the link the tab was opened with."""
    if "fbviz" not in st.session_state:
        query = st.query_params.to_dict()
        language, experiment, notices = opened(query)
        here = Session(experiment, spoken(language, st.context.locale), notices)
        here.embedded, here.named = bool(st.context.is_embedded), named(query)
        st.session_state["fbviz"] = here
    return cast(Session, st.session_state["fbviz"])


def opened(query: Mapping[str, str]) -> tuple[str | None, Experiment, list[Sentence]]:
    """What a link asks for: a language, if it does, an experiment, and what is told of it."""
    beside = (LANGUAGE, LINK, "embed", "embed_options")  # the last two are Streamlit's
    settings = {key: value for key, value in query.items() if key not in beside}
    return query.get(LANGUAGE), *Experiment.from_query(settings)


def named(query: Mapping[str, str]) -> tuple[str, ...]:
    """The settings that a link names."""
    return tuple(setting.name for setting in SETTINGS if setting.name in query)
