"""Lists as they come, short to write: ``s24(one, "CIR1", CIR2=FAILED, at=NOON)``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any

from concentrators.meters.lists import ListedMeter, ReceivedList
from concentrators.models import Concentrator
from concentrators.models.meters import MeterSource, MeterState, Sighting, SightingChange

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ACTIVE, FAILING, FAILED = MeterState.ACTIVE, MeterState.TEMPORARY_FAILURE, MeterState.PERMANENT_FAILURE
_numbers = count()


def a_list(
    one: Concentrator,
    *rows: ListedMeter,
    source: MeterSource = MeterSource.S24,
    at: datetime = NOON,
    whole: bool = True,
    content: str = "",
    **others: Any,
) -> ReceivedList:
    """A file of its own, unless ``content`` is given."""
    of_file = sha256((content or f"{next(_numbers)}").encode()).hexdigest()
    return ReceivedList(one.pk, source, at, whole, of_file, rows, **others)


def s24(one: Concentrator, *names: str, at: datetime = NOON, content: str = "", **states: MeterState) -> ReceivedList:
    """Whole. ``names`` are active; the last contact of all was three minutes before."""
    said = dict.fromkeys(names, ACTIVE) | states
    rows = [ListedMeter(name, state, last_seen=at - timedelta(minutes=3)) for name, state in said.items()]
    return a_list(one, *rows, at=at, content=content)


def csv(one: Concentrator, *rows: ListedMeter, at: datetime = NOON, whole: bool = False) -> ReceivedList:
    return a_list(one, *rows, source=MeterSource.CSV, at=at, whole=whole)


def sighting(one: Concentrator, name: str) -> Sighting:
    return Sighting.objects.select_related("meter").get(concentrator=one, meter__name=name)


def changes(one: Concentrator, name: str) -> list[tuple[str, str, str]]:
    """As (what, from, to), the first one first."""
    rows = SightingChange.objects.filter(sighting__concentrator=one, sighting__meter__name=name).order_by("at", "pk")
    return list(rows.values_list("what", "old", "new"))
