"""What a datagram holds (WIR-1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import overload

from wakeup.listener.connections.junk import JunkError
from wakeup.listener.connections.pieces import Piece, Refusal, Step
from wakeup.listener.connections.reader import Reader
from wakeup.listener.keys.cache import KeyCache, Wanted


@overload
def read_datagram(data: bytes, peer: str) -> Iterator[Piece]: ...
@overload
def read_datagram(data: bytes, peer: str, keys: KeyCache | None) -> Iterator[Step]: ...
def read_datagram(data: bytes, peer: str, keys: KeyCache | None = None) -> Iterator[Step]:
    """The frames of a datagram, one or more, and what is refused. Padding behind a frame is ignored (WIR-1)."""
    reader, is_first = Reader(peer, awaits_header=False, keys=keys), True
    reader.feed(data)
    while (piece := reader.read_frame()) is not None:
        yield piece
        is_first &= isinstance(piece, Wanted)
    rest = reader.end("the datagram ends in the middle of {}")
    if rest is not None and (is_first or not _is_padding(rest)):
        yield rest


def _is_padding(rest: Refusal) -> bool:
    return isinstance(rest.error, JunkError) or not rest.raw.strip(b"\0")
