"""The library that draws the figures is large: a browser is told of it with the page, and fetches both at once."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LIBRARY = "fbviz/plotly/plotly.min.js"  # as plotly.js asks for it: every page lies one step below the base path


class Preload:
    """Name the library in the head of each page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("link", f"<{LIBRARY}>; rel=preload; as=script")
            await send(message)

        await self.app(scope, receive, told if scope["type"] == "http" else send)


PRELOAD = Middleware(Preload)
