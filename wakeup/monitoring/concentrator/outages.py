"""The last outages of one concentrator, for its page (CON-6, STA-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from concentrators.models import Concentrator
from smmeplus.common.wording.durations import in_words
from wakeup.models import Outage

SHOWN_OUTAGES = 20


@dataclass(frozen=True, slots=True)
class ShownOutage:
    """``between`` says how well its begin is known; empty if it is exact."""

    outage: Outage
    lasted: str
    between: str


def last_outages(concentrator: Concentrator, now: datetime) -> list[ShownOutage]:
    """The newest first. One query."""
    found = concentrator.outages.select_related("incident", "planned__work").order_by("-began_at", "-pk")
    return [ShownOutage(one, _lasted(one, now), _between(one)) for one in found[:SHOWN_OUTAGES]]


def _lasted(outage: Outage, now: datetime) -> str:
    if outage.is_momentary:
        return _("momentary, of unknown length")
    return in_words((outage.ended_at or now) - outage.began_at)


def _between(outage: Outage) -> str:
    if outage.earliest_at == outage.latest_at:
        return ""
    first, last = outage.earliest_at.astimezone(UTC), outage.latest_at.astimezone(UTC)
    form = "H:i" if first.date() == last.date() else "DATETIME_FORMAT"
    return _("between %(first)s and %(last)s") % {"first": date_format(first, form), "last": date_format(last, form)}
