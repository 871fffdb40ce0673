"""What state an incident is in, from the worst on, and where it is, in words (STA-5, UI-8)."""

from __future__ import annotations

from typing import Any, Final

from django.db import models
from django.db.models import Case, F, FloatField, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from wakeup.models import Incident, IncidentScope


class IncidentState(models.TextChoices):
    """The worst first. What is planned waits for nobody, so it comes after what an operator looks after."""

    OPEN = "open", _l("open")
    ACKNOWLEDGED = "acknowledged", _l("acknowledged")
    PLANNED = "planned", _l("planned")
    ENDED = "ended", _l("ended")
    MERGED = "merged", _l("part of another")

    @property
    def rank(self) -> int:
        return list(IncidentState).index(self)

    @property
    def colour(self) -> str:
        """Of Bootstrap. Grey but for what somebody has to look after."""
        return {IncidentState.OPEN: "danger", IncidentState.ACKNOWLEDGED: "warning"}.get(self, "secondary")


#: Which incidents have which state: the first that holds.
_CONDITIONS: Final = {
    IncidentState.MERGED: Q(merged_into__isnull=False),
    IncidentState.ENDED: Q(ended_at__isnull=False),
    IncidentState.PLANNED: Q(planned__isnull=False),
    IncidentState.ACKNOWLEDGED: Q(acknowledged_at__isnull=False),
    IncidentState.OPEN: Q(),
}


def state_of(incident: Incident) -> IncidentState:
    if incident.merged_into_id is not None:
        return IncidentState.MERGED
    if incident.ended_at is not None:
        return IncidentState.ENDED
    if incident.planned_id is not None:
        return IncidentState.PLANNED
    return IncidentState.OPEN if incident.acknowledged_at is None else IncidentState.ACKNOWLEDGED


def with_rank(incidents: QuerySet[Incident]) -> QuerySet[Any]:
    """Annotate ``state_rank``, as in IncidentState, and ``customers_dark``: about how many have no supply now.

    Their share of the incident's customers is that of its members that are still dark: the members' own customers
    would have to be summed over all of them, for each list.
    """
    whens = [When(condition, then=Value(state.rank)) for state, condition in _CONDITIONS.items() if condition]
    share = Cast(F("dark"), FloatField()) / NullIf(Cast(F("members"), FloatField()), Value(0.0))
    return incidents.annotate(
        state_rank=Case(*whens, default=Value(IncidentState.OPEN.rank), output_field=IntegerField()),
        customers_dark=Coalesce(F("customers") * share, Value(0.0), output_field=FloatField()),
    )


def of_state(incidents: QuerySet[Any], state: str) -> QuerySet[Any]:
    """Those of ``incidents``, which have their ``state_rank``, that are in ``state``."""
    return incidents.filter(state_rank=IncidentState(state).rank)


def place_in_words(incident: Incident) -> str:
    """``Feeder 12 of Pudahuel``, for example. Of one of a whole company it loads the company."""
    if incident.scope == IncidentScope.COMPANY:
        return _("All of %(company)s") % {"company": incident.company or "—"}
    return place_of(incident.scope, incident.substation, incident.feeder, incident.carrier)


def place_of(scope: str, substation: str, feeder: str, carrier: str) -> str:
    """The same of a place by its names."""
    names = {"feeder": feeder, "substation": substation, "carrier": carrier}
    match scope:
        case IncidentScope.FEEDER if substation:
            return _("Feeder %(feeder)s of %(substation)s") % names
        case IncidentScope.FEEDER:
            return _("Feeder %(feeder)s") % names
        case IncidentScope.SUBSTATION:
            return _("Substation %(substation)s") % names
        case IncidentScope.CARRIER:
            return _("Carrier %(carrier)s") % names
        case IncidentScope.COMPANY:
            return _("the whole company")
    return _("Our side")


def title_of(incident: Incident) -> str:
    return _("Incident %(number)s: %(place)s") % {"number": incident.pk, "place": place_in_words(incident)}
