"""Figures of the fleet for Prometheus: a few queries over what is counted anyway, and no label by concentrator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, Max, Min, OuterRef, Q, Subquery

from concentrators.models import Company, Concentrator, State
from profiles.models import SystemSettings
from reports.models import Kind, StoredMonth, Subscription
from wakeup.models import Alarm, Delivery, DeliveryState, ListenerRun, Message, MinuteCount, StrayFrame, VerdictSpan
from wakeup.models.alarms import Priority
from wakeup.models.strays import StrayReason
from wakeup.models.verdicts import Cause
from wakeup.monitoring.status.rules import Status
from wakeup.retention.partitions import is_partitioned, partitions
from wakeup.retention.pruning import limit_of

#: Over which arrivals are averaged: one minute alone is a matter of chance.
LATELY = timedelta(minutes=10)
#: Days after which a report that was not mailed was forgotten, whatever the zone of its company.
MAILED_WITHIN = timedelta(days=3)


@dataclass(frozen=True)
class Figures:
    #: Those in field, by company and status as watchstatus has last recorded it.
    statuses: Mapping[tuple[str, str], int]
    #: All of the inventory, by company and state.
    states: Mapping[tuple[str, str], int]
    #: Wake-ups a minute by company, over the minutes that were counted lately; and those that were due.
    came: Mapping[str, float]
    due: Mapping[str, float]
    #: The beginning of the last minute with a message, by company; of the last week.
    heard: Mapping[str, datetime]
    #: The beginning of the last minute that was counted, which the watcher does.
    counted_until: datetime | None
    #: Unknown senders that are listed, by reason.
    strays: Mapping[str, int]
    #: Deliveries that should be out by now, and since when the oldest of them should.
    waiting: int
    waiting_since: datetime | None
    #: Open alarms by priority, and whether somebody has acknowledged them.
    alarms: Mapping[tuple[str, str], int]
    #: Whose fault silence is now; empty while nobody has judged.
    cause: str
    #: Subscriptions whose report was not mailed for days, by kind.
    unmailed: Mapping[str, int]
    #: When the figures of months were last looked after.
    months_at: datetime | None
    listeners: int
    #: For how long messages have lain there that were to be pruned.
    prune_behind: timedelta
    #: The end of the last partition; None where there are none.
    partitions_until: datetime | None


def figures_at(now: datetime) -> Figures:
    """Raises django.db.Error."""
    companies = list(Company.objects.order_by("name").values_list("name", flat=True))
    statuses, states = _inventory(companies)
    came, due, counted_until = _arrivals(companies, now)
    waiting, waiting_since = deliveries_at(now)
    behind, until = retention_at(now)
    return Figures(
        statuses=statuses,
        states=states,
        came=came,
        due=due,
        heard=_heard(),
        counted_until=counted_until,
        strays=_strays(),
        waiting=waiting,
        waiting_since=waiting_since,
        alarms=_alarms(),
        cause=VerdictSpan.objects.filter(carrier="", ended_at=None).values_list("cause", flat=True).first() or "",
        unmailed=unmailed_at(now),
        months_at=StoredMonth.objects.aggregate(at=Max("looked_at"))["at"],
        listeners=ListenerRun.objects.alive(now).count(),
        prune_behind=behind,
        partitions_until=until,
    )


def _inventory(companies: list[str]) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
    """Without canaries. Every company has every status and state: none is missing because it is none's now."""
    statuses = {(company, str(status)): 0 for company in companies for status in Status.values}
    states = {(company, str(state)): 0 for company in companies for state in State.values}
    rows = (
        Concentrator.objects.filter(is_canary=False)
        .order_by()
        .values_list("company__name", "state", "watch__status")
        .annotate(number=Count("pk"))
    )
    for company, state, status, number in rows:
        states[company, state] = states.get((company, state), 0) + number
        if state == State.IN_FIELD and status:
            statuses[company, status] = statuses.get((company, status), 0) + number
    return statuses, states


def _arrivals(companies: list[str], now: datetime) -> tuple[dict[str, float], dict[str, float], datetime | None]:
    came, due = dict.fromkeys(companies, 0.0), dict.fromkeys(companies, 0.0)
    rows = (
        MinuteCount.objects.filter(minute__gte=now - LATELY)
        .order_by()
        .values_list("company__name")
        .annotate(Avg("wakeups"), Avg("expected"))
    )
    for company, wakeups, expected in rows:
        came[company], due[company] = float(wakeups), float(expected)
    return came, due, MinuteCount.objects.aggregate(last=Max("minute"))["last"]


def _heard() -> dict[str, datetime]:
    """By the minutes that are counted, because no index has the messages of a company."""
    newest = MinuteCount.objects.filter(Q(wakeups__gt=0) | Q(others__gt=0), company=OuterRef("pk")).order_by("-minute")
    rows = Company.objects.annotate(heard=Subquery(newest.values("minute")[:1])).filter(heard__isnull=False)
    return dict(rows.values_list("name", "heard"))


def _strays() -> dict[str, int]:
    rows = StrayFrame.objects.listed().order_by().values_list("reason").annotate(number=Count("pk"))
    return dict.fromkeys(map(str, StrayReason.values), 0) | dict(rows)


def deliveries_at(now: datetime) -> tuple[int, datetime | None]:
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING, receiver__is_active=True, not_before__lte=now)
    found = waiting.aggregate(number=Count("pk"), since=Min("not_before"))
    return found["number"], found["since"]


def _alarms() -> dict[tuple[str, str], int]:
    found = {(name.lower(), known): 0 for name in Priority.names for known in ("yes", "no")}
    is_known = Q(acknowledged_at__isnull=False)
    by_priority = Alarm.objects.open().order_by().values_list("priority")
    rows = by_priority.annotate(known=Count("pk", filter=is_known), all=Count("pk"))
    for priority, known, number in rows:
        name = Priority(priority).name.lower()
        found[name, "yes"], found[name, "no"] = known, number - known
    return found


def unmailed_at(now: datetime) -> dict[str, int]:
    limit = (now - MAILED_WITHIN).date()
    last_month = (limit.replace(day=1) - timedelta(days=1)).replace(day=1)
    oldest = {Kind.DAILY: limit, Kind.MONTHLY: last_month}
    rights = Subscription.objects.with_rights()
    return {str(kind): rights.filter(kind=kind, sent_day__lt=day).count() for kind, day in oldest.items()}


def retention_at(now: datetime) -> tuple[timedelta, datetime | None]:
    """For how long messages should have been gone, and up to when there are partitions."""
    days = SystemSettings.current().messages_kept_days
    ends = [partition.end for partition in partitions()]
    if days is None:
        return timedelta(0), max(ends, default=None)
    # A partition goes as a whole when all of it may go.
    oldest = min(ends, default=None) if is_partitioned() else Message.objects.aggregate(at=Min("received_at"))["at"]
    return max(limit_of(now, days) - (oldest or now), timedelta(0)), max(ends, default=None)


def causes() -> list[str]:
    return [str(cause) for cause in Cause.values]
