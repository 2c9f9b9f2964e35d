"""The server: `streamlit run app.py`, `python app.py` or `uvicorn app:app`. The pages begin in fbviz/ui/site.py."""

import streamlit as st

from fbviz.live.routes import ROUTES, lifespan

app = st.App("fbviz/ui/site.py", lifespan=lifespan, routes=ROUTES)

if __name__ == "__main__":
    app.run()
