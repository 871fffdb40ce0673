"""Networks and ports as operators, commands and files write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

Network = IPv4Network | IPv6Network
MAX_PORT: Final = 65_535
PARTS: Final = 4  # of an IPv4 address


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


def is_address(text: str) -> bool:
    """Whether ``text`` is a whole IPv4 address, in the usual writing."""
    return text.count(".") == PARTS - 1 and all(map(_is_part, text.split(".")))


def ranges_of(beginning: str) -> list[tuple[str, str]]:
    """The first and the last address of each range of IPv4 addresses whose texts begin with ``beginning``.

    ``10.60.`` gives one, ``10.6`` those of 10.6 and of 10.60 to 10.69. None if no address begins so, or without a dot.
    """
    *whole, last = beginning.split(".")
    if not 0 < len(whole) < PARTS or not all(map(_is_part, whole)):
        return []
    found = [number for number in range(256) if str(number).startswith(last)]
    rest = PARTS - 1 - len(whole)
    return [
        (".".join([*whole, str(low), *("0",) * rest]), ".".join([*whole, str(high), *("255",) * rest]))
        for low, high in _runs(found)
    ]


def _is_part(text: str) -> bool:
    """A number from 0 to 255 without leading zeros, which some programs would take for octal."""
    return text.isascii() and text.isdigit() and len(text) <= len("255") and str(int(text)) == text and int(text) < 256


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each run of consecutive ``numbers``, which ascend."""
    begins = [one for place, one in enumerate(numbers) if not place or numbers[place - 1] != one - 1]
    ends = [one for place, one in enumerate(numbers) if place + 1 == len(numbers) or numbers[place + 1] != one + 1]
    return zip(begins, ends, strict=True)
