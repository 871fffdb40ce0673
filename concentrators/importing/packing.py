"""Sifted rows as bytes, small enough to wait in the database for their confirmation (CON-5).

Chunk by chunk, the good rows column by column, as compressed JSON: taken out again in a tenth of the time that
their file took, without the whole ever being in memory.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from concentrators.importing.errors import RowError, UnreadableFile
from concentrators.importing.rows import CheckedRow, Sifted

FORMAT = b"sifted rows, format 1\n"
LENGTH = struct.Struct("!I")
FAST = 1  # the least compression; the usual one saves a tenth more and takes four times as long


class Packer:
    """Packs rows as they pass."""

    def __init__(self) -> None:
        self._pieces = [FORMAT]

    @property
    def packed(self) -> bytes:
        return b"".join(self._pieces)

    def all_of(self, chunks: Iterable[Sifted]) -> Iterator[Sifted]:
        """Yield ``chunks`` as they are."""
        for chunk in chunks:
            piece = zlib.compress(_text(chunk).encode(), FAST)
            self._pieces += (LENGTH.pack(len(piece)), piece)
            yield chunk


def unpack(packed: bytes) -> Iterator[Sifted]:
    """Yield what was packed. Raises UnreadableFile for what no Packer of this format has packed."""
    if not packed.startswith(FORMAT):
        raise UnreadableFile(_("The check of this file did not come to its end; upload it again."))
    place = len(FORMAT)
    while place < len(packed):
        (length,) = LENGTH.unpack_from(packed, place)
        place += LENGTH.size
        yield _sifted(zlib.decompress(packed[place : place + length]))
        place += length


def _text(chunk: Sifted) -> str:
    lines, serials, values = zip(*chunk.good, strict=True) if chunk.good else ((), (), ())
    return json.dumps([chunk.wrong, lines, serials, *zip(*values, strict=True)], separators=(",", ":"))


def _sifted(text: bytes) -> Sifted:
    wrong, lines, serials, *columns = json.loads(text)
    rows = map(CheckedRow, lines, serials, zip(*columns, strict=True))
    return Sifted(list(rows), [[RowError(*error) for error in errors] for errors in wrong])
