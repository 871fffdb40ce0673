"""The address of a browser, which proxies tell and anybody may forge."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

_SITE_BITS = 64  # of an IPv6 address: what one customer has


def address_of(request: HttpRequest) -> str:
    """The browser's address, as the proxies in front of us (``PROXIES`` of them) know it; the rest may be forged.

    Some write the port behind it. What is no address is not used.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    proxies: int = settings.PROXIES
    named = _address(forwarded[-proxies]) if 0 < proxies <= len(forwarded) else None
    return named or str(request.META.get("REMOTE_ADDR", ""))


def source_of(address: str) -> str:
    """Whom guesses from ``address`` count for: of IPv6 the network of 64 bits that one customer has alone."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:50]
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), _SITE_BITS), strict=False))


def _address(text: str) -> str | None:
    host = text.strip()
    if host.count(":") == 1 or host.startswith("["):
        host = host.rpartition(":")[0] if not host.endswith("]") else host
    with suppress(ValueError):
        return str(ip_address(host.strip("[]")))
    return None
