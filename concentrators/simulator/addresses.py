"""The loopback addresses that simulated concentrators send from (SIM-2)."""

from __future__ import annotations

import ipaddress
import socket

LOOPBACK = ipaddress.IPv4Network("127.0.0.0/8")

_UNUSABLE = (LOOPBACK.network_address, LOOPBACK.broadcast_address)
_MADE_UP = 1 << 23  # 127.128.0.0 and up, out of the way of what management addresses of 10.0.0.0/9 become
_HOST_BITS = 0xFFFFFF


def is_loopback(host: str) -> bool:
    """Whether ``host``, an IPv4 dotted quad, is this machine by a loopback address."""
    return ipaddress.IPv4Address(host) in LOOPBACK


def loopback_source(number: int, management_ip: str | None = None) -> str:
    """The loopback address that a concentrator sends from, so that the listener can tell it from the others.

    It ends like ``management_ip`` (10.60.0.10 becomes 127.60.0.10). Without a management address it is made from
    ``number``.
    """
    if management_ip:
        source = _in_loopback(int(ipaddress.IPv4Address(management_ip)))
        if source not in _UNUSABLE:
            return str(source)
    return str(_in_loopback(_MADE_UP + number % (_MADE_UP - 1)))


def _in_loopback(address: int) -> ipaddress.IPv4Address:
    return LOOPBACK.network_address + (address & _HOST_BITS)


def can_send_from(source: str) -> bool:
    """Whether this system lets a program send from ``source``; some do not have all of 127.0.0.0/8."""
    with socket.socket() as probe:
        try:
            probe.bind((source, 0))
        except OSError:
            return False
    return True
