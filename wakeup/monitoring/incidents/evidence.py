"""Why an incident is thought to be one of power or of communication, as signs that are kept as they were then (STA-5).

Evidence has the form of that of verdicts: ``{sign, names, number, of}``, with their signs and those of incidents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _l

from wakeup.models import CauseClass, VerdictSpan
from wakeup.monitoring.incidents.groups import Group, Sighting
from wakeup.monitoring.incidents.places import CARRIER
from wakeup.monitoring.outages.rules import BOOT

Json = list[dict[str, Any]]


class IncidentSign(models.TextChoices):
    GASPS = "gasps", _l("last gasps of its concentrators came in")
    SILENT = "silent", _l("concentrators fell silent without a last gasp")
    WAY_OPEN = "way open", _l("others were heard on the same way")
    COMPLETE = "complete", _l("all concentrators of the place are dark")
    CARRIERS = "carriers", _l("concentrators of several carriers are dark")
    OTHERS_HEARD = "others heard", _l("other concentrators of the place are heard")
    BOOTS = "boots", _l("concentrators came back with a boot")
    KEEPALIVES = "keep-alives", _l("concentrators came back without a boot")


def finding(sign: str, number: int = 0, of: int = 0, names: Iterable[str] = ()) -> dict[str, Any]:
    return {"sign": str(sign), "names": list(names), "number": number, "of": of}


class Signs(NamedTuple):
    """What is known of the concentrators of an incident, each counted once. ``size`` is that of its place."""

    size: int
    dark: int
    gasps: int
    way_open: int
    carriers: Sequence[str] = ()
    boots: int = 0
    keepalives: int = 0

    @classmethod
    def of(cls, sightings: Iterable[Sighting], size: int) -> Signs:
        last = {one.concentrator: one for one in sightings}
        gasps = len({one.concentrator for one in sightings if one.is_announced})
        way_open = sum(one.is_way_open for one in last.values())
        carriers = Counter(one.carrier for one in last.values() if one.carrier)
        return cls(size, len(last), gasps, way_open, sorted(carriers))

    @property
    def is_complete(self) -> bool:
        return self.dark >= self.size > 0

    @property
    def is_way_open(self) -> bool:
        """Of most of them."""
        return 2 * self.way_open > self.dark

    @property
    def cause(self) -> CauseClass:
        """A gasp is about power. Who is silent while its way is open may have a modem or a mast that failed.

        Unless the whole place is dark, or more than one carrier would have to have failed at once.
        """
        if self.gasps:
            return CauseClass.POWER
        if self.is_way_open and (self.is_complete or len(self.carriers) > 1):
            return CauseClass.POWER
        return self._cause_by_return()

    def _cause_by_return(self) -> CauseClass:
        if self.boots == self.keepalives:
            return CauseClass.UNDECIDED
        return CauseClass.POWER if self.boots > self.keepalives else CauseClass.COMMUNICATION

    def found(self) -> Json:
        silent = self.dark - self.gasps
        signs = [
            (self.gasps, finding(IncidentSign.GASPS, self.gasps, self.dark)),
            (silent, finding(IncidentSign.SILENT, silent, self.dark)),
            (self.way_open, finding(IncidentSign.WAY_OPEN, self.way_open, self.dark)),
            (self.is_complete, finding(IncidentSign.COMPLETE, self.dark, self.size)),
            (len(self.carriers) > 1, finding(IncidentSign.CARRIERS, len(self.carriers), names=self.carriers)),
            (self.boots, finding(IncidentSign.BOOTS, self.boots, self.boots + self.keepalives)),
            (self.keepalives, finding(IncidentSign.KEEPALIVES, self.keepalives, self.boots + self.keepalives)),
        ]
        return [one for is_there, one in signs if is_there]

    def against(self) -> Json:
        heard = self.size - self.dark
        return [finding(IncidentSign.OTHERS_HEARD, heard, self.size)] if heard > 0 else []


def cause_of(group: Group, signs: Signs) -> CauseClass:
    return CauseClass.COMMUNICATION if group.place.scope == CARRIER else signs.cause


def evidence_of(group: Group, signs: Signs, at: datetime) -> tuple[Json, Json]:
    """For and against, with what the verdict of that time rested on."""
    lasts = Q(ended_at=None) | Q(ended_at__gt=at)
    spans = VerdictSpan.objects.filter(lasts, began_at__lte=at, carrier=group.place.carrier)
    span = spans.order_by("-began_at", "-pk").first()
    verdict: tuple[Json, Json] = (span.evidence, span.against) if span else ([], [])
    return [*signs.found(), *verdict[0]], [*signs.against(), *verdict[1]]


def came_back(ended: Iterable[tuple[datetime, str]], members: int) -> tuple[int, int]:
    """How many of the first half of ``members`` to come back did so with a boot, and how many without.

    None until half of them are back: what comes first need not be the rule.
    """
    back = sorted(ended)[: (members + 1) // 2]
    if not back or 2 * len(back) < members:
        return 0, 0
    boots = sum(ended_by == BOOT for _, ended_by in back)
    return boots, sum(bool(ended_by) for _, ended_by in back) - boots
