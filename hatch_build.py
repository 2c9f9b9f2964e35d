"""What a wheel holds besides the package: the server's script and its settings, side by side as they stand here."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BESIDE = {"app.py": "fbviz/server/app.py", ".streamlit/config.toml": "fbviz/server/.streamlit/config.toml"}


class Server(BuildHookInterface):
    """An editable installation reads them where they are, and gets no copies that would grow old."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"].update(BESIDE)
