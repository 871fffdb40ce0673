"""The changes of status that begin and end outages, with all that has to be known of each (STA-5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Case, DateTimeField, Expression, ExpressionWrapper, F, OuterRef, Q, Subquery, Value, When

from smmeplus.dlms.kinds import WAKEUPS, Kind
from wakeup.models import ChangeReason, Message, StatusChange
from wakeup.monitoring.outages.rules import KEEPALIVE, Beginning, Gasp
from wakeup.monitoring.status.rules import Status, Timing

#: How long before a change the last wake-up is looked for: longer than any period and what is added to it.
WAKEUP_BACK = timedelta(days=3)
_WAKEUP, _GASP = "concentrator__total__last_wakeup_at", "concentrator__total__last_gasp_at"
_SILENCE = Q(to_status=Status.UNREACHABLE, reason=ChangeReason.SILENCE)


class Change(NamedTuple):
    """A change to or from *unreachable*.

    ``before_at`` is when the status before began, ``wakeup_at`` the last wake-up before a silence, and ``kind`` that of
    the message that ended one; each None where it does not matter or is not kept any more.
    """

    pk: int
    concentrator_id: int
    at: datetime
    from_status: str
    to_status: str
    reason: str
    verdict: str | None
    company_id: int
    substation: str
    feeder: str
    customers: int
    meters: int | None
    before_at: datetime | None
    wakeup_at: datetime | None
    wakeup_clock: datetime | None
    gasp_at: datetime | None
    gasp_clock: datetime | None
    kind: int | None

    @property
    def gasped_at(self) -> datetime | None:
        """When the gasp came that announced it.

        A gasp that is void by the device's clock changes no status, but a silence began with it.
        """
        if self.reason == ChangeReason.LAST_GASP:
            return self.at
        if self.gasp_at is None or self.reason != ChangeReason.SILENCE:
            return None
        sent = Gasp(self.gasp_at, self.gasp_clock, self.wakeup_at, self.wakeup_clock).sent_at
        return sent if self.wakeup_at is None or sent >= self.wakeup_at else None

    @property
    def ended_by(self) -> str:
        """The word of the kind; what has been pruned was one of many more keepalives than boots."""
        if self.reason != ChangeReason.MESSAGE:
            return ""
        return Kind(self.kind).word if self.kind else KEEPALIVE

    def beginning(self, timing: Timing) -> Beginning:
        """What is still dark when a time out of service ends is an outage from then on."""
        if self.reason != ChangeReason.SILENCE or self.gasped_at:
            return Beginning.exactly(self.gasped_at or self.at)
        due = self.at - timing.tail
        if self.from_status == Status.LATE and self.before_at:
            due = self.before_at - timing.margin
        heard = [self.wakeup_at] if self.wakeup_at else []
        if self.before_at and self.from_status in (Status.NEVER_CALLED, Status.REACHABLE):
            heard.append(self.before_at)
        earliest = max(heard, default=due)
        return Beginning.between(earliest, max(earliest, due))


def changes_between(after: int, until: int) -> Iterator[Change]:
    """Those with a key above ``after`` and up to ``until``, in their order. Canaries are in no outage."""
    to_or_from = Q(to_status=Status.UNREACHABLE) | Q(from_status=Status.UNREACHABLE)
    rows = StatusChange.objects.filter(to_or_from, pk__gt=after, pk__lte=until, concentrator__is_canary=False)
    place = ("company_id", "substation", "feeder", "customers", "meter_counts__chosen")
    own, found = Change._fields[:7], Change._fields[12:]
    rows = rows.annotate(before_at=_before(), wakeup_at=_last_wakeup(), kind=_kind(), **_gasp())
    names = [*own, *(f"concentrator__{name}" for name in place), *found]
    return (Change(*values) for values in rows.order_by("pk").values_list(*names).iterator(chunk_size=5_000))


def _before() -> Expression:
    earlier = StatusChange.objects.filter(
        concentrator=OuterRef("concentrator"), at__lte=OuterRef("at"), pk__lt=OuterRef("pk")
    )
    return Case(When(_SILENCE, then=Subquery(earlier.order_by("-at", "-pk").values("at")[:1])))


def _last_wakeup() -> Expression:
    is_last = _SILENCE & Q(**{f"{_WAKEUP}__lte": F("at")})
    return Case(When(is_last, then=F(_WAKEUP)), When(_SILENCE, then=last_wakeup_before("at")))


def _gasp() -> dict[str, Expression]:
    """The last gasp, if it came in before the silence was noticed and after that concentrator's last wake-up."""
    came = _SILENCE & Q(**{f"{_GASP}__lte": F("at"), f"{_GASP}__gt": F("wakeup_at")})
    gasps = Message.objects.filter(
        concentrator=OuterRef("concentrator"), received_at=OuterRef(_GASP), kind=Kind.LASTGASP, elsewhere=False
    )
    return {
        "gasp_at": Case(When(came, then=F(_GASP))),
        "gasp_clock": Case(When(came, then=Subquery(gasps.values("device_time")[:1]))),
        "wakeup_clock": Case(When(came, then=last_wakeup_before("at", "device_time"))),
    }


def last_wakeup_before(moment: str, name: str = "received_at", before: str = "lte") -> Subquery:
    """The column ``name`` of a concentrator's last wake-up up to ``moment``; None if that is long ago or pruned.

    ``before`` is the lookup by which it is compared: ``lt`` leaves out one at that very moment.
    """
    back = ExpressionWrapper(OuterRef(moment) - Value(WAKEUP_BACK), DateTimeField())
    calls = Message.objects.filter(
        concentrator=OuterRef("concentrator"),
        received_at__gte=back,
        kind__in=WAKEUPS,
        elsewhere=False,
        **{f"received_at__{before}": OuterRef(moment)},
    )
    return Subquery(calls.order_by("-received_at", "-pk").values(name)[:1])


def _kind() -> Expression:
    """A boot if there are both at one instant."""
    calls = Message.objects.filter(
        concentrator=OuterRef("concentrator"), received_at=OuterRef("at"), kind__in=WAKEUPS, elsewhere=False
    )
    ends = Q(from_status=Status.UNREACHABLE, reason=ChangeReason.MESSAGE)
    return Case(When(ends, then=Subquery(calls.order_by("-kind").values("kind")[:1])))
