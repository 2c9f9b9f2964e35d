"""The only Streamlit: the site, the session, controls, and how a run and a lesson look."""
