"""PER-4: reports over 400,000 concentrators do not slow down with the messages, and exports stream.

The messages are made by the database itself: they are what the floor, a GROUP BY over all of them, reads. The pages
read the counters of the fleet. ``BENCH_MESSAGES`` sets their number; the requirement speaks of 20 million.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Sequence
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone

from concentrators.models import Company
from reports.exports import wakeup_columns
from reports.queries import totals
from smmeplus.common.exporting.columns import for_programs
from smmeplus.common.lists import PAGE_SIZES
from smmeplus.roles import OPERATOR
from tests.bench.context import Context
from tests.bench.figures import Result, Spread, Target, compared
from tests.support.fleet import make_fleet
from wakeup.models import WakeupTotal
from wakeup.retention.partitions import make_room_for_history

CONCENTRATORS = 400_000
MESSAGES = int(os.environ.get("BENCH_MESSAGES", "20_000_000"))
DAYS = 7
PERIOD = timedelta(minutes=10)
REQUESTS = 5  # of a page in each round, the first of which is not counted
PAGES = ("/reports/wakeup/", "/reports/wakeup-per-day/", "/reports/in-field/", "/concentrators/")
MS = 1_000
MIB = 1_024  # in KiB

_FILL = """
    INSERT INTO wakeup_message (concentrator_id, kind, received_at, source_ip, port, format)
    SELECT concentrator_id, 1, last_wakeup_at - %s * n, source_ip, port, 1
    FROM wakeup_wakeuptotal, generate_series(0, %s) AS n
"""
#: Counted first and sorted by name after: with names inside it the database would count for 25 of them and stop.
_NAIVE = """
    WITH counted AS MATERIALIZED (
        SELECT concentrator_id, min(received_at) AS first, max(received_at) AS last, count(*) AS wakeups
        FROM wakeup_message WHERE kind IN (1, 2) GROUP BY concentrator_id
    )
    SELECT serial_number, first, last, wakeups
    FROM counted JOIN concentrators_concentrator ON id = concentrator_id ORDER BY serial_number LIMIT 25
"""


def measure(context: Context) -> list[Result]:
    if not context.is_postgres:
        return []
    fill()
    settings.ALLOWED_HOSTS = ["*"]
    user = operator()
    client = Client()
    client.force_login(user)
    rounds = min(context.rounds, 3)
    results = [report(user, rounds)]
    for page in PAGES:
        figures = [page_ms(client, page) for _ in range(rounds)]
        results.append(
            Result("PER-4", f"server time of {page}", "ms", Spread.of(figures), target=Target("<", 100, "ms"))
        )
    return [*results, export(client, user, context.rounds)]


def fill() -> None:
    """The fleet with its counters, and the messages."""
    now = timezone.now()
    make_room_for_history([(now - n * timedelta(days=1)).date() for n in range(DAYS + 1)], now)
    make_fleet(CONCENTRATORS, DAYS)
    in_field = totals_count()
    query(_FILL, [PERIOD, MESSAGES // in_field])
    query("VACUUM ANALYZE")


def totals_count() -> int:
    return int(query("SELECT count(*) FROM wakeup_wakeuptotal")[0][0])


def message_count() -> int:
    return int(query("SELECT count(*) FROM wakeup_message")[0][0])


def operator() -> User:
    """Who sees the one company, as its operators do."""
    user = User.objects.create_user("bench")
    user.groups.add(Group.objects.get(name=OPERATOR))
    Company.objects.get().users.add(user)
    return user


def query(sql: str, parameters: Sequence[Any] | dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def shown(user: User) -> QuerySet[WakeupTotal]:
    """The rows of the report *Wake up messages* as its page orders them and its file has them."""
    company = Company.objects.get()
    return totals(user).filter(concentrator__company=company).order_by("concentrator__serial_number", "pk")


def report(user: User, rounds: int) -> Result:
    """How often a second the report's first rows are read, from its counters and by counting the messages."""
    rows = shown(user)
    pairs = [
        (1 / usual_seconds(lambda: list(rows.all()[: PAGE_SIZES[0]])), 1 / seconds(lambda: query(_NAIVE)))
        for _ in range(rounds)
    ]
    figures, floors = zip(*pairs, strict=True)
    floor = f"GROUP BY over {message_count():,} messages"
    return compared("PER-4", "rows of a page of the report", "1/s", figures, floor, floors, Target("≥", 500))


def page_ms(client: Client, page: str) -> float:
    return usual_seconds(lambda: client.get(page)) * MS


def usual_seconds(work: Callable[[], object]) -> float:
    return median([seconds(work) for _ in range(REQUESTS)][1:])


def export(client: Client, user: User, rounds: int) -> Result:
    """Rows a second of the CSV export and of a bare COPY of its query, and what the export takes of memory."""
    rows = totals_count()
    before = peak_kib()
    pairs = [(rows / seconds(lambda: consume(client)), rows / seconds(lambda: copy(user))) for _ in range(rounds)]
    notes = [f"{(peak_kib() - before) / MIB:.0f} MiB more at the peak than before, for {rows:,} rows"]
    figures, floors = zip(*pairs, strict=True)
    return compared(
        "PER-4", "CSV export", "rows/s", figures, "COPY of the same query", floors, Target("≥", 0.35), notes
    )


def consume(client: Client) -> None:
    response = cast("StreamingHttpResponse", client.get("/reports/wakeup/?export=csv"))
    for _block in response:
        pass


def copy(user: User) -> None:
    paths = [column.path for column in for_programs(wakeup_columns(Company.objects.get().zone))]
    sql, parameters = shown(user).values_list(*paths).query.sql_with_params()
    with connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)", parameters) as blocks:
        for _block in blocks:
            pass


def peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
