"""Which incidents and outages a user sees, with what their lists show of them (STA-5, STA-9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from concentrators.models import AnyUser, OutOfService, State
from wakeup.models import Incident, Outage
from wakeup.models.outages import OutageQuerySet
from wakeup.monitoring.incidents.states import with_rank

WORST_FIRST = ("state_rank", "-customers_dark", "-members", "-began_at", "pk")


def incidents_to_show(user: AnyUser) -> QuerySet[Any]:
    return with_rank(Incident.objects.visible_to(user).select_related("company", "owner"))


def outages_to_show(user: AnyUser) -> OutageQuerySet:
    return Outage.objects.visible_to(user).select_related("concentrator", "company")


def single_silent(outages: OutageQuerySet, now: datetime) -> OutageQuerySet:
    """Those of ``outages`` that last, belong to no incident, and that nobody expects.

    Planned work excuses them until its end; so does being out of service.
    """
    present = OutOfService.objects.filter(concentrator=OuterRef("concentrator"), begin__lte=now, end__gt=now)
    in_field = {"concentrator__state": State.IN_FIELD, "concentrator__is_canary": False}
    rows = outages.open().filter(Q(planned=None) | Q(planned__end__lte=now), incident=None, **in_field)
    return rows.filter(~Exists(present))
