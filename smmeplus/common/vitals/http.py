"""The pages of a service for machines, over plain HTTP on an event loop of ours: `/metrics` and `/healthz`."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple, cast

MAX_REQUEST = 8_192  # bytes
REQUEST_S = 5.0  # from the connection to the end of its answer
MAX_OPEN = 32

LEAST_COMPRESSED = 1_000  # bytes
COMPRESSION = 5  # of 9: it takes the event loop of a listener a millisecond

_END = b"\r\n\r\n"
_REFUSED = re.compile(rb"\s*q=0(\.0*)?\s*")


class Page(NamedTuple):
    status: HTTPStatus
    content_type: str
    body: bytes


class Endpoint:
    """Makes protocols for ``create_server``. Each answers one GET with what ``pages`` has under its path."""

    def __init__(self, pages: Mapping[str, Callable[[], Page]]) -> None:
        self.pages = pages
        self.open: set[Exchange] = set()

    def __call__(self) -> Exchange:
        return Exchange(self)

    def answer(self, request: bytes) -> bytes:
        """The whole response to ``request``, of which only the first line matters."""
        words = request.partition(b"\r\n")[0].decode("latin-1").split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            return _response(_problem(HTTPStatus.BAD_REQUEST))
        method, target, _version = words
        if method not in ("GET", "HEAD"):
            return _response(_problem(HTTPStatus.METHOD_NOT_ALLOWED))
        make = self.pages.get(target.partition("?")[0])
        page = make() if make else _problem(HTTPStatus.NOT_FOUND)
        return _response(page, with_body=method == "GET", compressed=_takes_gzip(request))


class Exchange(asyncio.Protocol):
    """One request and its answer, bounded in size and time."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._request = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._end = asyncio.get_running_loop().call_later(REQUEST_S, self._transport.abort)
        self._endpoint.open.add(self)
        if len(self._endpoint.open) > MAX_OPEN:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        self._request += data
        if _END in self._request:
            self._close_with(self._endpoint.answer(self._request))
        elif len(self._request) > MAX_REQUEST:
            self._close_with(_response(_problem(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - how it ended changes nothing
        self._end.cancel()
        self._endpoint.open.discard(self)

    def _close_with(self, response: bytes) -> None:
        self._transport.write(response)
        self._transport.close()


def _problem(status: HTTPStatus) -> Page:
    return Page(status, "text/plain; charset=utf-8", f"{status.phrase}\n".encode())


def _takes_gzip(request: bytes) -> bool:
    """Whether a header of ``request`` says so, and not that it would rather have none of it."""
    for line in request.lower().split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip() == b"accept-encoding":
            codings = (one.partition(b";") for one in value.split(b","))
            return any(name.strip() == b"gzip" and not _REFUSED.fullmatch(weight) for name, _, weight in codings)
    return False


def _response(page: Page, *, with_body: bool = True, compressed: bool = False) -> bytes:
    is_worth_it = compressed and len(page.body) >= LEAST_COMPRESSED
    body = gzip.compress(page.body, COMPRESSION, mtime=0) if is_worth_it else page.body
    head = (
        f"HTTP/1.1 {page.status.value} {page.status.phrase}\r\n"
        f"Content-Type: {page.content_type}\r\nContent-Length: {len(body)}\r\n"
        + ("Content-Encoding: gzip\r\n" if is_worth_it else "")
        + "Vary: Accept-Encoding\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (body if with_body else b"")
