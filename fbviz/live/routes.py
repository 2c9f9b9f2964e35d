"""What the server answers besides its pages: the socket of a seat, and plotly.js."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson
from starlette.routing import BaseRoute, Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from fbviz import limits
from fbviz.live.engine import engine
from fbviz.live.seats import RefusedError, Seat

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
    await socket.accept()
    try:
        seat = engine().seat(token)
    except RefusedError as why:
        await refuse(socket, why, FULL)
        return
    with seat.open():
        down = asyncio.create_task(send(socket, seat))
        try:
            await receive(socket, seat)
        finally:
            down.cancel()


async def send(socket: WebSocket, seat: Seat) -> None:
    """Every frame that is the newest when the socket is free for it."""
    number = 0
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            number, frame = await seat.newer(number)
            await socket.send_bytes(frame)


async def receive(socket: WebSocket, seat: Seat) -> None:
    """Obey commands; answer what is none with what was wrong; hang up on a flood."""
    pace = Pace()
    while (message := await socket.receive())["type"] == "websocket.receive":
        text = message.get("text") or ""
        try:
            pace.count()
            if len(text) > limits.MESSAGE:
                raise RefusedError("long", bytes=limits.MESSAGE)
        except RefusedError as why:
            await refuse(socket, why, REFUSED)
            return
        try:
            seat.command(read(text))
        except RefusedError as why:
            await socket.send_bytes(why.frame)


async def refuse(socket: WebSocket, why: RefusedError, code: int) -> None:
    """Say why, and hang up."""
    await socket.send_bytes(why.frame)
    await socket.close(code)


def read(text: str) -> object:
    """The JSON of a message. RefusedError if it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as why:
        raise RefusedError("command", command=text[:80]) from why


@dataclass
class Pace:
    """Counts the messages of a second."""

    second: float = 0.0
    messages: int = 0

    def count(self) -> None:
        """One more. RefusedError if they are too many."""
        now = time.monotonic()
        if now - self.second > 1:
            self.second, self.messages = now, 0
        self.messages += 1
        if self.messages > limits.RATE:
            raise RefusedError("flood", messages=limits.RATE)


def same_origin(socket: WebSocket) -> bool:
    """Does the page that opened the socket come from this server? A client that is no browser sends no origin."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


ROUTES: list[BaseRoute] = [
    WebSocketRoute("/fbviz/live/{seat}", live),
    Mount("/fbviz/plotly", StaticFiles(packages=[("plotly", "package_data")])),
]
