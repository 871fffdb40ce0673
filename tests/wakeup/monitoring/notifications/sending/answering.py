"""Receivers of webhooks that really listen, and answer well or badly."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Post:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def number(self) -> int:
        number: int = json.loads(self.body)["data"]["number"]
        return number


@dataclass
class Answering:
    """``manner`` is how it answers: a status, bytes, or the name of a method of the handler."""

    manner: Any = 200
    posts: list[Post] = field(default_factory=list)
    port: int = 0
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?x=1"


class _Handler(BaseHTTPRequestHandler):
    server: Any

    def do_POST(self) -> None:
        told: Answering = self.server.told
        with told.lock:
            told.at_once += 1
            told.most_at_once = max(told.most_at_once, told.at_once)
        try:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with told.lock:
                told.posts.append(Post(self.path, headers, body))
            with suppress(OSError):
                self._answer(told.manner, told)
        finally:
            with told.lock:
                told.at_once -= 1

    def _answer(self, manner: Any, told: Answering) -> None:
        if isinstance(manner, bytes):
            self.wfile.write(manner)
        elif isinstance(manner, int):
            self._say(manner)
        else:
            getattr(self, f"_{manner}")(told)

    def _say(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"thanks")

    def _redirect(self, told: Answering) -> None:
        self._say(307, Location=f"http://127.0.0.1:{told.port}/other\x1b")

    def _hang(self, told: Answering) -> None:
        told.released.wait(30)

    def _drip(self, told: Answering) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 10_000:
            self.wfile.write(bytes([letter]))
            if told.released.wait(0.05):
                return

    def _close(self, _told: Answering) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)

    def _slow(self, _told: Answering) -> None:
        time.sleep(0.05)
        self._say(200)

    def _endless(self, told: Answering) -> None:
        self._say(200)
        while not told.released.is_set():
            self.wfile.write(b"x" * 65_536)

    def log_message(self, *_args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    request_queue_size = 50
    daemon_threads = True

    def handle_error(self, *_args: Any) -> None:
        """Whoever is cut off is cut off."""


@contextmanager
def answering(manner: Any = 200, context: ssl.SSLContext | None = None) -> Iterator[Answering]:
    """With ``context`` over TLS."""
    told = Answering(manner)
    server = _Server(("127.0.0.1", 0), _Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.told = told  # type: ignore[attr-defined]
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield told
    finally:
        told.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
