"""Whose messages they are: concentrators by serial number, with all that recording needs to know of them."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef

from concentrators.models import Company, Concentrator, KindRule, State
from smmeplus.dlms.kinds import Kind
from wakeup.postgres import Call, Statement, execute
from wakeup.zones import HOLD, hold_counting_zones, start_counting


class Known(NamedTuple):
    """What recording needs to know of a concentrator."""

    concentrator_id: int
    state: State
    zone: zoneinfo.ZoneInfo  # at whose midnight its days are cut
    company_zone: zoneinfo.ZoneInfo  # in which its own clock runs if it does not say otherwise
    kinds: Mapping[str, Kind] | None = None  # what its type means other than by default


class _Facts(NamedTuple):
    """What concentrators have in common with many others."""

    state: str
    company_id: int
    counting_zone: str | None
    company_zone: str
    type_id: int
    has_kinds: bool


_Found = tuple[_Facts, list[tuple[str, int]]]  # with serial numbers and keys

# One row for all that have everything in common: a cell of a result costs more than a cell in the database.
_LOOK_UP = Statement(
    "wakeup_look_up",
    "text[]",
    """
SELECT string_agg(c.serial_number || ' ' || c.id, ' '), c.state, c.company_id, z.time_zone, o.time_zone, c.type_id,
    EXISTS (SELECT FROM concentrators_kindrule r WHERE r.type_id = c.type_id), pg_current_xact_id()
FROM unnest($1) AS wanted (serial)
JOIN concentrators_concentrator c ON c.serial_number = wanted.serial
JOIN concentrators_company o ON o.id = c.company_id
LEFT JOIN wakeup_countingzone z ON z.company_id = c.company_id
GROUP BY c.state, c.company_id, z.time_zone, o.time_zone, c.type_id
""",
)


def look_up(serials: Iterable[str]) -> dict[str, Known]:
    """Find concentrators by serial number, with the zones in force for their companies and their types' kinds."""
    return _known(_find(set(serials)))


def hold_and_look_up(serials: set[str]) -> tuple[dict[str, Known], str | None]:
    """Like :func:`look_up`, with the zones held until the transaction ends.

    Also the number by which the database knows the transaction, see :mod:`wakeup.attempts`. On PostgreSQL all that
    and the begin of the transaction are one round trip.
    """
    if connection.vendor != "postgresql":
        hold_counting_zones()
        return look_up(serials), None
    cells = execute(HOLD, Call(_LOOK_UP, ["{" + ",".join(serials) + "}"]))
    number = cells[0][-1] if cells else execute("SELECT pg_current_xact_id()")[0][0]
    return _known(map(_read, cells)), number


def _find(serials: set[str]) -> Iterator[_Found]:
    rows = (
        Concentrator.objects.filter(serial_number__in=serials)
        .order_by()
        .values_list(
            "serial_number",
            "pk",
            "state",
            "company_id",
            "company__counting_zone__time_zone",
            "company__time_zone",
            "type_id",
            Exists(KindRule.objects.filter(type=OuterRef("type"))),
        )
    )
    for serial, key, *facts in rows:
        yield _Facts(*facts), [(serial, key)]


def _read(cells: tuple[str | None, ...]) -> _Found:
    all_of_them, state, company, counting_zone, company_zone, type_id, has_kinds, _number = cells
    words = (all_of_them or "").split()
    facts = _Facts(
        state or "", int(company or 0), counting_zone, company_zone or "", int(type_id or 0), has_kinds == "t"
    )
    return facts, list(zip(words[::2], map(int, words[1::2]), strict=True))


def _known(found: Iterable[_Found]) -> dict[str, Known]:
    found = list(found)
    new = {facts.company_id for facts, _ in found if facts.counting_zone is None}
    started = start_counting(Company.objects.filter(pk__in=new)) if new else {}
    kinds = _kinds_of({facts.type_id for facts, _ in found if facts.has_kinds})
    known = {}
    for facts, serials in found:
        zone = zoneinfo.ZoneInfo(facts.counting_zone or started[facts.company_id])
        common = (State(facts.state), zone, zoneinfo.ZoneInfo(facts.company_zone), kinds.get(facts.type_id))
        known.update({serial: Known(key, *common) for serial, key in serials})
    return known


def _kinds_of(types: set[int]) -> dict[int, dict[str, Kind]]:
    kinds: dict[int, dict[str, Kind]] = {}
    if types:
        for type_, sign, kind in KindRule.objects.filter(type__in=types).values_list("type_id", "sign", "kind"):
            kinds.setdefault(type_, {})[sign] = Kind(kind)
    return kinds
