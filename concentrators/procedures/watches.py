"""Keeps what the status follows from current, within the transaction of whatever changes it (STA-2)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection
from django.db.models import Case, DateTimeField, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields import PositiveSmallIntegerField
from django.db.models.functions import Coalesce, Least

from concentrators.models import Concentrator, OutOfService, PastWatch, State, Watch
from concentrators.procedures.due import OF_WATCHES, tail_of, with_due
from profiles.models import SystemSettings
from smmeplus.common.chunks import in_keys

_COLUMNS = (
    *("concentrator_id", "since", "silent_from", "period_min", "outs_until", "look_at", "next_at", "status_at"),
    *("is_written", "is_heard"),
)
_RULE = ("since", "silent_from", "period_min", "lost_due_at")
_NO_PERIOD = Value(None, PositiveSmallIntegerField())
_IN_FIELD = Q(concentrator__state=State.IN_FIELD)
#: The assigned period is another one.
_ANOTHER = Q(concentrator__profile__wakeup_enabled=False, period_min__isnull=False) | Q(
    concentrator__profile__wakeup_enabled=True
) & (Q(period_min__isnull=True) | ~Q(period_min=F("concentrator__profile__wakeup_period")))


def sync_watches(keys: Collection[int], now: datetime, *, are_new: bool = False) -> None:
    """Make the watches fit what the concentrators ``keys`` are since ``now``, within the caller's transaction.

    Another profile counts at once only while no configuration has been written since the installation. Pass at most a
    few thousand at a time, as to ``sync_assignments``.
    """
    fleet = Concentrator.objects.filter(in_keys(keys))
    if not are_new:
        _change(Watch.objects.filter(in_keys(keys)), now)
    add_watches(fleet if are_new else fleet.filter(watch=None), are_new=are_new)


def add_watches(concentrators: QuerySet[Concentrator], *, are_new: bool = False) -> None:
    """A row for each of ``concentrators`` that is in field, copied by the database itself."""
    ends = OutOfService.objects.filter(concentrator=OuterRef("pk")).order_by().values("concentrator")
    until = Value(None, DateTimeField()) if are_new else Subquery(ends.annotate(until=Max("end")).values("until"))
    at = F("installed_at")
    values = ("pk", at, at, _period("profile__"), until, at, at, at)
    rows = concentrators.filter(state=State.IN_FIELD).order_by("pk").values_list(*values, Value(False), Value(False))
    select, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        columns = ", ".join(_COLUMNS)
        table = Watch._meta.db_table
        conflict = "" if are_new else "ON CONFLICT DO NOTHING"
        cursor.execute(f"INSERT INTO {table} ({columns}) {select} {conflict}", parameters)


def note_written(keys: Collection[int], at: datetime) -> None:
    """The profiles of the concentrators ``keys`` stand in the devices since ``at``, to which silence counts from then.

    What is stored together was written within a second or two; the first of it says when.
    """
    _set_period(Watch.objects.filter(_IN_FIELD, pk__in=keys, since__isnull=False), at, is_written=True)


def note_outs(key: int, now: datetime) -> None:
    """A time out of service of the concentrator ``key`` was set or ended at ``now``."""
    until = OutOfService.objects.filter(concentrator=key).aggregate(until=Max("end"))["until"]
    then = Value(now, DateTimeField())
    soon = {name: Coalesce(Least(F(name), then), then) for name in ("look_at", "next_at")}
    Watch.objects.filter(pk=key).update(outs_until=until, **soon)


def _change(watches: QuerySet[Watch], now: datetime) -> None:
    gone = watches.filter(~_IN_FIELD, since__isnull=False)
    _keep(gone, now)
    gone.update(**_afresh(None), look_at=now, next_at=now)
    installed = Subquery(_concentrator().values("installed_at")[:1])
    come = watches.filter(_IN_FIELD, since=None)
    _keep(come, now)
    come.update(**_afresh(installed), period_min=_assigned(), look_at=now, next_at=now)
    _set_period(watches.filter(_IN_FIELD, _ANOTHER, is_written=False), now, is_written=False)


def _afresh(since: Combinable | None) -> dict[str, object]:
    return {"since": since, "silent_from": since, "is_written": False, "lost_due_at": None, "is_heard": False}


def _set_period(watches: QuerySet[Watch], at: datetime, *, is_written: bool) -> None:
    """From ``at`` on the period of ``watches`` is that of the profile. To be enabled again counts like an installation.

    Nobody becomes reachable by that: one that was unreachable goes on owing the same wake-up.
    """
    then = Value(at, DateTimeField())
    same = with_due(Watch.objects.filter(pk=OuterRef("pk")), at, OF_WATCHES)
    lost = same.filter(wakeup_due__lt=at - tail_of(SystemSettings.current()), period_min__isnull=False)
    again = Q(period_min=None)
    _keep(watches, at)
    watches.update(
        since=Case(When(again, then=then), default=F("since")),
        silent_from=then,
        period_min=_assigned(),
        is_written=is_written,
        lost_due_at=Case(When(again, then=None), default=Subquery(lost.values(due=F("wakeup_due"))[:1])),
        look_at=at,
        next_at=at,
        is_heard=Case(When(again, then=Value(False)), default=F("is_heard")),
    )


def _keep(watches: QuerySet[Watch], until: datetime) -> None:
    """What ``watches`` were up to ``until``, copied before they change."""
    rows = watches.order_by("pk").values_list("pk", Value(until, DateTimeField()), *_RULE)
    select, parameters = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        columns = ", ".join(("concentrator_id", "until", *_RULE))
        cursor.execute(f"INSERT INTO {PastWatch._meta.db_table} ({columns}) {select}", parameters)


def _concentrator() -> QuerySet[Concentrator]:
    return Concentrator.objects.filter(pk=OuterRef("pk"))


def _assigned() -> Subquery:
    return Subquery(_concentrator().values(minutes=_period("profile__"))[:1])


def _period(profile: str) -> Case:
    return Case(When(**{f"{profile}wakeup_enabled": True, "then": F(f"{profile}wakeup_period")}), default=_NO_PERIOD)
