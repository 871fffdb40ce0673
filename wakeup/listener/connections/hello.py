"""TLS, by its first bytes (RFC 8446, 5.1): on a port without it one can only say what it is (SEC-4, WIR-11)."""

from __future__ import annotations

import re
from typing import Final

from smmeplus.dlms.errors import FrameError

_HELLO: Final = re.compile(rb"\x16\x03[\x00-\x04]", re.DOTALL)  # a record of a handshake, and a version
_SIZE: Final = 3


class TlsError(FrameError):
    """TLS where none is spoken, none where it has to be, or a session that fails."""


def begins_with_hello(buffer: bytes) -> bool | None:
    """Whether ``buffer`` begins as TLS does; None while it is too short to tell."""
    if len(buffer) >= _SIZE:
        return _HELLO.match(buffer) is not None
    return None if b"\x16\x03".startswith(buffer) else False


def hello_on_the_plain_port() -> TlsError:
    return TlsError("a TLS hello on the plain port: TLS has a port of its own")
