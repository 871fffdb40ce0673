"""The load that a change adds, as it is stated before somebody confirms it (CFG-4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet, Value
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from concentrators.models import Company, Concentrator, State
from concentrators.procedures.rolling import in_waves
from profiles.models import ProcedureProfile, SpontaneousProfile


class Group(NamedTuple):
    """So many concentrators whose profile stays or changes; periods in minutes, None where no wake-ups are sent."""

    number: int
    period_now: int | None
    period_after: int | None
    is_written: bool = True


class Load(NamedTuple):
    """Wake-ups a second of one company, and how many first wake-ups may come at the same time."""

    now: float
    after: float
    burst: int


def load_of(groups: Iterable[Group], sizes: Sequence[int | None]) -> Load:
    """The load of ``groups`` if it is written in waves of ``sizes``. Pure.

    A device that is written calls at once, so a wave that is released may call together.
    """
    groups = list(groups)
    calling = sum(group.number for group in groups if group.is_written and group.period_after)
    largest = max((len(part) for _wave, part in in_waves(sizes, 0, range(calling))), default=0)
    now = sum(group.number * _rate(group.period_now) for group in groups)
    return Load(now, sum(group.number * _rate(group.period_after) for group in groups), largest)


def _rate(period: int | None) -> float:
    return 1 / (60 * period) if period else 0.0


def groups_of(company: Company, chosen: QuerySet[Concentrator], profile: SpontaneousProfile | None) -> list[Group]:
    """Those of ``company``, of which ``chosen`` get ``profile``, or leave the field. By one query.

    Those who stay are counted as all less the chosen ones: asked for each whether it is among 400,000, PostgreSQL
    compares them one by one.
    """
    of_company = Concentrator.objects.filter(company=company)
    rows = _counted(of_company.filter(pk__in=chosen.values("pk")), is_chosen=True).union(
        _counted(of_company.filter(state=State.IN_FIELD), is_chosen=False), all=True
    )
    stay: Counter[tuple[int | None, int | None]] = Counter()
    groups = []
    after = period_of(profile)
    for is_chosen, state, key, is_enabled, period, number in rows:
        now = period if is_enabled else None
        if is_chosen:
            groups.append(Group(number, now, after, is_written=key != (profile and profile.pk)))
        if not is_chosen or state == State.IN_FIELD:
            stay[key, now] += -number if is_chosen else number
    return [*groups, *(Group(number, now, now, is_written=False) for (_key, now), number in stay.items())]


def _counted(concentrators: QuerySet[Concentrator], *, is_chosen: bool) -> QuerySet[Any, Any]:
    by = ("is_chosen", "state", "profile", "profile__wakeup_enabled", "profile__wakeup_period")
    marked = concentrators.order_by().annotate(is_chosen=Value(is_chosen))
    return marked.values_list(*by).annotate(number=Count("pk"))


def groups_of_moves(company: Company, moves: Iterable[Sequence[int | None]]) -> list[Group]:
    """Those of ``company`` if ``moves`` are made: key of the profile before, None if not in field; after; number."""
    in_field = Concentrator.objects.filter(state=State.IN_FIELD, company=company).order_by()
    numbers = Counter(dict(in_field.values_list("profile").annotate(n=Count("pk"))))
    periods = {profile.pk: period_of(profile) for profile in SpontaneousProfile.objects.all()}
    groups = []
    for before, after, number in moves:
        numbers[before] -= number or 0
        groups.append(Group(number or 0, periods.get(before or 0), periods.get(after or 0)))
    stay = [
        Group(number, periods.get(key), periods.get(key), is_written=False) for key, number in numbers.items() if key
    ]
    return [*groups, *stay]


def period_of(profile: SpontaneousProfile | None) -> int | None:
    return profile.wakeup_period if profile and profile.wakeup_enabled else None


def statement(load: Load) -> str:
    """In words, for the question."""
    rates = {"now": _shown(load.now), "after": _shown(load.after)}
    said = _("Wake-ups of this company: %(now)s → %(after)s messages a second.") % rates
    if not load.burst:
        return said
    burst = ngettext(
        "The largest burst: %(number)s first wake-up, as soon as it is written.",
        "The largest burst: %(number)s first wake-ups, as soon as a whole wave is written.",
        load.burst,
    )
    return f"{said} {burst % {'number': formats.number_format(load.burst, force_grouping=True)}}"


def _shown(rate: float) -> str:
    return str(formats.number_format(round(rate, 3), 3, force_grouping=True))  # by itself it would cut


def stated(
    company: Company | None,
    chosen: QuerySet[Concentrator],
    profile: SpontaneousProfile | None,
    procedure: ProcedureProfile,
) -> str:
    if company is None:
        return ""
    return statement(load_of(groups_of(company, chosen, profile), procedure.wave_sizes))
