"""Store and count by Django's ORM: on any database, for one writer at a time.

SQLite's transactions see to that. PostgreSQL has :mod:`wakeup.recording.statements`, several times as fast. Both are
proven equal in ``tests/wakeup/recording/test_record_property.py``. No day is open here: each message is counted in the
row of its day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from smmeplus.dlms.kinds import WAKEUPS, Kind
from wakeup.models import ClosedDay, Message, WakeupTotal
from wakeup.recording.arrivals import MessageRow


def store_by_orm(rows: Sequence[MessageRow]) -> None:
    """Store ``rows`` and count them in the totals and days, all in one transaction (LIS-1)."""
    with transaction.atomic():
        Message.objects.bulk_create([Message(**columns_of(row)) for row in rows])
        _add_to_days([row for row in rows if row.kind in WAKEUPS])
        _add_to_totals(rows)


def columns_of(row: MessageRow) -> dict[str, object]:
    columns = row._asdict()
    del columns["day"]
    return columns


def _add_to_totals(rows: Sequence[MessageRow]) -> None:
    totals = WakeupTotal.objects.in_bulk({row.concentrator_id for row in rows})
    for row in rows:
        _count_ever(totals.setdefault(row.concentrator_id, WakeupTotal(pk=row.concentrator_id)), row)
    WakeupTotal.objects.bulk_create(
        totals.values(),
        update_conflicts=True,
        unique_fields=["concentrator"],
        update_fields=[field.name for field in WakeupTotal._meta.fields if not field.primary_key],
    )


def _count_ever(total: WakeupTotal, row: MessageRow) -> None:
    """Of wake-ups at the same instant the one counted last is the newest."""
    at = row.received_at
    if row.kind == Kind.LASTGASP:
        total.last_gasp_at = max(total.last_gasp_at or at, at)
    if row.kind not in WAKEUPS:
        return
    total.wakeup_count += 1
    total.first_wakeup_at = min(total.first_wakeup_at or at, at)
    if total.last_wakeup_at is None or at >= total.last_wakeup_at:
        total.last_wakeup_at, total.source_ip, total.port = at, row.source_ip, row.port


def _add_to_days(wakeups: Sequence[MessageRow]) -> None:
    near = ClosedDay.objects.filter(
        concentrator_id__in={row.concentrator_id for row in wakeups}, day__in={row.day for row in wakeups}
    )
    counts: dict[tuple[int, date], ClosedDay] = {(count.concentrator_id, count.day): count for count in near}
    for row in wakeups:
        key = (row.concentrator_id, row.day)
        _count_on_day(counts.setdefault(key, ClosedDay(concentrator_id=key[0], day=key[1])), row)
    ClosedDay.objects.bulk_create(
        counts.values(),
        update_conflicts=True,
        unique_fields=["concentrator", "day"],
        update_fields=["wakeup_count", "first_wakeup_at", "last_wakeup_at", "source_ip"],
    )


def _count_on_day(count: ClosedDay, row: MessageRow) -> None:
    at, is_only = row.received_at, count.wakeup_count == 0
    count.wakeup_count += 1
    count.first_wakeup_at = at if is_only else min(count.first_wakeup_at, at)
    if is_only or at >= count.last_wakeup_at:
        count.last_wakeup_at, count.source_ip = at, row.source_ip
