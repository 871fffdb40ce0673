"""What every page says while we cannot see the field, or cannot say whose fault it is (STA-4, UI-8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final, NamedTuple, cast

from django.core.cache import cache

from concentrators.models import AnyUser, Concentrator, sees_all
from wakeup.models import ListenerRun, VerdictSpan
from wakeup.models.verdicts import Cause
from wakeup.monitoring.verdicts.rules import Sign

#: Under which it is kept in the cache, and for how long: every page asks.
KEY: Final = "verdict-banner"
KEPT_S: Final = 5


class Said(StrEnum):
    """What a banner says. The values tell templates apart."""

    NO_LISTENER = "no listener"
    OUR_SIDE = "our side"
    AFTERWARDS = "afterwards"
    CARRIER = "carrier"
    UNDECIDED = "undecided"
    NOBODY_WATCHES = "nobody watches"


class Banner(NamedTuple):
    """``since`` is when that began, ``until`` when concentrators are judged again; ``carriers`` are those at fault."""

    said: Said
    since: datetime | None = None
    until: datetime | None = None
    carriers: Sequence[str] = ()

    @property
    def is_serious(self) -> bool:
        return self.said in (Said.NO_LISTENER, Said.OUR_SIDE)


class Seen(NamedTuple):
    """The last verdict on all, the one before, whether a listener runs, and when the last one was seen."""

    last: VerdictSpan | None
    before: VerdictSpan | None
    is_listening: bool = True
    listened_at: datetime | None = None


def banner_for(user: AnyUser, now: datetime, retry_tail: timedelta) -> Banner | None:
    """What ``user`` has to know at ``now``; None if there is nothing. Mostly no query: it is kept for some seconds."""
    seen = cast("Seen", cache.get_or_set(KEY, partial(_seen, now), KEPT_S))
    last, before = seen.last, seen.before
    if last is None or last.judged_at < now - VerdictSpan.STALE_AFTER:
        return _while_nobody_watches(seen)
    if last.cause == Cause.OUR_SIDE:
        no_listener = any(finding["sign"] == Sign.NO_LISTENER for finding in last.evidence)
        return Banner(Said.NO_LISTENER if no_listener else Said.OUR_SIDE, last.began_at)
    if before is not None and before.cause == Cause.OUR_SIDE and now < last.began_at + retry_tail:
        return Banner(Said.AFTERWARDS, before.began_at, last.began_at + retry_tail)
    if last.cause == Cause.CARRIER:
        return Banner(Said.CARRIER, last.began_at, carriers=_known_to(user, last.carriers))
    return Banner(Said.UNDECIDED, last.began_at) if last.cause == Cause.UNDECIDED else None


def _seen(now: datetime) -> Seen:
    last, before = (*VerdictSpan.objects.filter(carrier="").order_by("-began_at", "-pk")[:2], None, None)[:2]
    if last is not None and last.judged_at >= now - VerdictSpan.STALE_AFTER:
        return Seen(last, before)
    alive = ListenerRun.objects.alive(now).exists()
    listened_at = ListenerRun.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    return Seen(last, before, alive, listened_at)


def _while_nobody_watches(seen: Seen) -> Banner:
    if not seen.is_listening:
        return Banner(Said.NO_LISTENER, seen.listened_at)
    return Banner(Said.NOBODY_WATCHES, seen.last.judged_at if seen.last else None)


def _known_to(user: AnyUser, carriers: Sequence[str]) -> list[str]:
    """Those of ``carriers`` that concentrators have which ``user`` sees: the others are another company's affair."""
    if sees_all(user):
        return list(carriers)
    seen = Concentrator.objects.visible_to(user).filter(carrier__in=carriers).order_by("carrier")
    return list(seen.values_list("carrier", flat=True).distinct())
