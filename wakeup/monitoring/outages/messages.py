"""Boots without a silence before them, and last gasps that changed no status (STA-5).

Such a boot is an outage of unknown length, shorter than a period. A gasp that came in while the concentrator was silent
already, or after the boot that overtook it, says when the outage began.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from concentrators.procedures.planned import windows_between
from smmeplus.dlms.kinds import Kind
from wakeup.locks import hold_desk
from wakeup.models import CauseClass, Message, Outage, Quality, StatusChange, WatchProgress
from wakeup.monitoring.changes.storing import among
from wakeup.monitoring.outages.changes import last_wakeup_before
from wakeup.monitoring.outages.failures import mark_logs
from wakeup.monitoring.outages.progress import FIRST_BACK, progress_at
from wakeup.monitoring.outages.rules import BOOT, Gasp, quality_of
from wakeup.monitoring.outages.storing import BETTER_KNOWN, Row, change_outages, insert_outages
from wakeup.monitoring.status.rules import Status

#: How much time is worked off in one transaction.
STEP = timedelta(hours=1)
_HEARD = (Status.REACHABLE, Status.LATE)


class _Heard(NamedTuple):
    """A boot or a last gasp; ``status`` is that before it."""

    concentrator_id: int
    at: datetime
    kind: int
    clock: datetime | None
    status: str
    wakeup_at: datetime | None
    wakeup_kind: int | None
    wakeup_clock: datetime | None
    company_id: int
    substation: str
    feeder: str
    customers: int
    meters: int | None

    @property
    def is_momentary(self) -> bool:
        """A boot that is sent again, because the answer was lost, has the time of the first."""
        is_repeated = self.wakeup_kind == Kind.BOOT and self.clock is not None and self.clock == self.wakeup_clock
        is_boot_of_a_caller = self.kind == Kind.BOOT and self.status in _HEARD and self.wakeup_at is not None
        return is_boot_of_a_caller and not is_repeated


def take_messages(now: datetime) -> int:
    """Work off those of which the changes of status are recorded; return how many outages are new or better known."""
    until = WatchProgress.objects.values_list("until", flat=True).first()
    count = 0
    while until is not None and (found := _take_some(now, until)) is not None:
        count += found
    return count


def _take_some(now: datetime, until: datetime) -> int | None:
    with transaction.atomic():
        hold_desk()
        progress = progress_at(now)
        begin = progress.boots_until or (progress.begun_at or now) - FIRST_BACK
        if begin >= until:
            return None
        end = min(begin + STEP, until)
        heard = list(_heard(begin, end))
        count = _insert_momentary([one for one in heard if one.is_momentary])
        count += _take_gasps([one for one in heard if one.kind == Kind.LASTGASP])
        progress.boots_until = end
        progress.save(update_fields=["boots_until"])
        return count


def _heard(begin: datetime, end: datetime) -> Iterator[_Heard]:
    messages = Message.objects.filter(
        received_at__gt=begin,
        received_at__lte=end,
        kind__in=(Kind.BOOT, Kind.LASTGASP),
        elsewhere=False,
        concentrator__is_canary=False,
    )
    changes = StatusChange.objects.filter(concentrator=OuterRef("concentrator"), at__lt=OuterRef("received_at"))
    status = Subquery(changes.order_by("-at", "-pk").values("to_status")[:1])
    rows = messages.annotate(
        status=Coalesce(status, "concentrator__watch__status"),
        wakeup_at=last_wakeup_before("received_at", "received_at", "lt"),
        wakeup_kind=last_wakeup_before("received_at", "kind", "lt"),
        wakeup_clock=last_wakeup_before("received_at", "device_time", "lt"),
    ).order_by("received_at", "pk")
    of_place = ("company_id", "substation", "feeder", "customers", "meter_counts__chosen")
    place = (f"concentrator__{name}" for name in of_place)
    own = ("concentrator_id", "received_at", "kind", "device_time")
    names = (*own, "status", "wakeup_at", "wakeup_kind", "wakeup_clock", *place)
    return (_Heard(*values) for values in rows.values_list(*names))


def _insert_momentary(boots: Sequence[_Heard]) -> int:
    if not boots:
        return 0
    known = _ended(boots)
    boots = [boot for boot in boots if (boot.concentrator_id, boot.at) not in known]
    insert_outages(list(_momentary(boots)))
    mark_logs((boot.concentrator_id, boot.at) for boot in boots)
    return len(boots)


def _ended(boots: Iterable[_Heard]) -> set[tuple[int, datetime]]:
    """The concentrators and times at which an outage ended."""
    keys, times = sorted({boot.concentrator_id for boot in boots}), [boot.at for boot in boots]
    rows = Outage.objects.filter(concentrator__in=among(keys), ended_at__range=(min(times), max(times)))
    return {(key, ended) for key, ended in rows.values_list("concentrator_id", "ended_at") if ended}


def _momentary(boots: Sequence[_Heard]) -> Iterator[Row]:
    if not boots:
        return
    planned = windows_between(min(boot.wakeup_at or boot.at for boot in boots), max(boot.at for boot in boots))
    for boot in boots:
        yield {
            "concentrator_id": boot.concentrator_id,
            "company_id": boot.company_id,
            "change_id": None,
            "planned_id": planned.of(boot.company_id, boot.substation, boot.feeder, boot.concentrator_id, boot.at),
            "earliest_at": boot.wakeup_at,
            "latest_at": boot.at,
            "began_at": boot.at,
            "noticed_at": boot.at,
            "ended_at": boot.at,
            "ended_by": BOOT,
            "quality": Quality.RESTORED,
            "cause": CauseClass.POWER,
            "verdict": None,
            "is_announced": False,
            "is_momentary": True,
            "customers": boot.customers,
            "meters": boot.meters,
        }


def _take_gasps(gasps: Sequence[_Heard]) -> int:
    if not gasps:
        return 0
    sent = [(one, Gasp(one.at, one.clock, one.wakeup_at, one.wakeup_clock).sent_at) for one in gasps]
    outages = _unannounced(sent)
    better: dict[int, Row] = {}
    for gasp, at in sent:
        row = next((row for row in outages.get(gasp.concentrator_id, ()) if _holds(row, at)), None)
        if row:
            better.setdefault(row["id"], _announced(row, at))
    change_outages(list(better.values()), BETTER_KNOWN)
    return len(better)


def _unannounced(gasps: Sequence[tuple[_Heard, datetime]]) -> dict[int, list[Row]]:
    """Outages, by concentrator, that may have begun with one of ``gasps``; the latest first."""
    keys = sorted({gasp.concentrator_id for gasp, _at in gasps})
    lasted = Q(ended_at=None) | Q(ended_at__gte=min(at for _gasp, at in gasps))
    rows = Outage.objects.filter(lasted, concentrator__in=among(keys), is_announced=False, logged_s=None)
    found: dict[int, list[Row]] = {}
    for row in rows.order_by("-noticed_at").values("concentrator_id", "id", "ended_at", "ended_by", *BETTER_KNOWN):
        found.setdefault(row["concentrator_id"], []).append(dict(row))
    return found


def _holds(row: Row, at: datetime) -> bool:
    ended: datetime | None = row["ended_at"]
    return bool(row["earliest_at"] <= at) and (ended is None or at < ended)


def _announced(row: Row, at: datetime) -> Row:
    quality = quality_of(is_announced=True, ended_by=row["ended_by"])
    began = {"earliest_at": at, "latest_at": at, "began_at": at}
    known = {"quality": quality, "cause": CauseClass.POWER, "is_announced": True, "is_momentary": False}
    return {**row, **began, **known}
