from __future__ import annotations

from ipaddress import IPv6Address


def plain_address(host: str) -> str:
    """``host`` as it is shown: IPv4 also where it came through an IPv6 socket, and without the zone of a link."""
    if ":" not in host:
        return host
    address = IPv6Address(host.partition("%")[0])
    return str(address.ipv4_mapped or address)
