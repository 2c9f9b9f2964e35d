"""Many browsers at once, each with an endless run, on a real server: `python -m benchmarks.live [SECONDS [VIEWS]]`.

Prints what a server must hold (in brackets) and what it does.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import statistics
import sys
import time
from dataclasses import dataclass, field

import psutil
from websockets.asyncio.client import connect

from fbviz.frames import unpack
from tests.server import Server

QUERY = {"updates": "100000"}  # the default experiment, for longer than anybody looks
DRAWING = 0.03  # seconds a browser takes to draw four figures
PRESSES = 40


@dataclass
class Counts:
    """What one browser saw."""

    frames: int = 0
    bytes: int = 0
    latencies: list[float] = field(default_factory=list)  # Play to first new frame


async def browse(server: Server, counts: Counts, seconds: float) -> None:
    """Load, play, and want a frame whenever one is drawn."""
    async with open_seat(server) as socket:
        await load(socket)
        counts.latencies.append(await play(socket))
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await asyncio.sleep(DRAWING)
            await say(socket, do="want")
            frame = await socket.recv()
            counts.frames += 1
            counts.bytes += len(frame)
            facts = unpack(frame).facts
            assert facts["state"] == "playing", facts


async def press(server: Server) -> list[float]:
    """Seconds from Play to the first new frame, one browser at a time, each with a new process."""
    latencies = []
    for _ in range(PRESSES):
        async with open_seat(server) as socket:
            await load(socket)
            latencies.append(await play(socket))
            await say(socket, do="reset")  # it makes room
    return latencies


async def begin(server: Server) -> list[float]:
    """Seconds from opening a seat to its first picture, process and all."""
    latencies = []
    for _ in range(PRESSES):
        async with open_seat(server) as socket:
            begun = time.perf_counter()
            await load(socket)
            latencies.append(time.perf_counter() - begun)
    return latencies


def open_seat(server: Server):
    url = server.url.replace("http", "ws")
    return connect(f"{url}fbviz/live/{secrets.token_urlsafe(24)}", max_size=None, proxy=None, compression=None)


async def say(socket, **command) -> None:
    await socket.send(json.dumps(command))


async def load(socket) -> None:
    """Until the untrained network is seen."""
    await say(socket, do="load", program="training", query=QUERY, play=False)
    while unpack(await socket.recv()).facts["state"] != "ready":
        pass
    await say(socket, do="want")


async def play(socket) -> float:
    """Seconds until a frame shows an update."""
    begun = time.perf_counter()
    await say(socket, do="play")
    while not unpack(await socket.recv()).facts["update"]:
        await say(socket, do="want")
    return time.perf_counter() - begun


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


async def crowd(server: Server, seconds: float, views: int) -> None:
    """Many at once."""
    everybody = [Counts() for _ in range(views)]
    watching = [asyncio.create_task(browse(server, counts, seconds)) for counts in everybody]
    await asyncio.sleep(seconds / 4)  # all have begun
    cpu, wall, seen = used(server.process), time.monotonic(), sum(counts.frames for counts in everybody)
    await asyncio.sleep(seconds / 2)
    cpu, wall = used(server.process) - cpu, time.monotonic() - wall
    seen = sum(counts.frames for counts in everybody) - seen
    memory = [worker.memory_full_info() for worker in server.workers()]
    errors = [why for why in await asyncio.gather(*watching, return_exceptions=True) if why]
    rates = [counts.frames / seconds for counts in everybody]
    size = sum(counts.bytes for counts in everybody) / max(1, sum(counts.frames for counts in everybody))
    print(f"{views} views for {seconds:g} s, {psutil.cpu_count()} cores, frames of {size / 1000:.0f} kB")
    print(f"  errors                {len(errors)} [0] {errors[:2] or ''}")
    print(f"  frames/s a view       {min(rates):.1f} at least, median {statistics.median(rates):.1f} [4]")
    print(f"  server                {cpu / wall:.2f} core [0.5], {1000 * cpu / max(1, seen):.2f} ms a frame [2]")
    print(f"  memory a run          {max(m.uss for m in memory) / 1e6:.0f} MB of its own at most [40]")
    print(f"  Play to first frame   p95 {1000 * p95([x for c in everybody for x in c.latencies]):.0f} ms, all at once")


def used(process: psutil.Process) -> float:
    """CPU seconds."""
    times = process.cpu_times()
    return times.user + times.system


async def main(seconds: float = 60, views: int = 50) -> None:
    with Server(FBVIZ_RUNS=str(views)) as server:  # a place for everybody: nobody waits in the queue
        await begin(server)  # the fork server is warm
        opened, pressed = await begin(server), await press(server)
        print("one view at a time")
        print(
            f"  open to first picture median {1000 * statistics.median(opened):.0f} ms, p95 {1000 * p95(opened):.0f} ms"
        )
        median, worst = 1000 * statistics.median(pressed), 1000 * p95(pressed)
        print(f"  Play to first frame   median {median:.0f} ms, p95 {worst:.0f} [300]")
        await crowd(server, seconds, views)


if __name__ == "__main__":
    asyncio.run(main(*map(float, sys.argv[1:2]), *map(int, sys.argv[2:3])))
