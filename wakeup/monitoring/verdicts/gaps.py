"""Times in which nobody judged: what listeners have left says whether it was our side (STA-4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F
from django.db.models.functions import Coalesce, Greatest

from wakeup.models import ListenerRun, VerdictSpan
from wakeup.models.verdicts import Cause
from wakeup.monitoring.verdicts.rules import Finding, Sign


def close_gap(now: datetime) -> None:
    """End the verdicts that nobody has looked at for a while when somebody last did.

    If listeners have ended and begun since, it was our side between: whoever called then could not be heard.
    """
    stale = VerdictSpan.objects.filter(ended_at=None, judged_at__lt=now - VerdictSpan.STALE_AFTER)
    judged_at = stale.filter(carrier="").values_list("judged_at", flat=True).first()
    stale.update(ended_at=Greatest(F("began_at"), F("judged_at")))
    if judged_at is None:
        return
    VerdictSpan.objects.bulk_create(
        VerdictSpan(
            cause=Cause.OUR_SIDE,
            evidence=[Finding(Sign.NO_LISTENER).as_json()],
            began_at=begin,
            ended_at=end,
            judged_at=now,
        )
        for begin, end in _without_listener(judged_at, now)
    )


def _without_listener(begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The times between in which none ran, up to the start of the next one."""
    runs = ListenerRun.objects.alias(until=Coalesce("ended_at", "seen_at")).filter(started_at__lt=end, until__gt=begin)
    heard_until = begin
    for started_at, until in runs.order_by("started_at").values_list("started_at", F("until")):
        if started_at - heard_until > ListenerRun.SILENT_AFTER:
            yield heard_until, started_at
        heard_until = max(heard_until, until)
