"""A browser view without a browser: what goes over its socket."""

import base64
import json
import secrets
import socket

from websockets.sync.client import connect

from fbviz.frames import unpack


class View:
    """What view.js does, without a picture: it wants a frame whenever it has had one."""

    def __init__(self, server, token=None, **options):
        self.token = token or secrets.token_urlsafe(24)
        url = server.url.replace("http", "ws")
        self.connection = connect(f"{url}fbviz/live/{self.token}", max_size=None, proxy=None, **options)

    def __enter__(self):
        self.socket = self.connection.__enter__()
        return self

    def __exit__(self, *why):
        self.connection.__exit__(*why)

    def do(self, word, **more):
        self.socket.send(json.dumps({"do": word, **more}))

    def load(self, *, play=False, program="training", **query):
        self.do("load", program=program, query=query, play=play)

    def frame(self, seconds=60):
        return unpack(self.socket.recv(seconds))

    def until(self, true):
        """The first frame whose facts are `true`; until then it wants another."""
        while not true((frame := self.frame()).facts):
            self.do("want")
        return frame

    def playing(self, **query):
        """Play a run that goes on for long; returns the facts of a frame of it."""
        self.load(play=True, updates="100000", engine="torch", **query)
        return self.until(state("playing")).facts

    def goes_on(self):
        """See that the run makes further updates."""
        self.do("want")
        before = self.until(state("playing")).facts["update"]
        self.do("want")
        self.until(lambda facts: facts["state"] == "playing" and facts["update"] > before)


def state(word):
    return lambda facts: facts.get("state") == word


def over(facts):
    return facts.get("state") == "ended" or bool(facts.get("idle"))


class Silent:
    """A client that opens a view's socket, says something, and then neither reads nor answers a ping."""

    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port))
        lines = [
            f"GET /fbviz/live/{secrets.token_urlsafe(24)} HTTP/1.1",
            f"Host: 127.0.0.1:{server.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}",
            "Sec-WebSocket-Version: 13",
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        assert b"101" in self.socket.recv(4096)

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.socket.close()

    def do(self, word, **more):
        """A text frame of less than 64 kB, masked with zeros (RFC 6455, 5.2)."""
        data = json.dumps({"do": word, **more}).encode()
        self.socket.sendall(b"\x81\xfe" + len(data).to_bytes(2, "big") + bytes(4) + data)
