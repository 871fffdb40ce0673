"""A made-up fleet of meters, and what its reports say, read without our reader."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from concentrators.simulator.meters.layout import Place
from concentrators.simulator.meters.listing import MeterFleet

SANTIAGO = ZoneInfo("America/Santiago")
NOW = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
AT = NOW.timestamp()
HOUR, DAY = 3_600.0, 86_400.0
SILENT = 16
SIZES = (0, 1, 2, 11, 25, 60, 89, 120, 150, 250)


def places(count: int = 40, silent_since: datetime | None = None) -> list[Place]:
    """In four substations; the one with the number ``SILENT`` falls silent."""
    return [
        Place(
            number,
            f"MADE{number:05}",
            f"Substation {number % 4}",
            SIZES[number % len(SIZES)],
            silent_since if number == SILENT else None,
        )
        for number in range(1, count + 1)
    ]


def made(count: int = 40, seed: int = 1, silent_since: datetime | None = None) -> MeterFleet:
    return MeterFleet(places(count, silent_since), seed)


def root_of(content: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(content.decode("iso-8859-15"))  # written by the simulator, not by a stranger
