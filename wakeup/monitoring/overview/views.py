"""Technical area, Monitoring: the operator's first page (UI-2, UI-8)."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import TemplateView

from concentrators.companies import companies_of
from profiles.requests import settings_of
from smmeplus.common.request import now_of
from wakeup.monitoring.arrivals.day import Arrivals
from wakeup.monitoring.overview import figures
from wakeup.monitoring.overview.incidents import OpenIncidents
from wakeup.monitoring.status.rules import Status, Timing


class Overview(TemplateView):
    """What is dark, whose fault it is, and what to look at next; it refreshes itself."""

    template_name = "wakeup/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, now = self.request.user, now_of(self.request)
        timing = Timing.of_page(settings_of(self.request))
        companies = list(companies_of(self.request))
        counts = figures.status_counts(user, now, timing)
        listeners, rate = figures.listening(now)
        return super().get_context_data(
            **kwargs,
            title=_title(counts),
            counts=counts,
            verdicts=figures.verdicts(user),
            now=now,
            incidents=OpenIncidents.of(user, now),
            listeners=listeners,
            messages_per_s=rate,
            arrivals=Arrivals.of(user, now, companies[0].zone if companies else ZoneInfo("UTC")),
            newest=figures.newest_unreachable(user),
            longest=figures.longest_silent(user),
            changes=figures.latest_changes(user),
            strays=figures.unknown_senders(user),
            roll_outs=figures.open_roll_outs(user),
        )


def _title(counts: list[figures.StatusCount]) -> str:
    """That of the window leads with what is wrong."""
    unreachable = next(count.number for count in counts if count.status == Status.UNREACHABLE)
    if not unreachable:
        return str(_l("Monitoring"))
    return _("%(n)d unreachable · Monitoring") % {"n": unreachable}
