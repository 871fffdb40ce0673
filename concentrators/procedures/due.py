"""When the next wake-up of a concentrator is due: the one expression that finds, filters, sorts and watches (STA-2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    DateTimeField,
    DurationField,
    Expression,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least

from concentrators.models import OutOfService
from profiles.models import SystemSettings

_NOTHING = timedelta(0)


class Paths(NamedTuple):
    """From rows to the ``watch`` and the ``total`` of a concentrator; each is empty or ends with two underscores.

    The total is written by the listener, far above this room; its name here is that of the relation.
    """

    watch: str
    total: str


OF_CONCENTRATORS = Paths("watch__", "total__")
OF_WATCHES = Paths("", "concentrator__total__")


def tail_of(settings: SystemSettings) -> timedelta:
    """How long after it was due a wake-up counts as lost: all retries and the margin have passed."""
    return timedelta(seconds=settings.retry_count * settings.retry_interval_s + settings.margin_s)


def with_due(rows: QuerySet[Any], now: datetime, paths: Paths) -> QuerySet[Any]:
    """``rows`` with the aliases ``silence_began`` and ``wakeup_due``, None where no wake-up is expected."""
    watch, last = paths.watch, f"{paths.total}last_wakeup_at"
    silent_from = F(f"{watch}silent_from")
    in_service = ExpressionWrapper(F("silence_began") + minutes(f"{watch}period_min") + F("paused"), DateTimeField())
    lost = Q(**{f"{watch}lost_due_at__isnull": False}) & (
        Q(**{f"{last}__isnull": True}) | Q(**{f"{last}__lt": F(f"{watch}lost_due_at")})
    )
    made: QuerySet[Any] = (
        rows.alias(silence_began=Greatest(silent_from, Coalesce(F(last), silent_from)))
        .alias(paused=_paused(paths, now))
        .alias(
            wakeup_due=Case(When(lost, then=F(f"{watch}lost_due_at")), default=in_service, output_field=DateTimeField())
        )
    )
    return made


def effective(outs: QuerySet[OutOfService]) -> QuerySet[Any]:
    """``outs`` with the alias ``counts_from``: one that was set afterwards hides nothing that was before."""
    made: QuerySet[Any] = outs.alias(counts_from=Greatest(F("begin"), Coalesce(F("set_at"), F("begin"))))
    return made


def _paused(paths: Paths, now: datetime) -> Expression:
    """How long it was out of service since its silence began; nobody else's times out are looked at."""
    began = OuterRef("silence_began")
    until = Least(F("end"), Value(now, DateTimeField()))
    common = until - Greatest(F("counts_from"), began)
    outs = (
        effective(OutOfService.objects.filter(concentrator=OuterRef(f"{paths.watch}pk"), end__gt=began))
        .filter(counts_from__lt=until)
        .order_by()
        .values("concentrator")
        .annotate(time=Sum(Greatest(common, Value(_NOTHING), output_field=DurationField())))
    )
    time = Coalesce(Subquery(outs.values("time")), Value(_NOTHING), output_field=DurationField())
    was_out = Q(**{f"{paths.watch}outs_until__gt": F("silence_began")})
    return Case(When(was_out, then=time), default=Value(_NOTHING), output_field=DurationField())


def minutes(path: str) -> Expression:
    return ExpressionWrapper(Cast(path, IntegerField()) * Value(timedelta(minutes=1)), DurationField())
