"""MET-8: the reports on meters at any size: first and deep pages, each order, each filter, searches.

``BENCH_METERS`` sets the number of meters; the requirement speaks of 32 million.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from concentrators.models import Concentrator, Meter
from reports.meters.tables import ConflictTable, CountTable, FieldTable, RepeaterTable, TallyTable
from smmeplus.common.lists import ListTable
from tests.bench.context import Context
from tests.bench.figures import Result, Spread, Target
from tests.bench.meter_fleet import make_meters
from tests.bench.per4 import operator, page_ms

METERS = int(os.environ.get("BENCH_METERS", "32000000"))
MOST_MS, MOST_QUERIES = 100, 10
DEEP = "400"  # the last page of CappedPaginator
FIELD = "reports:meters"
TABLES: dict[str, type[ListTable]] = {
    FIELD: FieldTable,
    "reports:meter-counts-by-concentrator": CountTable,
    "reports:meter-conflicts": ConflictTable,
    "reports:meter-counts": TallyTable,
    "reports:repeaters": RepeaterTable,
}
#: ``{name}``: of a meter in the middle, ``{part}``: its last five digits, ``{serial}``: of its concentrator.
FILTERS = {
    FIELD: [
        *({"state": state} for state in ("active", "temporary failure", "permanent failure", "unknown")),
        *({"level": level} for level in ("0", "5", "14", "99")),
        *({"manufacturer": name} for name in ("CIR", "ORB")),
        *({"silent_days": days} for days in ("1", "7", "90")),
        *({name: choice} for name in ("conflict", "supervisors") for choice in ("yes", "no")),
        {"concentrator": "{serial}"},
        *({"q": text} for text in ("{name}", "{part}", "CIR", "0", "nothing", "{mac}")),
    ],
    "reports:meter-counts-by-concentrator": [
        *({name: choice} for name in ("listed", "failures", "conflict") for choice in ("yes", "no")),
        *({name: "Substation 77"} for name in ("substation",)),
        {"q": "{serial}"},
    ],
    "reports:meter-conflicts": [
        *({"kind": kind} for kind in ("live", "moved", "stale", "both failed")),
        *({"decision": decision} for decision in ("undecided", "keep")),
        {"concentrator": "{serial}"},
        *({"q": text} for text in ("{name}", "{part}", "nothing")),
    ],
    "reports:meter-counts": [{"state": "active"}, {"manufacturer": "CIR"}, {"q": "Type 1"}],
    "reports:repeaters": [
        *({"state": state} for state in ("active", "permanent failure")),
        *({"behind": number} for number in ("2", "40", "99")),
        *({"orphans": choice} for choice in ("yes", "no")),
        {"q": "{serial}"},
    ],
}


def measure(context: Context) -> list[Result]:
    if not context.is_postgres:
        return []
    make_meters(METERS)
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(operator())
    return [_result(client, view, context.rounds) for view in TABLES]


def _result(client: Client, view: str, rounds: int) -> Result:
    """The slowest of the addresses of a report, and how many queries the hungriest takes."""
    found = sorted(((page_ms(client, url), url) for url in addresses(view)), reverse=True)
    slowest = found[0][1]
    hungriest = max(_queries(client, url) for _ms, url in found)
    if hungriest >= MOST_QUERIES:
        raise AssertionError(f"{view} takes {hungriest} queries")
    figures = Spread.of([page_ms(client, slowest) for _ in range(rounds)])
    over = [f"{ms:.0f} ms: {url}" for ms, url in found if ms >= MOST_MS]
    notes = [f"{len(found)} addresses, {METERS:,} meters, at most {hungriest} queries; slowest: {slowest}", *over]
    return Result("MET-8", f"slowest page of {view}", "ms", figures, target=Target("<", MOST_MS, "ms"), notes=notes)


def addresses(view: str) -> Iterator[str]:
    """The first page and a deep one, both ways of each order, and each filter."""
    one = Meter.objects.order_by("pk")[Meter.objects.latest("pk").pk // 2]
    serial = Concentrator.objects.filter(sightings__meter=one).values_list("serial_number", flat=True)[0]
    values = {"name": one.name, "part": one.name[-5:], "mac": one.mac, "serial": serial}
    yield reverse(view)
    for name, column in TABLES[view].base_columns.items():
        if column.orderable is not False:
            for sort in (name, f"-{name}"):
                yield _address(view, {"sort": sort})
                yield _address(view, {"sort": sort, "page": DEEP, "per_page": "25"})
    for wanted in FILTERS[view]:
        yield _address(view, {name: value.format(**values) for name, value in wanted.items()})


def _address(view: str, query: dict[str, str]) -> str:
    return f"{reverse(view)}?{urlencode(query)}"


def _queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)
