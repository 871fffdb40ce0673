"""Files as they come: plain, or packed by gzip, which is told by its first bytes and never by the file's name."""

from __future__ import annotations

import zlib

from django.utils.translation import gettext as _

from concentrators.meters.stg.errors import StgError

MIB = 2**20
MOST_BYTES = 64 * MIB
MOST_TIMES = 100  # what a gzip may unpack to; lists take about a twentieth
MOST_MEMBERS = 100
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


def unpack(content: bytes) -> bytes:
    """``content`` as plain bytes, of which a gzip may have several members, and zeros behind them. Raises StgError."""
    if len(content) > MOST_BYTES:
        raise StgError(_("The file has more than %(most)d MiB.") % {"most": MOST_BYTES // MIB})
    if not content.startswith(_GZIP):
        return content
    plain = _unpack(content)
    if plain.startswith(_GZIP):
        raise StgError(_("The file is a gzip inside a gzip. Pack it once."))
    return plain


def _unpack(content: bytes) -> bytes:
    parts, left = list[bytes](), min(MOST_BYTES, MOST_TIMES * len(content))
    for _member in range(MOST_MEMBERS):
        part, content = _member_of(content, left)
        parts.append(part)
        left -= len(part)
        if not content.strip(b"\0"):
            return b"".join(parts)
        if not content.startswith(_GZIP):
            raise StgError(_("Behind the end of the gzip stands something else. Send the file again."))
    raise StgError(_("The gzip has more than %(most)d members.") % {"most": MOST_MEMBERS})


def _member_of(content: bytes, most: int) -> tuple[bytes, bytes]:
    """The first member unpacked, and the bytes behind it."""
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    try:
        part = unpacker.decompress(content, most + 1)
    except zlib.error as error:
        raise StgError(_("The gzip is damaged. Send the file again.")) from error
    if len(part) > most:
        words = {"times": MOST_TIMES, "most": MOST_BYTES // MIB}
        raise StgError(
            _("The gzip unpacks to more than %(times)d times its size, or to more than %(most)d MiB.") % words
        )
    if not unpacker.eof:
        raise StgError(_("The gzip breaks off before its end. Send the file again."))
    return part, unpacker.unused_data
