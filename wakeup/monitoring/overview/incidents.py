"""What the first page shows of incidents and alarms: the worst that are open, and how many wait (UI-2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self

from django.db.models import Count

from concentrators.models import AnyUser
from wakeup.models import Alarm, Incident, Outage
from wakeup.monitoring.incidents.pages.queries import WORST_FIRST, incidents_to_show, single_silent
from wakeup.monitoring.incidents.pages.tables import badge
from wakeup.monitoring.incidents.states import IncidentState, place_in_words, state_of

SHOWN = 5


class ShownIncident(NamedTuple):
    incident: Incident
    place: str
    badge: str


@dataclass(frozen=True, slots=True)
class OpenIncidents:
    """The worst, how many there are of each state, the worst first, and how many wait beside them.

    ``single`` are the single concentrators that are silent, ``alarms`` those that nobody has shelved.
    """

    worst: Sequence[ShownIncident]
    counts: Sequence[tuple[IncidentState, int]]
    single: int
    alarms: int

    @classmethod
    def of(cls, user: AnyUser, now: datetime) -> Self:
        """Those that ``user`` sees. Four queries, however many there are."""
        lasting = incidents_to_show(user).filter(ended_at=None, merged_into=None)
        counted = dict(lasting.order_by().values_list("state_rank").annotate(number=Count("pk")))
        return cls(
            [
                ShownIncident(one, place_in_words(one), badge(state_of(one)))
                for one in lasting.order_by(*WORST_FIRST)[:SHOWN]
            ],
            [(state, counted[state.rank]) for state in IncidentState if state.rank in counted],
            single_silent(Outage.objects.visible_to(user), now).count(),
            Alarm.objects.visible_to(user).open().exclude(shelved_until__gt=now).count(),
        )
