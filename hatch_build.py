"""What a wheel holds besides the package: the server's script, its settings, pages and logo, as they stand here."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BESIDE = ("app.py", ".streamlit/config.toml", "pages", "assets/logo.svg", "assets/wordmark.svg")


class Server(BuildHookInterface):
    """An editable installation reads them where they are, and gets no copies that would grow old."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"].update({name: f"fbviz/server/{name}" for name in BESIDE})
