"""The server: `streamlit run app.py`, `python app.py` or `uvicorn app:app`. The pages begin in fbviz/ui/site.py."""

import sys

import streamlit as st

from fbviz.live.health import HEALTH
from fbviz.live.preload import PRELOAD
from fbviz.live.routes import lifespan, routes
from fbviz.ui import launch

app = st.App(launch.SITE, lifespan=lifespan, routes=routes(launch.base_path()), middleware=[HEALTH, PRELOAD])

if __name__ == "__main__":
    launch.run(__file__, sys.argv[1:])
