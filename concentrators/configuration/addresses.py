"""Where a concentrator is connected to: at a fixed address or as last heard, and nowhere else (CFG-3)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from django.conf import settings

from concentrators.models import Concentrator, Failure, ManagementAddress
from smmeplus.common.networks import Network, is_within, read_networks


class Address(NamedTuple):
    """``refusal`` is why it is not connected to, if so; ``host`` is empty where there is none."""

    host: str
    port: int
    refusal: Failure | None


def address_of(one: Concentrator, heard_from: str | None) -> Address:
    """Where ``one`` is connected to, if its last wake-up came from ``heard_from``."""
    is_fixed = one.management_address == ManagementAddress.FIXED
    host = (one.management_ip if is_fixed else heard_from) or ""
    missing = Failure.NO_ADDRESS if is_fixed else Failure.NOT_HEARD
    return Address(host, one.management_port, _refusal(host) if host else missing)


def _refusal(host: str) -> Failure | None:
    return None if is_within(host, _networks(tuple(settings.WRITER_NETWORKS))) else Failure.OUTSIDE


@lru_cache(16)  # asked for each concentrator
def _networks(words: tuple[str, ...]) -> tuple[Network, ...]:
    return read_networks(words)
