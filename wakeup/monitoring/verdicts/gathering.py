"""Gathers what a verdict follows from: listeners, canaries, last gasps and the fleet (STA-4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from concentrators.models import Concentrator, State
from concentrators.procedures.due import OF_CONCENTRATORS, with_due
from smmeplus.dlms.kinds import Kind
from wakeup.models import ListenerRun, Message, VerdictSpan
from wakeup.models.listeners import WaitsFor
from wakeup.models.verdicts import Cause
from wakeup.monitoring.status.finding import of_status
from wakeup.monitoring.status.rules import Status, Timing
from wakeup.monitoring.verdicts.rules import CANARY_FAILS_AFTER, Canary, Evidence, Part, Place


def evidence_at(now: datetime, timing: Timing, share: float) -> Evidence:
    """All that the verdicts at ``now`` follow from; nine queries and one more for each carrier that fails."""
    listeners = list(ListenerRun.objects.alive(now).values_list("waits_for", flat=True))
    evidence = Evidence(
        now=now,
        listeners=len(listeners),
        takes=not listeners or WaitsFor.NOTHING in listeners,
        canaries=_canaries(),
        gasps=_gasps(now),
        before=_before(),
        share=share,
    )
    return _with_fleet(evidence, timing)


def _canaries() -> list[Canary]:
    rows = Concentrator.objects.canaries().exclude(state=State.REMOVED).order_by("serial_number")
    return [Canary(*row) for row in rows.values_list("serial_number", "carrier", "total__last_wakeup_at")]


def _gasps(now: datetime) -> dict[str, datetime]:
    """When the last one of each carrier came in, as far as that is recent."""
    recent = Message.objects.filter(received_at__gt=now - CANARY_FAILS_AFTER, received_at__lte=now, kind=Kind.LASTGASP)
    return dict(recent.order_by().values_list("concentrator__carrier").annotate(at=Max("received_at")))


def _before() -> dict[str, Cause]:
    spans = VerdictSpan.objects.filter(ended_at=None).values_list("carrier", "cause")
    return {carrier: Cause(cause) for carrier, cause in spans}


def _with_fleet(evidence: Evidence, timing: Timing) -> Evidence:
    watched = Concentrator.objects.of_the_field().filter(watch__since__isnull=False, watch__period_min__isnull=False)
    sizes = _by_place(watched)
    unreachable = _by_place(of_status(watched, Status.UNREACHABLE, evidence.now, timing))
    fleet = Part(sum(sizes.values()), sum(unreachable.values()))
    carriers = _parts(sizes, unreachable, Place._fields.index("carrier"))
    silent_since = evidence.silent_since(evidence.canaries)
    if silent_since:
        fleet = _since(fleet, watched, silent_since, evidence.now)
    for name in evidence.failing_carriers:
        silent_since = evidence.silent_since(evidence.of_carrier(name))
        if silent_since:
            of_carrier = watched.filter(carrier=name)
            carriers[name] = _since(carriers.get(name, Part()), of_carrier, silent_since, evidence.now)
    regions = _parts(sizes, unreachable, Place._fields.index("region"))
    places = {place: Part(size, unreachable.get(place, 0)) for place, size in sizes.items()}
    return replace(evidence, fleet=fleet, carriers=carriers, regions=regions, places=places)


def _by_place(concentrators: QuerySet[Concentrator]) -> dict[Place, int]:
    rows = concentrators.order_by().values_list("carrier", "region").annotate(n=Count("pk"))
    return {Place(carrier, region): n for carrier, region, n in rows}


def _parts(sizes: Mapping[Place, int], unreachable: Mapping[Place, int], by: int) -> dict[str, Part]:
    """The fleet by carrier or by region, without those that have none."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for which, counts in enumerate((sizes, unreachable)):
        for place, n in counts.items():
            if place[by]:
                found[place[by]][which] += n
    return {name: Part(*counts) for name, counts in found.items()}


def _since(part: Part, watched: QuerySet[Concentrator], since: datetime, now: datetime) -> Part:
    """``part`` with how many owed a wake-up after ``since``, and how many of those were heard."""
    heard = Q(total__last_wakeup_at__gt=since)
    owing = with_due(watched.exclude(heard), now, OF_CONCENTRATORS).filter(wakeup_due__gt=since, wakeup_due__lte=now)
    came = watched.filter(heard).count()
    return replace(part, due=came + owing.count(), heard=came)
