"""What the messages say: days and totals counted from them alone (REP-5)."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import TruncDate

from smmeplus.dlms.kinds import WAKEUPS, Kind
from wakeup.models import ClosedDay, Message, WakeupTotal

Days = dict[tuple[int, date], ClosedDay]
Totals = dict[int, WakeupTotal]


def days_from_messages(chunk: list[int], zone: ZoneInfo, since: datetime | None) -> Days:
    """The days of the concentrators ``chunk``, cut in ``zone``, from the messages received since then (None: all)."""
    rows = list(
        _messages(chunk, since)
        .filter(kind__in=WAKEUPS)
        .values_list("concentrator_id", TruncDate("received_at", tzinfo=zone))
        .annotate(n=Count("pk"), first=Min("received_at"), last=Max("received_at"))
    )
    origins = origins_of({(concentrator, last) for concentrator, _day, _n, _first, last in rows})
    return {
        (concentrator, day): ClosedDay(
            concentrator_id=concentrator,
            day=day,
            wakeup_count=n,
            first_wakeup_at=first,
            last_wakeup_at=last,
            source_ip=origins[concentrator, last][0],
        )
        for concentrator, day, n, first, last in rows
    }


def totals_from_messages(chunk: list[int], since: datetime | None) -> Totals:
    """The totals of the concentrators ``chunk`` from the messages received since then (None: all)."""
    wakeups = Q(kind__in=WAKEUPS)
    rows = list(
        _messages(chunk, since)
        .values_list("concentrator_id")
        .annotate(
            first=Min("received_at", filter=wakeups),
            last=Max("received_at", filter=wakeups),
            n=Count("pk", filter=wakeups),
            gasp=Max("received_at", filter=Q(kind=Kind.LASTGASP)),
        )
    )
    origins = origins_of({(concentrator, last) for concentrator, _first, last, _n, _gasp in rows if last})
    return {
        concentrator: WakeupTotal(
            concentrator_id=concentrator,
            first_wakeup_at=first,
            last_wakeup_at=last,
            wakeup_count=n,
            last_gasp_at=gasp,
            source_ip=origins[concentrator, last][0] if last else None,
            port=origins[concentrator, last][1] if last else None,
        )
        for concentrator, first, last, n, gasp in rows
    }


def origins_of(instants: set[tuple[int, datetime]]) -> dict[tuple[int, datetime], tuple[str, int]]:
    """Address and port of each concentrator's wake-up at the instant; of several at once, those of the last stored."""
    concentrators, times = {concentrator for concentrator, _ in instants}, {at for _, at in instants}
    rows = (
        Message.objects.filter(concentrator__in=concentrators, received_at__in=times, kind__in=WAKEUPS, elsewhere=False)
        .order_by("pk")
        .values_list("concentrator_id", "received_at", "source_ip", "port")
    )
    return {(concentrator, at): (ip, port) for concentrator, at, ip, port in rows.iterator()}


def _messages(chunk: list[int], since: datetime | None) -> QuerySet[Message]:
    messages = Message.objects.filter(concentrator__in=chunk, elsewhere=False).order_by()
    return messages.filter(received_at__gte=since) if since else messages
