"""Publishes what has happened: gives each event its number, under one lock and in one order (API-3).

It follows what the watcher and the desk have committed, so nothing that answers a device waits for it. Any number of
processes may publish: each thing is told once, as what was told is noted in the transaction that tells it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max

from concentrators.models import Company
from profiles.models import SystemSettings
from smmeplus.common.chunks import execute_with, sent_rows
from wakeup.locks import hold_desk
from wakeup.models import FeedEvent, FeedProgress, IncidentNote, Outage
from wakeup.monitoring.changes.settled import last_settled
from wakeup.monitoring.notifications.feed.audited import planned_work, roll_outs
from wakeup.monitoring.notifications.feed.news import News, Origin, body_of
from wakeup.monitoring.notifications.feed.sources import Pass, Source, incidents, outages, status_changes

#: In the order in which one follows from another.
SOURCES: Final[Sequence[Source]] = (planned_work, status_changes, outages, incidents, roll_outs)
#: So often it is stored that nothing new was found.
_NOTED_EVERY: Final = timedelta(minutes=10)
_COLUMNS: Final = ("number", "uid", "type", "at", "published_at", "company_id", "concentrator", "source", "body")


def publish_events(now: datetime) -> int:
    """Publish all that has happened since the last pass; return how many events."""
    this = Pass(now, last_settled())
    count = 0
    for source in SOURCES:
        while found := _publish_some(source, this):
            count += found
    _note_that_all_was_looked_at(now)
    return count


def _publish_some(source: Source, this: Pass) -> int:
    with transaction.atomic():
        hold_desk()
        progress = _held(this)
        before = _state(progress)
        news = source(progress, this)
        _store(news, progress, this.now)
        if _state(progress) != before:
            progress.save()
        return len(news)


def _held(this: Pass) -> FeedProgress:
    """The row, locked. The first pass tells of nothing that was before it."""
    begin = {"begun_at": this.now, "looked_at": this.now, "change": this.last_change}
    progress, is_new = FeedProgress.objects.select_for_update().get_or_create(pk=1, defaults=begin)
    if is_new:
        progress.outage = Outage.objects.aggregate(last=Max("pk"))["last"] or 0
        progress.note = IncidentNote.objects.aggregate(last=Max("pk"))["last"] or 0
        Outage.objects.filter(is_untold=True).update(is_untold=False)
        progress.save()
    return progress


def _state(progress: FeedProgress) -> tuple[int, ...]:
    return progress.number, progress.change, progress.outage, progress.note


def _store(news: Sequence[News], progress: FeedProgress, now: datetime) -> None:
    if not news:
        return
    companies = {one.company for one in news if one.company is not None}
    names = Company.objects.filter(pk__in=companies).values_list("pk", "name")
    origin = Origin(SystemSettings.current().environment_name, now, dict(names))
    rows = [_row(one, number, uuid4(), origin) for number, one in enumerate(news, progress.number + 1)]
    table, columns = FeedEvent._meta.db_table, ", ".join(_COLUMNS)
    insert = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {sent_rows(FeedEvent, _COLUMNS)}"  # noqa: S608 - names
    execute_with(insert, rows)
    progress.number += len(rows)


def _row(one: News, number: int, uid: UUID, origin: Origin) -> dict[str, Any]:
    return {
        "number": number,
        "uid": uid.hex,
        "type": one.type,
        "at": one.at,
        "published_at": origin.published_at,
        "company_id": one.company,
        "concentrator": one.concentrator,
        "source": one.source,
        "body": body_of(one, number, uid, origin),
    }


def _note_that_all_was_looked_at(now: datetime) -> None:
    """Nobody who looks later looks further back than from here."""
    FeedProgress.objects.filter(looked_at__lt=now - _NOTED_EVERY).update(looked_at=now)
