"""The frame around every page: navigation, language, and what the link said wrongly."""

from __future__ import annotations

import logging
from functools import partial

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from fbviz.chapters.lesson import SECTIONS, Lesson
from fbviz.chapters.rooms import chapters
from fbviz.ui import address, controls, lesson_view, skip, storage
from fbviz.ui.launch import HOUSE, PACKAGE
from fbviz.ui.session import session
from fbviz.words import LANGUAGES, Translate

LOGO, NAME = (str(HOUSE / "assets" / picture) for picture in ("logo.svg", "wordmark.svg"))
LOG = logging.getLogger("fbviz")
STYLE = """<style>
.stMainBlockContainer { padding: 3.9rem 1.2rem 1rem; max-width: 100%; }
:is(.st-key-skip, .st-key-address, .st-key-storage) { position: absolute; }  /* what has no look takes no row */
[class*=st-key-chapter-] { max-width: 66rem; margin: auto; }
[class*=st-key-chapter-] h1 { font-size: 1.9rem; }
[class*=st-key-chapter-] h2 { font-size: 1.4rem; }
[class*=st-key-chapter-] [data-testid=stHeading] h3 { font-size: 1.2rem; }
.st-key-welcome { margin-bottom: -0.7rem; } .st-key-welcome p { font-size: 0.9rem; }
.st-key-language {  /* beside the logo */
  position: relative; height: 0; top: -2.2rem; left: 6.2rem; width: 9rem !important; min-width: 9rem; z-index: 1;
}
[data-testid=stSidebarHeader] { height: 2.6rem; margin-bottom: 0; }
[data-testid=stSidebarUserContent] { padding-top: 0; }
[data-testid=stSidebarContent] [data-testid=stVerticalBlock] { gap: 0.2rem; }
</style>"""
BARE = """<style>
[data-testid=stSidebar], [data-testid=stHeader] { display: none; }
.stMainBlockContainer { padding-top: 0.8rem; }
</style>"""  # inside another page


def switch_language() -> None:
    session().language = st.session_state["language"]


def playground(t: Translate) -> StreamlitPage:
    return st.Page(HOUSE / "pages/playground.py", title=t("Playground"), url_path="playground", default=True)


def chapter(lesson: Lesson) -> StreamlitPage:
    title = f"{lesson.order} · {lesson.title}"
    return st.Page(partial(lesson_view.page, lesson.slug), title=title, url_path=lesson.slug)


def draw(page: StreamlitPage) -> None:
    """The page; where it fails, a way back to the last experiment whose page was drawn."""
    here = session()
    try:
        page.run()
        here.drawn = here.experiment
    except Exception:  # what Streamlit raises to steer is none
        LOG.exception("The page %r could not be drawn with %s", page.title, here.experiment.to_query())
        st.error(here.t("This page could not be drawn. The server's log says why."))
        st.button(here.t("Go back to the experiment before"), key="back", on_click=controls.load, args=(here.drawn,))


def frame() -> None:
    """Everything around the page."""
    here = session()
    t = here.t
    st.set_page_config("fbviz", LOGO, layout="wide")  # a named icon would be fetched from elsewhere
    st.logo(NAME, link=None, icon_image=LOGO)
    st.html(STYLE)
    st.html(PACKAGE / "ui/media.css")
    if here.embedded:
        st.html(BARE)
    skip.link()
    lessons = chapters(here.language)
    told = [chapter(lesson) for lesson in lessons]
    home = playground(t)
    sections = {
        t(title): [page for page, lesson in zip(told, lessons, strict=True) if lesson.section == section]
        for section, title in SECTIONS.items()
    }
    page = st.navigation({"": [home], **sections}, position="hidden" if here.embedded else "top")
    if page == home:
        address.follow()
    address.keep(page.url_path, [each.url_path for each in (home, *told)])
    with st.sidebar:
        st.session_state["language"] = here.language
        st.segmented_control(
            "Language · 语言", list(LANGUAGES), format_func=LANGUAGES.__getitem__, key="language",
            on_change=switch_language, label_visibility="collapsed", required=True,
        )  # fmt: skip
        for title, others in sections.items() if page in told else ():
            st.caption(title)
            for other in others:
                st.page_link(other)
    with st.container():  # with notices or without: what stands after it keeps its place, and a live view its socket
        for notice in here.notices:
            st.warning(notice.markdown(t))
    draw(page)
    if page in told:
        number = told.index(page)
        lesson_view.leave(lessons[number], follow=told[number + 1] if page in told[:-1] else None)
    storage.keep()


frame()
