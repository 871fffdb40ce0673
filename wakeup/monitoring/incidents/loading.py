"""What grouping has to know of outages, incidents and places, read from the database (STA-5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from concentrators.models import Concentrator, State
from wakeup.models import DeskProgress, Incident, Outage
from wakeup.models.verdicts import Cause
from wakeup.monitoring.incidents.groups import REOPENS_WITHIN, Group, Rule, Sighting
from wakeup.monitoring.incidents.places import Place, places_of
from wakeup.monitoring.outages.progress import FIRST_BACK

#: Verdicts that prove the way of a silent concentrator open.
OPEN_WAY = frozenset({Cause.OK, Cause.FIELD, Cause.CANARY_AWAY})
CHUNK = 50_000


class _Row(NamedTuple):
    pk: int
    concentrator_id: int
    company_id: int
    substation: str
    feeder: str
    carrier: str
    earliest_at: datetime
    latest_at: datetime
    noticed_at: datetime
    ended_at: datetime | None
    is_announced: bool
    verdict: str | None
    incident_id: int | None

    def sighting(self, group: Group | None = None) -> Sighting:
        is_hidden = self.verdict == Cause.CARRIER and bool(self.carrier) and not self.is_announced
        return Sighting(
            self.pk,
            self.concentrator_id,
            places_of(self.company_id, self.substation, self.feeder),
            self.carrier,
            *(self.earliest_at, self.latest_at, self.noticed_at, self.ended_at),
            is_announced=self.is_announced,
            is_hidden=is_hidden,
            is_way_open=self.verdict in OPEN_WAY,
            group=group,
        )


class News(NamedTuple):
    """Outages that have not been looked at yet; ``until`` is the key up to which there are none afterwards."""

    sightings: list[Sighting]
    until: int

    @property
    def companies(self) -> list[int]:
        return sorted({one.places[0].company for one in self.sightings})


def news_since(progress: DeskProgress) -> News | None:
    """The next outages in the order of their keys; None if there are none. What began long ago makes no incident."""
    newer = Outage.objects.filter(pk__gt=progress.outage).order_by("pk")
    until = newer.values_list("pk", flat=True)[CHUNK - 1 : CHUNK].first() or newer.aggregate(last=Max("pk"))["last"]
    if until is None:
        return None
    new = _to_group(progress).filter(pk__gt=progress.outage, pk__lte=until, incident=None)
    return News([row.sighting() for row in _rows(new)], until)


def _to_group(progress: DeskProgress) -> QuerySet[Outage]:
    since = progress.begun_at
    outages = Outage.objects.filter(is_momentary=False)
    return outages if since is None else outages.filter(noticed_at__gte=since - FIRST_BACK)


def _rows(outages: QuerySet[Outage]) -> Iterator[_Row]:
    place = {name: f"concentrator__{name}" for name in ("substation", "feeder", "carrier")}
    names = [place.get(name, name) for name in _Row._fields]
    return (_Row(*values) for values in outages.order_by().values_list(*names).iterator(chunk_size=10_000))


class Loaded(NamedTuple):
    groups: list[Group]
    known: list[Sighting]
    sizes: Mapping[Place, int]


def loaded_for(news: News, progress: DeskProgress, rule: Rule) -> Loaded:
    """All that may matter to ``news``. What touches a window with them ended no more than two windows before."""
    first = min(one.earliest for one in news.sightings) - 2 * rule.window
    noticed = min(one.noticed for one in news.sightings)
    in_question = _to_group(progress).filter(company__in=news.companies, pk__lte=progress.outage)
    hidden = Q(verdict=Cause.CARRIER) & (Q(ended_at=None) | Q(ended_at__gt=noticed))
    rows = list(_rows(in_question.filter(Q(latest_at__gte=first) | hidden).exclude(incident__is_split=True)))
    groups = dict(_groups(news.companies, noticed, {row.incident_id for row in rows if row.incident_id}))
    # What an operator has merged elsewhere is explained by an incident that is not looked at here.
    explained = [row for row in rows if row.incident_id is None or row.incident_id in groups]
    known = [row.sighting(groups.get(row.incident_id or 0)) for row in explained]
    return Loaded(list(groups.values()), known, sizes_of(news.companies))


class _IncidentRow(NamedTuple):
    pk: int
    company_id: int
    substation: str
    feeder: str
    carrier: str
    began_at: datetime
    window_from: datetime
    window_until: datetime
    ended_at: datetime | None
    is_renewed: bool
    after: datetime
    before: datetime
    last_end: datetime | None
    vague: int
    is_dark: bool
    has_gasp: bool

    def group(self) -> Group:
        end = None if self.is_dark else self.last_end or self.ended_at
        return Group(
            Place(self.company_id, self.substation, self.feeder, self.carrier),
            *(self.after, self.before),
            (self.window_from, self.window_until),
            self.began_at,
            end,
            vague=self.vague,
            key=self.pk,
            has_gasp=self.has_gasp,
            is_power=self.has_gasp,
            is_end_told=self.ended_at is not None,
            is_renewed=self.is_renewed,
        )


def _groups(companies: Sequence[int], noticed: datetime, keys: Collection[int]) -> Iterator[tuple[int, Group]]:
    """By the key of the incident: those that may take members, and those that explain what is known."""
    takes = Q(ended_at=None) | Q(ended_at__gte=noticed - REOPENS_WITHIN) | Q(pk__in=keys)
    rows = Incident.objects.filter(takes, company__in=companies, merged_into=None, is_split=False)
    members = Outage.objects.filter(incident=OuterRef("pk"))
    rows = rows.annotate(
        after=Coalesce("members_after", "window_from"),
        before=Coalesce("members_before", "window_until"),
        last_end=Max("outages__ended_at"),
        vague=Count("outages", filter=Q(outages__earliest_at__lt=F("outages__latest_at"))),
        is_dark=Exists(members.filter(ended_at=None)),
        has_gasp=Exists(members.filter(is_announced=True)),
    )
    for values in rows.order_by("pk").values_list(*_IncidentRow._fields):
        row = _IncidentRow(*values)
        yield row.pk, row.group()


def sizes_of(companies: Iterable[int]) -> Counter[Place]:
    """How many concentrators of each place or carrier can go dark: those in field of which wake-ups are expected."""
    rows = Concentrator.objects.of_the_field().filter(
        company__in=companies, state=State.IN_FIELD, watch__period_min__isnull=False
    )
    sizes: Counter[Place] = Counter()
    counted = rows.order_by().values_list("company", "substation", "feeder", "carrier").annotate(size=Count("pk"))
    for company, substation, feeder, carrier, size in counted:
        for place in places_of(company, substation, feeder):
            sizes[place] += size
        if carrier:
            sizes[Place(company, carrier=carrier)] += size
    return sizes
