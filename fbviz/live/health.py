"""Whether this server can run anything: what a load balancer asks, answered at once and without starting anything."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from fbviz.live.engine import engine

STREAMLITS = "/_stcore/health"


async def health(_: Request) -> PlainTextResponse:
    """200 and ok, or 503 and why nothing can be run here."""
    why = engine().trouble
    return PlainTextResponse(why or "ok", 503 if why else 200, {"Cache-Control": "no-cache"})


class TruthfulHealth:
    """Has Streamlit's own health say so, too. A page that asks is let in: it can be read, and tells the rest itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and scope["path"].endswith(STREAMLITS) and "referer" not in Headers(scope=scope)
        answer = await health(Request(scope)) if asked and engine().trouble else self.app
        await answer(scope, receive, send)


HEALTH = Middleware(TruthfulHealth)
