"""Planned work is added, changed, cancelled, and its times are made (STA-8). All ways in lead through here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cached_property

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from concentrators.models import Company, Concentrator, PlannedScope, PlannedWindow, PlannedWork
from concentrators.planned.rules import LAST_YEAR, cleaned
from concentrators.planned.times import AHEAD, MOST_TIMES, Schedule, Time
from concentrators.procedures.planned import Place
from smmeplus.common.chunks import in_keys

LONGEST = timedelta(days=366)
LONGEST_BACK = timedelta(days=366)
#: A calendar keeps a series for years. Each of its times is computed from the first one on.
OLDEST_SERIES = timedelta(days=20 * 366)
#: A mistyped century would mute a place for ever.
LONGEST_AHEAD = timedelta(days=3653)


class PlannedError(ValidationError):
    """Refused, and nothing was changed. Keyed by field where it is about one."""


class OverError(PlannedError):
    """It would have no time that is still to come."""


class Names:
    """The substations and feeders of one company, as its inventory spells them. Loaded when first asked."""

    def __init__(self, company: Company) -> None:
        self.company = company

    def spelt(self, substation: str, feeder: str) -> tuple[str, str]:
        """Both as the inventory has them, if it does so in another case, and in one alone; else as they are."""
        return self._spelt(0, substation), self._spelt(1, feeder)

    def _spelt(self, place: int, name: str) -> str:
        found = self._by_letters[place].get(name.casefold(), {name})
        return next(iter(found)) if len(found) == 1 else name

    @cached_property
    def _by_letters(self) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        found: tuple[dict[str, set[str]], dict[str, set[str]]] = ({}, {})
        pairs = Concentrator.objects.filter(company=self.company).order_by().values_list("substation", "feeder")
        for pair in pairs.distinct():
            for names, name in zip(found, pair, strict=True):
                names.setdefault(name.casefold(), set()).add(name)
        return found


def place_of(work: PlannedWork) -> Place:
    return Place(work.company_id, work.scope, work.substation, work.feeder, work.concentrator_id)


def check(work: PlannedWork, now: datetime) -> list[Time]:
    """Tidy what is in ``work``; its times that are still to come.

    Raises PlannedError, keyed by field, with all that is wrong.
    """
    errors: dict[str, list[str]] = {}
    try:
        work.clean_fields(exclude=["company", "concentrator", "set_by"])
    except ValidationError as error:
        errors |= error.message_dict
    errors |= {name: [said] for name, said in _wrong_place(work).items() if name not in errors}
    if not errors.keys() & {"begin", "end"}:
        errors |= {name: [said] for name, said in _wrong_times(work, now).items() if said}
    errors |= _tidy_rule(work)
    if errors:
        raise PlannedError(errors)
    times = Schedule.of(work).times(now)
    if not times:
        raise OverError({"rule" if work.rule else "end": _none_to_come(work)})
    return times


def store(
    work: PlannedWork,
    *,
    user: User | None,
    now: datetime,
    is_fresh: Callable[[PlannedWork], None] = lambda _stored: None,
) -> list[Time]:
    """Add ``work`` or change it; its times that are still to come. What has begun keeps its past times.

    ``is_fresh`` gets what is stored, locked, and raises what refuses the change. A cancelled work is taken up again.
    Raises PlannedError as :func:`check`, and if the company has another work with its key.
    """
    with transaction.atomic():
        if work.pk:
            is_fresh(PlannedWork.objects.select_for_update().get(pk=work.pk))
        times = check(work, now)
        work.cancelled_at = None
        _save(work, user, now)
        _keep(work, times, now)
    return times


def cancel(work: PlannedWork, *, user: User | None, now: datetime) -> PlannedWork:
    """End ``work`` now: a time that lasts ends, and none comes any more. Raises PlannedError if there is none."""
    with transaction.atomic():
        stored = PlannedWork.objects.select_for_update().get(pk=work.pk)
        if stored.cancelled_at:
            raise PlannedError(_("“%(title)s” is cancelled already.") % {"title": stored}, "cancelled")
        if not stored.windows.filter(end__gt=now).exists():
            raise PlannedError(_("“%(title)s” is over already.") % {"title": stored}, "ended")
        stored.cancelled_at = now
        _save(stored, user, now)
        _keep(stored, [], now)
    return stored


def extend_windows(now: datetime) -> int:
    """Make the times of works that recur for so long as is planned ahead; how many are new.

    Idempotent, and several may do it at the same time: each work is locked.
    """
    recurring = PlannedWork.objects.filter(cancelled_at=None).exclude(rule="").annotate(last=Max("windows__begin"))
    due = recurring.filter(Q(last=None) | Q(last__lt=now + AHEAD)).order_by("pk").values_list("pk", flat=True)
    return sum(_extend(pk, now) for pk in list(due))


def _extend(pk: int, now: datetime) -> int:
    with transaction.atomic():
        locked = PlannedWork.objects.select_for_update(of=("self",)).select_related("company")
        work = locked.filter(pk=pk, cancelled_at=None).first()
        return _keep(work, Schedule.of(work).times(now), now) if work else 0


def _keep(work: PlannedWork, times: Iterable[Time], now: datetime) -> int:
    """Let the windows of ``work`` be ``times`` from ``now`` on; how many are new.

    One that lasts and is none of them ends now: darkness until then was planned.
    """
    wanted = dict(times)
    stored = {one.begin: one for one in work.windows.filter(Q(end__gt=now) | Q(begin__in=list(wanted)))}
    others = [one for begin, one in stored.items() if begin not in wanted]
    work.windows.filter(in_keys([one.pk for one in others if one.begin >= now])).delete()
    moved = [(one, wanted[begin]) for begin, one in stored.items() if begin in wanted and one.end != wanted[begin]]
    for one, end in [*moved, *((one, now) for one in others if one.begin < now)]:
        one.end = end
        one.save(update_fields=["end"])
    new = [PlannedWindow(work=work, begin=begin, end=end) for begin, end in wanted.items() if begin not in stored]
    PlannedWindow.objects.bulk_create(new, batch_size=MOST_TIMES)
    return len(new)


def _save(work: PlannedWork, user: User | None, now: datetime) -> None:
    """Store ``work`` with a row of its history by ``user`` at ``now`` (ACC-3)."""
    work._history_user = user  # type: ignore[attr-defined] # noqa: SLF001 - django-simple-history reads them
    work._history_date = now  # type: ignore[attr-defined] # noqa: SLF001
    try:
        with transaction.atomic():
            work.save()
    except IntegrityError as error:
        if not work.uid:
            raise
        raise PlannedError({"uid": _("Another work of this company has this key.")}) from error


def _wrong_place(work: PlannedWork) -> dict[str, str]:
    """What is missing of the place; what its scope does not name is emptied."""
    scope = work.scope
    if scope != PlannedScope.CONCENTRATOR:
        work.concentrator = None
    if scope != PlannedScope.FEEDER:
        work.feeder = ""
    if scope not in (PlannedScope.FEEDER, PlannedScope.SUBSTATION):
        work.substation = ""
    if scope == PlannedScope.CONCENTRATOR and work.concentrator is None:
        return {"concentrator": _("Name the concentrator.")}
    if scope == PlannedScope.FEEDER and not work.feeder:
        return {"feeder": _("Name the feeder.")}
    if scope == PlannedScope.SUBSTATION and not work.substation:
        return {"substation": _("Name the substation.")}
    return {}


def _wrong_times(work: PlannedWork, now: datetime) -> dict[str, str]:
    if work.end <= work.begin:
        return {"end": _("The end has to be after the beginning.")}
    oldest = OLDEST_SERIES if work.rule or work.added else LONGEST_BACK
    return {
        "begin": _wrong_begin(work, now, oldest),
        "end": _("A time of planned work lasts a year at most.") if work.end - work.begin > LONGEST else "",
    }


def _wrong_begin(work: PlannedWork, now: datetime, oldest: timedelta) -> str:
    if work.begin < now - oldest:
        return _("This is more than %(n)d days back.") % {"n": oldest.days}
    if work.begin > now + LONGEST_AHEAD or work.begin.year > LAST_YEAR:
        return _("This is more than ten years ahead.")
    return ""


def _tidy_rule(work: PlannedWork) -> dict[str, list[str]]:
    if not work.rule:
        return {}
    try:
        work.rule = cleaned(work.rule)
    except ValidationError as error:
        return {"rule": error.messages}
    return {}


def _none_to_come(work: PlannedWork) -> str:
    return _("By this rule no time is to come.") if work.rule else _("The end has to be in the future.")
