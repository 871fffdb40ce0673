"""Events of a company, as they are after they were published (API-3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from concentrators.models import Company
from wakeup.models import FeedEvent, FeedProgress
from wakeup.monitoring.notifications.feed.news import News, Origin, body_of


def add_events(company: Company, serials: Iterable[str], at: datetime) -> None:
    """A change of status of each."""
    progress, _ = FeedProgress.objects.get_or_create(pk=1, defaults={"begun_at": at, "looked_at": at})
    origin = Origin("", at, {company.pk: company.name})
    told = {"from_status": "", "to_status": "late", "reason": "silence", "verdict": None}
    news = [News("status.changed", at, company.pk, told, serial) for serial in serials]
    numbered = [(number, uuid4(), one) for number, one in enumerate(news, progress.number + 1)]
    FeedEvent.objects.bulk_create(
        FeedEvent(
            number=number,
            uid=uid,
            type=one.type,
            at=at,
            published_at=at,
            company=company,
            concentrator=one.concentrator,
            body=body_of(one, number, uid, origin),
        )
        for number, uid, one in numbered
    )
    progress.number += len(numbered)
    progress.save()
