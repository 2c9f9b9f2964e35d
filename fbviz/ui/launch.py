"""How the server is started. Streamlit does it; what is asked of it and where it is, is settled here."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Never

from streamlit import config
from streamlit.web import cli

PACKAGE = Path(__file__).resolve().parents[1]
SITE = PACKAGE / "ui/site.py"
HOUSE = next(house for house in (PACKAGE / "server", PACKAGE.parent) if (house / "app.py").exists())  # wheel, checkout
BASE_PATH, PORT = "STREAMLIT_SERVER_BASE_URL_PATH", "STREAMLIT_SERVER_PORT"


def run(script: str | Path, arguments: Sequence[str]) -> Never:
    """Start the server that `script` defines, as `streamlit run script arguments` would, and end with it."""
    listen_where_the_host_says()
    cli.main(["run", str(script), *arguments], prog_name="fbviz")
    raise SystemExit


def listen_where_the_host_says() -> None:
    """Take the port from PORT, where nothing that Streamlit reads names one. SystemExit 2 if it is no port."""
    port = os.environ.get("PORT")
    if not port or PORT in os.environ or config.is_manually_set("server.port"):
        return
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        print(f"fbviz: PORT is {port[:80]!r}; it can be a whole number from 1 to 65535.", file=sys.stderr)
        raise SystemExit(2)
    os.environ[PORT] = port


def base_path() -> str:
    """The path under which the server is to be found: "" or "/demo". uvicorn leaves Streamlit's variable to us."""
    base = os.environ.get(BASE_PATH)
    if base and not config.is_manually_set("server.baseUrlPath"):
        config.set_option("server.baseUrlPath", base)
    stripped = str(config.get_option("server.baseUrlPath")).strip("/")
    return f"/{stripped}" if stripped else ""
