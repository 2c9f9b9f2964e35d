"""What the server answers besides its pages: the socket of a seat, plotly.js, the glossary, its health."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from fbviz import limits
from fbviz.chapters import glossary
from fbviz.live import log
from fbviz.live.engine import engine
from fbviz.live.health import health
from fbviz.live.requests import RefusedError
from fbviz.live.seats import Seat
from fbviz.words import spoken

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}(\.[0-9]{1,4})?")  # of a browser tab, and of a view in it
REFUSED, FULL = 1008, 1013  # WebSocket close codes: policy, try again later


@contextlib.asynccontextmanager
async def lifespan(_: object) -> AsyncIterator[None]:
    """Start the engine with the server, so that the first Play is as quick as any; end all runs with it."""
    log.begin()
    gc.collect()
    gc.freeze()  # what is loaded lasts as long as the server, and need not be looked at again
    engine()
    try:
        yield
    finally:
        engine().close()


async def live(socket: WebSocket) -> None:
    """Frames down, commands up, until the browser goes. A page of another site is refused."""
    token = socket.path_params["seat"]
    if not TOKEN.fullmatch(token) or not same_origin(socket):
        await socket.close(REFUSED)
        return
    await socket.accept()
    try:
        with engine().watched(token) as seat:
            await serve(socket, seat)
    except RefusedError as why:
        await refuse(socket, why, FULL)


async def serve(socket: WebSocket, seat: Seat) -> None:
    """Both ways at once, until one of them ends."""
    ways = [asyncio.create_task(send(socket, seat)), asyncio.create_task(receive(socket, seat))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def send(socket: WebSocket, seat: Seat) -> None:
    """Every frame that is the newest when the socket is free for it; ends when the browser takes none any more."""
    number = 0
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
        while True:
            number, frame = await seat.newer(number)
            await asyncio.wait_for(socket.send_bytes(frame), limits.DEADLINE)


async def receive(socket: WebSocket, seat: Seat) -> None:
    """Obey commands; answer what is none with what was wrong; hang up on a flood."""
    while (message := await socket.receive())["type"] == "websocket.receive":
        try:
            seat.hear(message.get("text") or "")
        except RefusedError as why:
            if why.final:
                await refuse(socket, why, REFUSED)
                return
            await socket.send_bytes(why.frame)


async def refuse(socket: WebSocket, why: RefusedError, code: int) -> None:
    """Say why, and hang up."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
        await asyncio.wait_for(socket.send_bytes(why.frame), limits.DEADLINE)
        await socket.close(code)


def same_origin(socket: WebSocket) -> bool:
    """Does the page that opened the socket come from this server? A client that is no browser sends no origin."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


def words(request: Request) -> JSONResponse:
    """The glossary in a language, or in English where it is written in no such language."""
    return JSONResponse(glossary.pages(spoken(request.path_params["language"])))


async def home(request: Request) -> RedirectResponse:
    """To the Playground: the first page has no path of its own, and Streamlit would say that it is not found."""
    query = request.url.query
    return RedirectResponse(f"./?{query}" if query else "./")


def routes(base: str = "") -> list[BaseRoute]:
    """All of them under a base path, as "/demo"."""
    ours: list[BaseRoute] = [
        WebSocketRoute("/live/{seat}", live),
        Mount("/plotly", StaticFiles(packages=[("plotly", "package_data")])),
        Route("/health", health),
        Route("/words/{language}.json", words),
    ]
    return [Mount(f"{base}/fbviz", routes=ours), Route(f"{base}/playground", home)]
