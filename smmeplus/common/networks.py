"""Networks and ports as operators, commands and files write them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

Network = IPv4Network | IPv6Network
MAX_PORT: Final = 65_535


class NetworkError(ValueError):
    """A word that is neither an address nor a network; the message is that word."""


def read_networks(words: Iterable[str]) -> tuple[Network, ...]:
    """Empty words count for nothing. Raises NetworkError at the first that is no network, as 10.0.0.1/8 is none."""
    return tuple(_network(word) for word in map(str.strip, words) if word)


def _network(word: str) -> Network:
    try:
        return ip_network(word)
    except ValueError:
        raise NetworkError(word) from None


def is_within(address: str, networks: Iterable[Network]) -> bool:
    one = ip_address(address)
    return any(one in network for network in networks)


@lru_cache(4_096)  # of a flood few addresses are new
def network_around(address: str) -> str:
    """The network that counts as one source with ``address``: its /24 of IPv4, its /48 of IPv6."""
    return str(ip_network(f"{address}/{48 if ':' in address else 24}", strict=False))


def parse_port(text: str) -> int:
    """The port from 1 to MAX_PORT that ``text`` says. Raises ValueError unless it is one in ASCII digits."""
    # int() alone would take “1_000”, “٣” and “ 1 ”.
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_PORT):
        raise ValueError(f"{text!r} is no port")
    return int(text)
