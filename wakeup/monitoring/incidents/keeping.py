"""Keeps incidents: finds new ones, lets them grow, and ends them, each change once (STA-5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from profiles.models import SystemSettings
from wakeup.locks import hold_desk
from wakeup.models import DeskProgress
from wakeup.monitoring.incidents.following import follow_incidents
from wakeup.monitoring.incidents.grouping import Grouping
from wakeup.monitoring.incidents.groups import Rule
from wakeup.monitoring.incidents.loading import News, loaded_for, news_since
from wakeup.monitoring.incidents.our_side import keep_our_side
from wakeup.monitoring.incidents.storing import store
from wakeup.monitoring.outages.progress import progress_at


def keep_incidents(now: datetime) -> int:
    """Bring incidents up to what outages and verdicts say; return how many are new or have changed."""
    count = 0
    while (found := _group_some(now)) is not None:
        count += found
    with transaction.atomic():
        hold_desk()
        return count + follow_incidents((), now) + keep_our_side(progress_at(now), now)


def rule_in_force() -> Rule:
    settings = SystemSettings.current()
    window = timedelta(minutes=settings.incident_window_min)
    return Rule(settings.incident_least, settings.incident_percent, window)


def _group_some(now: datetime) -> int | None:
    """Look at the next outages; return how many incidents they changed, None if there are no outages."""
    with transaction.atomic():
        hold_desk()
        progress = progress_at(now)
        news = news_since(progress)
        if news is None:
            return None
        touched = _group(news, progress, now) if news.sightings else []
        progress.outage = news.until
        progress.save(update_fields=["outage"])
        return follow_incidents(touched, now) if touched else 0


def _group(news: News, progress: DeskProgress, now: datetime) -> list[int]:
    rule = rule_in_force()
    loaded = loaded_for(news, progress, rule)
    grouping = Grouping(rule, loaded.sizes, loaded.groups, loaded.known)
    grouping.take(news.sightings)
    return store(grouping.groups, loaded.sizes, now)
