"""Small web servers for tests: each does what its script says, byte by byte if need be."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from project import local

Script = Callable[[socket.socket, str], None]
"""Answers one request, whose head it is given, on a connection that is closed afterwards."""


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> Script:
    """An ordinary answer. It says that the connection ends with it, or the next request might be sent there."""
    headers = {"Connection": "close", **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines, "", ""])
    return lambda connection, _: connection.sendall(head.encode() + body)


def raw(data: bytes) -> Script:
    """These bytes and no others."""
    return lambda connection, _: connection.sendall(data)


@dataclass
class Receiver:
    """A script that takes what is posted to it: what came is kept, and answered with the next of ``statuses``, or with
    the last of them for good."""

    statuses: list[str] = field(default_factory=lambda: ["204 No Content"])
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    """Headers, with names in small letters, and the body."""

    def __call__(self, connection: socket.socket, head: str) -> None:
        lines, _, begun = head.partition("\r\n\r\n")
        pairs = (line.split(": ", 1) for line in lines.split("\r\n")[1:])
        headers = {name.lower(): value for name, value in pairs}
        body = begun.encode()
        while len(body) < int(headers["content-length"]):
            body += connection.recv(65536)
        self.taken.append((headers, body))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        answer(b"a body that nobody reads", status)(connection, head)


@dataclass
class Server:
    """Listens on loopback until the block ends."""

    script: Script
    context: ssl.SSLContext | None = None
    requests: list[str] = field(default_factory=list)
    """The heads of all requests, with their bodies."""
    over: threading.Event = field(default_factory=threading.Event)
    """Set when the test ends: scripts that never end wait on it."""

    def __enter__(self) -> Self:
        self._socket = socket.create_server((local.LOOPBACK, 0))
        self.port: int = self._socket.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        socket.create_connection((local.LOOPBACK, self.port)).close()  # wakes accept(), which close() does not
        for thread in self._threads:
            thread.join(10)
        self._socket.close()

    @property
    def url(self) -> str:
        return f"http://{local.LOOPBACK}:{self.port}"

    def _listen(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            if self.over.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        try:
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                head = b""
                while b"\r\n\r\n" not in head:
                    if not (chunk := connection.recv(65536)):
                        return
                    head += chunk
                self.requests.append(head.decode())
                self.script(connection, head.decode())
        except OSError:
            return  # the client went: that is what many of these tests are about
        finally:
            connection.close()
