"""A channel to a worker: messages both ways, and nobody here waits for a process that does not listen."""

from __future__ import annotations

import socket
import struct

LENGTH = struct.Struct("!i")  # before each message, as multiprocessing's Connection has it at the other end
CHUNK = 1 << 20
BACKLOG = 1 << 20  # bytes a worker may leave unread; what is said to it beyond is lost


class Channel:
    """Our end. Its `fileno` can be selected on."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self.end, self.inbox, self.outbox = end, bytearray(), bytearray()

    def fileno(self) -> int:
        return self.end.fileno()

    def send(self, message: bytes) -> None:
        """Send now what goes out without waiting; the rest goes with a later `flush`."""
        if len(self.outbox) < BACKLOG:
            self.outbox += LENGTH.pack(len(message)) + message
        self.flush()

    def flush(self) -> None:
        """Send what is left. A broken channel is reported by `receive`, not here."""
        try:
            while self.outbox:
                del self.outbox[: self.end.send(self.outbox)]
        except OSError:
            return

    def receive(self) -> list[bytes]:
        """The messages that have come in whole. EOFError when the worker has hung up and all is read."""
        try:
            while data := self.end.recv(CHUNK):
                self.inbox += data
        except BlockingIOError:
            return self.whole()
        except OSError:
            pass
        if messages := self.whole():
            return messages
        raise EOFError

    def whole(self) -> list[bytes]:
        """Take the complete messages out of the inbox."""
        messages, start = [], 0
        while len(self.inbox) - start >= LENGTH.size:
            end = start + LENGTH.size + LENGTH.unpack_from(self.inbox, start)[0]
            if len(self.inbox) < end:
                break
            messages.append(bytes(self.inbox[start + LENGTH.size : end]))
            start = end
        del self.inbox[:start]
        return messages

    def close(self) -> None:
        self.end.close()
