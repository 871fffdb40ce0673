"""Where a webhook may go: to networks that an administrator lists, and nowhere else (STA-7)."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from smmeplus.common.networks import is_within, read_networks
from wakeup.monitoring.notifications.events import Why, reason

_PORTS: Final = {"http": 80, "https": 443, "amqp": 5672, "amqps": 5671}
HTTP: Final = ("https", "http")
AMQP: Final = ("amqps", "amqp")


class NotSentError(Exception):
    """Nothing was delivered; the message is the reason as it is stored."""


class WrongUrlError(ValueError):
    """The message says in English what is wrong with it."""


@dataclass(frozen=True)
class Target:
    """``host`` is in ASCII; ``path`` has the query. A ``user`` is named for AMQP alone; empty: nobody."""

    is_safe: bool
    host: str
    port: int
    path: str
    user: str = ""

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS["https" if self.is_safe else "http"] else f"{host}:{self.port}"


def read_url(text: str, schemes: tuple[str, str] = HTTP) -> Target:
    """Raises WrongUrlError unless it is a whole address in ASCII, without a user in it, but for one of AMQP.

    Of ``schemes`` the first is safe.
    """
    if not text.isascii() or not text.isprintable() or " " in text:
        raise WrongUrlError("it has blanks or letters that an URL cannot have")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise WrongUrlError("it cannot be read") from None
    if parts.scheme not in schemes or not parts.hostname:
        raise WrongUrlError(f"it must begin with {schemes[0]}:// or {schemes[1]}:// and name a host")
    if "@" in parts.netloc and schemes == HTTP:
        raise WrongUrlError("it names a user; what is posted is signed instead")
    if parts.password is not None:
        raise WrongUrlError("it has a password; the secret is that")
    if port == 0:
        raise WrongUrlError("its port is 0")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == schemes[0], parts.hostname, port or _PORTS[parts.scheme], path, parts.username or "")


def address_for(target: Target) -> str:
    """The address to connect to. Raises NotSentError if any that the name has lies outside NOTIFY_NETWORKS.

    The name is looked up once, and what was checked is what is connected to: it cannot change in between.
    """
    networks = read_networks(settings.NOTIFY_NETWORKS)
    if not networks:
        raise NotSentError(reason(Why.NO_NETWORKS))
    addresses = _looked_up(target)
    for one in addresses:
        if not is_within(one, networks):
            raise NotSentError(reason(Why.OUTSIDE, one))
    return addresses[0]


def _looked_up(target: Target) -> list[str]:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotSentError(reason(Why.UNKNOWN_HOST, target.host)) from None
    return [_plain(str(address[0])) for *_kind, address in found]


def _plain(address: str) -> str:
    """An IPv4 address that is written as one of IPv6 is that IPv4 address: networks are compared by what is meant."""
    one = ip_address(address)
    mapped = one.ipv4_mapped if isinstance(one, IPv6Address) else None
    return str(mapped or one)
