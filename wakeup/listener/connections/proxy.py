"""The PROXY protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt, sections 2.1 and 2.2; WIR-7).

A balancer puts one header before the bytes of each connection, to say where the connection comes from. No I/O, and
bounded work: no header is longer than ``MAX_HEADER`` bytes, and other bytes are refused at the first wrong one.
"""

from __future__ import annotations

import re
import struct
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, NamedTuple

from smmeplus.common.networks import MAX_PORT
from smmeplus.dlms.errors import FrameError
from wakeup.listener.connections.addresses import plain_address

MAX_LINE: Final = 107  # of version 1, with CR and LF
MAX_BLOCK: Final = 2_048  # of version 2: the addresses, at most 216 bytes, and whatever the balancer adds to them
_SIGNATURE: Final = b"\r\n\r\n\0\r\nQUIT\n"
_FIXED: Final = struct.Struct(f">{len(_SIGNATURE)}sBBH")
MAX_HEADER: Final = _FIXED.size + MAX_BLOCK

_WORD: Final = b"PROXY "
_STARTS: Final = (_WORD, _SIGNATURE)
_LOCAL: Final = 0x20  # version 2 in the upper four bits, the command in the lower
_PROXY: Final = 0x21
_INET, _INET6, _UNIX = 1, 2, 3  # the family; 0 is unspecified
_DGRAM: Final = 2  # the last of the transports; 0 is unspecified
_ADDRESSES: Final = {  # source and destination, then their ports
    _INET: struct.Struct(">4s4xH2x"),
    _INET6: struct.Struct(">16s16xH2x"),
    _UNIX: struct.Struct("216x"),
}
_LINE_FAMILIES: Final = {b"TCP4": 4, b"TCP6": 6}
_PORT: Final = re.compile(rb"0|[1-9][0-9]{0,4}")
_LINE_WORDS: Final = 6  # PROXY, family, two addresses, two ports


class ProxyError(FrameError):
    """Bytes are not a PROXY header, or are a broken one."""


class Source(NamedTuple):
    """Where a connection comes from; the address as :func:`plain_address` writes it."""

    address: str
    port: int


def read_header(buffer: bytes) -> tuple[Source | None, int] | None:
    """The header at the start of ``buffer`` and its length in bytes; None while it is incomplete.

    The source is None where the header names none: with LOCAL and UNKNOWN, which health checks send, and with families
    that have no Internet addresses. Raises ProxyError if ``buffer`` begins with anything else or with a broken header.
    """
    if begins_with_header(buffer) is False:
        raise ProxyError(f"no PROXY header begins with {buffer[: len(_SIGNATURE)].hex(' ')}")
    if buffer.startswith(_WORD):
        return _read_line(buffer[:MAX_LINE])
    if buffer.startswith(_SIGNATURE):
        return _read_block(buffer[:MAX_HEADER])
    return None


def read_header_of(peer: str, buffer: bytes) -> tuple[Source | None, int] | None:
    """Like :func:`read_header`, for a listed balancer: the error says what to do if it has sent something else."""
    if begins_with_header(buffer) is False:
        raise ProxyError(
            f"{peer} is listed as a balancer, so its connections must begin with a PROXY header (send-proxy-v2), or "
            "the concentrator's own address is hidden"
        )
    return read_header(buffer)


def unlisted(peer: str) -> ProxyError:
    """The refusal of a header from an address that could pretend to be any concentrator."""
    return ProxyError(f"a PROXY header from {peer}, which is not listed as a balancer: see --proxies")


def begins_with_header(buffer: bytes) -> bool | None:
    """Whether ``buffer`` begins as a PROXY header does; None while it is too short to tell."""
    if buffer.startswith(_STARTS):
        return True
    return None if any(start.startswith(buffer) for start in _STARTS) else False


def _read_line(buffer: bytes) -> tuple[Source | None, int] | None:
    """Version 1: ``PROXY TCP4 source destination port port``, or ``PROXY UNKNOWN`` and anything, and CRLF."""
    line, end, _rest = buffer.partition(b"\r\n")
    if not end:
        if len(buffer) == MAX_LINE:
            raise ProxyError(f"the PROXY header does not end within {MAX_LINE} bytes")
        return None
    length = len(line) + len(end)
    words = line.split(b" ")
    if words[1] == b"UNKNOWN":
        return None, length
    if words[1] not in _LINE_FAMILIES or len(words) != _LINE_WORDS:
        raise ProxyError("the PROXY header is neither of TCP4 or TCP6 with two addresses and two ports, nor UNKNOWN")
    addresses = [_address(word, _LINE_FAMILIES[words[1]]) for word in words[2:4]]
    ports = [_port(word) for word in words[4:]]
    return Source(addresses[0], ports[0]), length


def _address(word: bytes, version: int) -> str:
    try:
        address = ip_address(word.decode("ascii"))
    except ValueError:
        raise ProxyError("an address in the PROXY header is not an IP address") from None
    if address.version != version or b"%" in word:
        raise ProxyError(f"an address in the PROXY header is not of IPv{version}")
    return plain_address(str(address))


def _port(word: bytes) -> int:
    if not _PORT.fullmatch(word) or int(word) > MAX_PORT:
        raise ProxyError(f"a port in the PROXY header is not a number from 0 to {MAX_PORT}")
    return int(word)


def _read_block(buffer: bytes) -> tuple[Source | None, int] | None:
    """Version 2: signature, version and command, family and transport, length(2), addresses, anything more."""
    if len(buffer) > len(_SIGNATURE) and buffer[len(_SIGNATURE)] not in (_LOCAL, _PROXY):
        raise ProxyError(f"version and command of the PROXY header are {buffer[len(_SIGNATURE)]:02X}, not 20 or 21")
    if len(buffer) < _FIXED.size:
        return None
    _signature, command, family, length = _FIXED.unpack_from(buffer)
    if length > MAX_BLOCK:
        raise ProxyError(f"the PROXY header announces {length} bytes; at most {MAX_BLOCK} are allowed")
    if command == _PROXY:
        _check_block(family, length)
    end = _FIXED.size + length
    if len(buffer) < end:
        return None
    return (_source(buffer, family) if command == _PROXY else None), end


def _check_block(family: int, length: int) -> None:
    if family >> 4 > _UNIX or family & 0x0F > _DGRAM:
        raise ProxyError(f"family and transport of the PROXY header are {family:02X}, which the protocol does not have")
    addresses = _ADDRESSES.get(family >> 4)
    if addresses and length < addresses.size:
        raise ProxyError(f"the PROXY header has {length} bytes for addresses that take {addresses.size}")


def _source(buffer: bytes, family: int) -> Source | None:
    if family >> 4 not in (_INET, _INET6) or not family & 0x0F:
        return None
    packed, port = _ADDRESSES[family >> 4].unpack_from(buffer, _FIXED.size)
    address = IPv4Address(packed) if family >> 4 == _INET else IPv6Address(packed)
    return Source(plain_address(str(address)), port)
