"""What the first page shows of the fleet: each figure leads to the list behind it (UI-2)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse

from concentrators.models import AnyUser, Company, Concentrator, RollOut, RollOutState, State, sees_all
from wakeup.models import ListenerRun, StatusChange, VerdictSpan
from wakeup.models.verdicts import Cause
from wakeup.monitoring.changes.tables import badge
from wakeup.monitoring.status.finding import of_status
from wakeup.monitoring.status.rules import WORST_FIRST, Status, Timing
from wakeup.monitoring.verdicts.wording import findings_in_words
from wakeup.pages.strays.tables import visible_strays

SHOWN = 10
_UNDER_WAY = (RollOutState.RUNNING, RollOutState.PAUSED, RollOutState.HALTED)


class StatusCount(NamedTuple):
    status: Status
    number: int

    @property
    def url(self) -> str:
        return f"{reverse('concentrators:list')}?{urlencode({'state': State.IN_FIELD, 'status': self.status})}"

    @property
    def is_wrong(self) -> bool:
        return self.number > 0 and self.status in (Status.UNREACHABLE, Status.LATE)


class Silent(NamedTuple):
    """A concentrator that is unreachable, since when, and when it was last heard."""

    serial_number: str
    place: str
    since: datetime | None
    heard_at: datetime | None


class Changed(NamedTuple):
    """A change of status, and both statuses in words."""

    change: StatusChange
    before: str
    after: str


def status_counts(user: AnyUser, now: datetime, timing: Timing) -> list[StatusCount]:
    """How many concentrators in field have each status; reachable are those that are nothing else."""
    in_field = Concentrator.objects.visible_to(user).of_the_field().filter(state=State.IN_FIELD)
    counts = {status: of_status(in_field, status, now, timing).count() for status in WORST_FIRST[:-1]}
    counts[Status.REACHABLE] = max(in_field.count() - sum(counts.values()), 0)
    return [StatusCount(status, counts[status]) for status in WORST_FIRST]


def newest_unreachable(user: AnyUser) -> list[Silent]:
    return _silent(_unreachable(user).order_by(F("watch__status_at").desc(), "pk"))


def longest_silent(user: AnyUser) -> list[Silent]:
    return _silent(_unreachable(user).order_by("watch__status_at", "pk"))


def latest_changes(user: AnyUser) -> list[Changed]:
    changes = StatusChange.objects.visible_to(user).filter(concentrator__is_canary=False)
    latest = changes.select_related("concentrator").order_by("-at", "-pk")[:SHOWN]
    return [Changed(one, badge(one.from_status), badge(one.to_status)) for one in latest]


def unknown_senders(user: AnyUser) -> int:
    return visible_strays(user).listed().count()


def open_roll_outs(user: AnyUser) -> list[tuple[str, int]]:
    """The states of roll-outs that are not over, in words, and how many have each."""
    rows = RollOut.objects.visible_to(user).filter(state__in=_UNDER_WAY).order_by("state").values_list("state")
    return [(str(RollOutState(state).label), number) for state, number in rows.annotate(number=Count("pk"))]


def listening(now: datetime) -> tuple[int, float]:
    """How many listeners run, and how many messages a second they take together."""
    rates = list(ListenerRun.objects.alive(now).values_list("messages_per_s", flat=True))
    return len(rates), sum(rates)


class ShownVerdict(NamedTuple):
    """A verdict; the evidence for it and against it in words, for those who see the whole fleet."""

    span: VerdictSpan
    evidence: list[str]
    against: list[str]


def verdicts(user: AnyUser) -> list[ShownVerdict]:
    """The one on all, then those on carriers of ``user`` where it is another one and all is not well."""
    spans = VerdictSpan.objects.filter(ended_at=None)
    wrong = ~Q(cause=Cause.OK)
    if not sees_all(user):
        mine = Concentrator.objects.filter(company__in=Company.objects.visible_to(user)).order_by()
        wrong &= Q(carrier__in=mine.values("carrier"))
    found = list(spans.filter(Q(carrier="") | wrong).order_by("carrier"))
    found = [span for span in found if not span.carrier or span.cause != found[0].cause]
    if not sees_all(user):
        return [ShownVerdict(span, [], []) for span in found]
    return [ShownVerdict(span, findings_in_words(span.evidence), findings_in_words(span.against)) for span in found]


def _unreachable(user: AnyUser) -> QuerySet[Concentrator]:
    """By what was last recorded, because an index has it in its order."""
    return Concentrator.objects.visible_to(user).of_the_field().filter(watch__status=Status.UNREACHABLE)


def _silent(rows: QuerySet[Concentrator]) -> list[Silent]:
    found = rows.values_list("serial_number", "substation", "watch__status_at", "total__last_wakeup_at")
    return [Silent(*row) for row in found[:SHOWN]]
