"""Addresses of peers: how they are shown, and which of them are listed."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address


def plain_address(host: str) -> str:
    """``host`` as it is shown: IPv4 also where it came through an IPv6 socket, and without the zone of a link."""
    if ":" not in host:
        return host
    address = IPv6Address(host.partition("%")[0])
    return str(address.ipv4_mapped or address)


def is_listed(address: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Whether a plain ``address`` is in one of ``networks``."""
    peer = ip_address(address)
    return any(peer in network for network in networks)
