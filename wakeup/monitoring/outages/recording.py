"""Records outages: each change to *unreachable* begins one, and the next change from it ends it (STA-5).

The changes are worked off in the order of their keys, each once: how far that has come is stored in the same
transaction as the outages. What comes to be known later (a last gasp that was slow, the device's own log) makes an
outage better known, see :mod:`wakeup.monitoring.outages.messages` and :mod:`wakeup.monitoring.outages.failures`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from concentrators.procedures.planned import windows_between
from profiles.models import SystemSettings
from wakeup.locks import hold_desk
from wakeup.models import Outage, StatusChange
from wakeup.monitoring.changes.settled import last_settled
from wakeup.monitoring.changes.storing import among
from wakeup.monitoring.outages.changes import Change, changes_between
from wakeup.monitoring.outages.failures import mark_logs, take_failures
from wakeup.monitoring.outages.messages import take_messages
from wakeup.monitoring.outages.progress import progress_at
from wakeup.monitoring.outages.rules import BOOT, cause_of, quality_of
from wakeup.monitoring.outages.storing import Row, end_outages, insert_outages
from wakeup.monitoring.status.rules import Status, Timing

CHUNK = 20_000


def record_outages(now: datetime) -> int:
    """Record what has happened since the last pass; return how many outages began, ended or are better known."""
    last = last_settled()
    count = 0
    while (found := _record_some(now, last)) is not None:
        count += found
    return count + take_messages(now) + take_failures(now)


def _record_some(now: datetime, last: int) -> int | None:
    """Work off the next changes up to the key ``last``; None if there are none."""
    with transaction.atomic():
        hold_desk()
        progress = progress_at(now)
        keys = StatusChange.objects.filter(pk__gt=progress.change, pk__lte=last).order_by("pk")
        if not keys.exists():
            return None
        until = keys.values_list("pk", flat=True)[CHUNK - 1 : CHUNK].first() or last
        followed = _follow(list(changes_between(progress.change, until)))
        end_outages(followed.ended)  # first: a concentrator has one open outage at most
        insert_outages(_with_planned(followed.begun))
        _forget_momentary(followed)
        mark_logs((one["concentrator_id"], one["ended_at"]) for one in followed.all_ended if one["ended_by"] == BOOT)
        progress.change = until
        progress.save(update_fields=["change"])
        return len(followed.begun) + len(followed.ended)


@dataclass
class _Followed:
    """``begun``: those to insert; ``ended``: those that stood open before, and have an end now."""

    begun: list[Row] = field(default_factory=list)
    ended: list[Row] = field(default_factory=list)

    @property
    def all_ended(self) -> list[Row]:
        return [*self.ended, *(one for one in self.begun if one["ended_at"])]


def _follow(changes: Sequence[Change]) -> _Followed:
    timing = Timing.of(SystemSettings.current())
    last = _open_of({change.concentrator_id for change in changes if change.from_status == Status.UNREACHABLE})
    followed = _Followed()
    for change in changes:
        if change.from_status == Status.UNREACHABLE and (row := last.pop(change.concentrator_id, None)):
            _end(row, change)
            if "id" in row:
                followed.ended.append(row)
        if change.to_status == Status.UNREACHABLE:
            last[change.concentrator_id] = row = _begun(change, timing)
            followed.begun.append(row)
    return followed


def _open_of(concentrators: Iterable[int]) -> dict[int, Row]:
    names = ("id", "concentrator_id", "is_announced", "verdict", "cause")
    rows = Outage.objects.open().filter(concentrator__in=among(sorted(concentrators))).values(*names)
    return {row["concentrator_id"]: dict(row) for row in rows}


def _begun(change: Change, timing: Timing) -> Row:
    began, is_announced = change.beginning(timing), change.gasped_at is not None
    return {
        "concentrator_id": change.concentrator_id,
        "company_id": change.company_id,
        "change_id": change.pk,
        "place": (change.substation, change.feeder),
        "earliest_at": began.earliest,
        "latest_at": began.latest,
        "began_at": began.at,
        "noticed_at": change.at,
        "ended_at": None,
        "ended_by": "",
        "quality": quality_of(is_announced=is_announced, ended_by=""),
        "cause": cause_of(is_announced=is_announced, ended_by="", verdict=change.verdict),
        "verdict": change.verdict,
        "is_announced": is_announced,
        "is_momentary": False,
        "customers": change.customers,
        "meters": change.meters,
    }


def _end(row: Row, change: Change) -> None:
    """An operator who ends it says nothing of its cause."""
    row["ended_at"], row["ended_by"] = change.at, change.ended_by
    is_announced = row["is_announced"]
    row["quality"] = quality_of(is_announced=is_announced, ended_by=change.ended_by)
    if change.ended_by:
        row["cause"] = cause_of(is_announced=is_announced, ended_by=change.ended_by, verdict=row["verdict"])


def _with_planned(rows: list[Row]) -> list[Row]:
    """Each with the planned work that covered it when it began, or when it was last thought to have begun."""
    if not rows:
        return rows
    planned = windows_between(min(row["began_at"] for row in rows), max(row["latest_at"] for row in rows))
    for row in rows:
        place: tuple[int, str, str, int] = (row["company_id"], *row.pop("place"), row["concentrator_id"])
        row["planned_id"] = planned.of(*place, row["began_at"]) or planned.of(*place, row["latest_at"])
    return rows


def _forget_momentary(followed: _Followed) -> None:
    """A boot that ends an outage is none by itself, though it was seen before the change that it made."""
    ends = {(one["concentrator_id"], one["ended_at"]) for one in followed.all_ended if one["ended_by"] == BOOT}
    if not ends:
        return
    times, keys = [at for _key, at in ends], sorted({key for key, _at in ends})
    rows = Outage.objects.filter(
        is_momentary=True, concentrator__in=among(keys), began_at__range=(min(times), max(times))
    )
    wrong = [pk for pk, key, at in rows.values_list("pk", "concentrator_id", "began_at") if (key, at) in ends]
    Outage.objects.filter(pk__in=wrong).delete()
