"""What the server answers besides its pages: the socket of a seat, and plotly.js."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import orjson
from starlette.routing import BaseRoute, Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from fbviz import limits
from fbviz.live.engine import BusyError, engine
from fbviz.live.seats import Seat

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
REFUSED, FULL = 1008, 1013  # WebSocket close codes: policy, try again later


@contextlib.asynccontextmanager
async def lifespan(_: object) -> AsyncIterator[None]:
    """Start the engine with the server, so that the first Play is as quick as any; end all runs with it."""
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
    try:
        seat = engine().seat(token)
    except BusyError as why:
        await socket.close(FULL, str(why))
        return
    await socket.accept()
    down = asyncio.create_task(send(socket, seat))
    try:
        await receive(socket, seat)
    finally:
        down.cancel()
        seat.seen = time.monotonic()


async def send(socket: WebSocket, seat: Seat) -> None:
    """Every frame that is the newest when the socket is free for it."""
    number = 0
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            number, frame = await seat.newer(number)
            await socket.send_bytes(frame)


async def receive(socket: WebSocket, seat: Seat) -> None:
    """Obey commands; answer what is none with what was wrong; hang up on a flood."""
    second, count = time.monotonic(), 0
    while (message := await socket.receive())["type"] == "websocket.receive":
        now, count = time.monotonic(), count + 1
        if now - second > 1:
            second, count = now, 0
        text = message.get("text") or ""
        if count > limits.RATE or len(text) > limits.MESSAGE:
            await socket.close(REFUSED)
            return
        try:
            command = orjson.loads(text)
            if not isinstance(command, dict):
                raise ValueError("A command is an object.")
            seat.command(command)
        except ValueError as why:
            seat.tell(state=seat.state, refused=str(why)[:200])


def same_origin(socket: WebSocket) -> bool:
    """Does the page that opened the socket come from this server? A client that is no browser sends no origin."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


ROUTES: list[BaseRoute] = [
    WebSocketRoute("/fbviz/live/{seat}", live),
    Mount("/fbviz/plotly", StaticFiles(packages=[("plotly", "package_data")])),
]
