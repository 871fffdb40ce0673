"""Addresses and networks as an operator writes them."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network


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
