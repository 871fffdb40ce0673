"""Concentrators by serial number, with all that recording needs to know about them."""

from __future__ import annotations

import json
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from django.db import connection

from concentrators.models import Company, Concentrator, KindRule, State
from smmeplus.common.networks import Network, is_within, read_networks
from smmeplus.dlms.kinds import Kind
from wakeup.locks import HOLD_ZONES, hold_counting_zones
from wakeup.models.zones import start_counting
from wakeup.recording.libpq import Call, Cells, Statement, execute, quoted


class Known(NamedTuple):
    concentrator_id: int
    state: State
    zone: zoneinfo.ZoneInfo  # at whose midnight its days are cut
    clock_zone: zoneinfo.ZoneInfo  # in which its own clock runs if it does not say otherwise
    kinds: Mapping[str, Kind] | None = None  # what keys mean for its type, where that is not the default
    networks: str = ""  # from which its messages are expected, as they are stored; empty: from anywhere
    ciphered_only: bool = False

    def is_expected_from(self, address: str) -> bool:
        return not self.networks or is_within(address, _read_networks(self.networks))


class _Facts(NamedTuple):
    """What many concentrators have in common."""

    state: str
    company_id: int
    counting_zone: str | None
    clock_zone: str
    kinds: Mapping[str, Kind] | None
    networks: str
    ciphered_only: bool


_Found = tuple[_Facts, list[tuple[str, int]]]  # with serial numbers and keys

# One row for all concentrators that have these facts in common: cells of a result cost more than what is aggregated.
LOOK_UP = Statement(
    "wakeup_look_up",
    "text[]",
    """
SELECT string_agg(c.serial_number || ' ' || c.id, ' '), c.state, c.company_id, z.time_zone,
    coalesce(nullif(c.time_zone, ''), o.time_zone),
    (SELECT json_object_agg(r.sign, r.kind) FROM concentrators_kindrule r WHERE r.type_id = c.type_id),
    coalesce(nullif(c.expected_networks, ''), o.expected_networks), coalesce(k.ciphered_only, false)::int
FROM unnest($1) AS wanted (serial)
JOIN concentrators_concentrator c ON c.serial_number = wanted.serial
JOIN concentrators_company o ON o.id = c.company_id
LEFT JOIN wakeup_countingzone z ON z.company_id = c.company_id
LEFT JOIN concentrators_devicekeys k ON k.concentrator_id = c.id
GROUP BY c.state, c.company_id, z.time_zone, c.type_id, 5, 7, 8
""",
)


def look_up(serials: Iterable[str]) -> dict[str, Known]:
    """The concentrators by serial number; unknown ones are missing. Starts counting for companies that are new."""
    return _known(_find(set(serials)))


def hold_and_look_up(serials: set[str]) -> dict[str, Known]:
    """Like :func:`look_up`, and hold the zones until the transaction ends; on PostgreSQL in one round trip."""
    if connection.vendor != "postgresql":
        hold_counting_zones()
        return look_up(serials)
    return _known(map(_read, execute(HOLD_ZONES, Call(LOOK_UP, [quoted(serials)]))))


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
            "time_zone",
            "company__time_zone",
            "type_id",
            "expected_networks",
            "company__expected_networks",
            "device_keys__ciphered_only",
        )
    )
    kinds = _kinds_by_type()
    for serial, key, state, company, counting_zone, zone, company_zone, type_id, own, of_company, ciphered in rows:
        clock_zone, networks = zone or company_zone, own or of_company
        facts = _Facts(state, company, counting_zone, clock_zone, kinds.get(type_id), networks, bool(ciphered))
        yield facts, [(serial, key)]


def _read(cells: Cells) -> _Found:
    all_of_them, state, company, counting_zone, clock_zone, rules, networks, ciphered = cells
    words = (all_of_them or "").split()
    kinds = {key: Kind(kind) for key, kind in json.loads(rules).items()} if rules else None
    facts = _Facts(
        state or "", int(company or 0), counting_zone, clock_zone or "", kinds, networks or "", ciphered == "1"
    )
    return facts, list(zip(words[::2], map(int, words[1::2]), strict=True))


def _known(found: Iterable[_Found]) -> dict[str, Known]:
    found = list(found)
    new = {facts.company_id for facts, _ in found if facts.counting_zone is None}
    started = start_counting(Company.objects.filter(pk__in=new)) if new else {}
    known = {}
    for facts, serials in found:
        zone = zoneinfo.ZoneInfo(facts.counting_zone or started[facts.company_id])
        clock_zone = zoneinfo.ZoneInfo(facts.clock_zone)
        common = (State(facts.state), zone, clock_zone, facts.kinds, facts.networks, facts.ciphered_only)
        known.update({serial: Known(key, *common) for serial, key in serials})
    return known


@lru_cache(4_096)
def _read_networks(text: str) -> tuple[Network, ...]:
    return read_networks(text.split())


def _kinds_by_type() -> dict[int, dict[str, Kind]]:
    kinds: dict[int, dict[str, Kind]] = {}
    for type_, key, kind in KindRule.objects.values_list("type_id", "sign", "kind"):
        kinds.setdefault(type_, {})[key] = Kind(kind)
    return kinds
