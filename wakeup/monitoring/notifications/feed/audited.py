"""Planned work and roll-outs as events: each row of their history is one (API-3).

Operators write these without the desk, so one with a lower key may be committed later. They are looked for by their
time instead, as far back as no transaction lasts, and what has been found before is known by its ``source``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from concentrators.models import Company, Concentrator, PlannedWork, RollOut
from wakeup.models import FeedEvent, FeedProgress
from wakeup.monitoring.notifications.feed.news import News
from wakeup.monitoring.notifications.feed.sources import CHUNK, Pass

#: Longer than any transaction lasts.
LOOK_BACK: Final = timedelta(days=1)
_OF_WORK = ("title", "scope", "substation", "feeder", "begin", "end", "rule", "cancelled_at", "uid")
_OF_ROLL_OUT = ("action", "profile_name", "state", "since", "current_wave", "halted_by", "halted_of")
_ADDED, _DELETED = "+", "-"


def planned_work(progress: FeedProgress, _this: Pass) -> list[News]:
    rows = _unpublished(PlannedWork.history.all(), "planned work", progress)
    serials = dict(
        Concentrator.objects.filter(pk__in=[row.concentrator_id for row in rows]).values_list("pk", "serial_number")
    )
    return [_work(row, serials) for row in rows]


def _work(row: Any, serials: Mapping[int, str]) -> News:
    changed = "cancelled" if row.cancelled_at else "changed"
    word = {_ADDED: "made", _DELETED: "deleted"}.get(row.history_type, changed)
    data = {"planned_work": row.id, **{name: getattr(row, name) for name in _OF_WORK}}
    return _news(row, "planned-work", word, data, serials.get(row.concentrator_id, ""))


def roll_outs(progress: FeedProgress, _this: Pass) -> list[News]:
    rows = _unpublished(RollOut.history.all(), "roll-out", progress)
    stored = RollOut.objects.in_bulk([row.id for row in rows])
    return [_roll_out(row, stored.get(row.id, row)) for row in rows]


def _roll_out(row: Any, stored: Any) -> News:
    """``stored`` is the roll-out as it is now: its size is known a moment after its first row was written."""
    word = {_ADDED: "started", _DELETED: "deleted"}.get(row.history_type, "changed")
    sizes = {"size": stored.size, "waves": stored.waves}
    data = {"roll_out": row.id, **{name: getattr(row, name) for name in _OF_ROLL_OUT}, **sizes}
    return _news(row, "roll-out", word, data, "")


def _news(row: Any, kind: str, word: str, data: Mapping[str, Any], concentrator: str) -> News:
    source = f"{kind.replace('planned-work', 'planned work')} {row.history_id}"
    return News(f"{kind}.{word}", row.history_date, row.company_id, data, concentrator, source)


def _unpublished(history: Any, word: str, progress: FeedProgress) -> list[Any]:
    """In their order. A company that has been deleted meanwhile is nobody's to hear of."""
    source = Concat(Value(f"{word} "), Cast("history_id", CharField()))
    since = max(progress.looked_at - LOOK_BACK, progress.begun_at)
    rows = history.filter(history_date__gte=since, company_id__in=Company.objects.values("pk"))
    unknown = rows.annotate(found_as=source).filter(~Exists(FeedEvent.objects.filter(source=OuterRef("found_as"))))
    return list(unknown.order_by("history_date", "history_id")[:CHUNK])
