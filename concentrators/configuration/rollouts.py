"""Leads roll-outs from wave to wave, and lets their members through to the writer or holds them back (CFG-4).

Each pass looks at what is stored and brings it a step nearer to what it shall be. So a pass that was killed, or passed
over a row that somebody else was changing, is made up for by the next one, of whichever writer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from concentrators.models import Configuration, ConfigurationState, Outcome, RollOut, RollOutMember, RollOutState
from profiles.procedures.models import GRACE

#: Let through in one pass: enough for a minute of writing, and a statement of less than a second.
MOST_LET_THROUGH: Final = 20_000
#: Not written yet: what a roll-out that is stopped holds back.
NOT_WRITTEN: Final = (ConfigurationState.PENDING, ConfigurationState.WRITING, ConfigurationState.FAILED)
_CHANGED_BY_STEPS: Final = ("state", "since", "is_settled", "is_open", *("current_wave", "accepted_failures"))
_MINUTE: Final = Value(timedelta(minutes=1))


class Step(Enum):
    NONE = "none"
    RELEASE = "release"  # the next wave
    HALT = "halt"
    DONE = "done"


class Counts(NamedTuple):
    """``unsettled`` of all waves so far; the others of the current wave alone."""

    unsettled: int = 0
    size: int = 0
    failed: int = 0


def next_step(counts: Counts, halt_percent: int | None, accepted: int, *, has_next: bool) -> Step:
    """What a running roll-out does next. Pure.

    Failures are compared with the whole wave, and not with the results that are in: refusals come within seconds,
    confirmations after a period. One refusal of the first second would be 100 % of all results. It halts as soon as no
    further result can bring the share down again. ``accepted`` failures do not count.
    """
    if halt_percent is not None and (counts.failed - accepted) * 100 > halt_percent * counts.size:
        return Step.HALT
    if counts.unsettled:
        return Step.NONE
    return Step.RELEASE if has_next else Step.DONE


def advance(now: datetime) -> bool:
    """Note results, and go on to the next waves; whether anything has changed. Any number of writers may call it."""
    watched = list(RollOut.objects.filter(is_settled=False).values_list("pk", flat=True))
    if not watched:
        return False
    with transaction.atomic():
        has_settled = _settle(watched, now) > 0
    return _take_steps(watched, now) or has_settled


def open_and_close(now: datetime) -> None:
    """Let the members of released waves through to the writer, or hold them back: to be called before it takes any."""
    wrong = [
        one.pk
        for one in RollOut.objects.filter(is_settled=False).select_related("procedure", "company")
        if one.is_open != shall_be_open(one, now)
    ]
    for key in wrong:
        with transaction.atomic():
            one = RollOut.objects.select_for_update(no_key=True, of=("self",)).select_related("procedure", "company")
            _open_or_close(one.get(pk=key), now)


def shall_be_open(one: RollOut, now: datetime) -> bool:
    return one.state == RollOutState.RUNNING and one.procedure.may_begin(now, one.company.zone)


def _open_or_close(one: RollOut, now: datetime) -> None:
    """All at once to close, for the hour has struck; a part at a time to open."""
    mine = Configuration.objects.filter(roll_out=one)
    is_open = shall_be_open(one, now)
    if is_open:
        begun = one.members.filter(wave__lte=one.current_wave)
        left = mine.filter(waits=True, pk__in=begun.values("concentrator"))
        mine.filter(pk__in=_free(left)[:MOST_LET_THROUGH]).update(waits=False)
    else:
        left = mine.filter(waits=False, state__in=NOT_WRITTEN)
        mine.filter(pk__in=_free(left)).update(waits=True)
    if one.is_open != is_open and not left.exists():
        RollOut.objects.filter(pk=one.pk).update(is_open=is_open)


def _settle(watched: Iterable[int], now: datetime) -> int:
    members = RollOutMember.objects.filter(roll_out__in=watched)
    begun = RollOut.objects.filter(
        pk=OuterRef("roll_out"), current_wave__gte=OuterRef("wave"), state=RollOutState.RUNNING
    )
    mine = Configuration.objects.filter(pk=OuterRef("concentrator"), roll_out=OuterRef("roll_out"))
    return (
        _note(members.filter(Exists(begun), outcome=Outcome.WAITING), Outcome.RELEASED, now)
        + _note(members.filter(Exists(mine.filter(_HAS_SUCCEEDED)), outcome__in=_MAY_SUCCEED), Outcome.CONFIRMED, now)
        + _note(members.filter(Exists(mine.filter(_has_failed(now))), outcome=Outcome.RELEASED), Outcome.FAILED, now)
    )


_MAY_SUCCEED: Final = (Outcome.RELEASED, Outcome.FAILED)
_SENDS_NOTHING: Final = Q(disables=True) | Q(profile__wakeup_enabled=False)
_HAS_SUCCEEDED: Final = Q(confirmed_at__isnull=False) | _SENDS_NOTHING & Q(state=ConfigurationState.WRITTEN)


def _has_failed(now: datetime) -> Q:
    """Its tries are used up, or it was written and did not call in time, or does not hold what was written."""
    procedure = "roll_out__procedure__"
    within = Coalesce(
        Cast(f"{procedure}first_wakeup_within_min", IntegerField()),
        Cast("profile__wakeup_period", IntegerField()) + int(GRACE / timedelta(minutes=1)),
    )
    time = ExpressionWrapper(within * _MINUTE, DurationField())
    latest = ExpressionWrapper(Value(now, DateTimeField()) - time, DateTimeField())
    return (
        Q(state=ConfigurationState.FAILED, failures__gte=F(f"{procedure}tries"))
        | Q(state=ConfigurationState.DRIFTED, confirmed_at=None)
        | Q(state=ConfigurationState.WRITTEN, disables=False, profile__wakeup_enabled=True) & Q(written_at__lt=latest)
    )


def _note(members: QuerySet[RollOutMember], outcome: Outcome, now: datetime) -> int:
    """Those that somebody else is changing just now have their turn in the next pass."""
    return RollOutMember.objects.filter(pk__in=_free(members)).update(outcome=outcome, since=now)


def _take_steps(watched: Iterable[int], now: datetime) -> bool:
    """Under a lock of the roll-outs, so that of several writers one alone takes each step."""
    with transaction.atomic():
        free = RollOut.objects.filter(pk__in=watched, is_settled=False).order_by("pk")
        ones = list(free.select_for_update(skip_locked=True, no_key=True, of=("self",)).select_related("procedure"))
        counts = _counts(ones)
        changed = [one for one in ones if _stepped(one, counts.get(one.pk, Counts()), now)]
        RollOut.objects.bulk_update(changed, [*_CHANGED_BY_STEPS, "halted_by", "halted_of"])
        in_other_states = [one for one in changed if one.since == now]
        RollOut.history.bulk_history_create(in_other_states, update=True, default_date=now)
    return bool(changed)


def _counts(ones: Iterable[RollOut]) -> Mapping[int, Counts]:
    current = {one.pk: one.current_wave for one in ones}
    rows = RollOutMember.objects.filter(roll_out__in=current).order_by().values_list("roll_out", "wave", "outcome")
    counts: defaultdict[int, Counts] = defaultdict(Counts)
    for key, wave, outcome, number in rows.annotate(n=Count("pk")):
        found, is_current = counts[key], wave == current[key]
        is_unsettled = outcome == Outcome.RELEASED or (outcome == Outcome.WAITING and wave <= current[key])
        has_result = is_unsettled or outcome in (Outcome.CONFIRMED, Outcome.FAILED)
        counts[key] = Counts(
            found.unsettled + number * is_unsettled,
            found.size + number * (is_current and has_result),
            found.failed + number * (is_current and outcome == Outcome.FAILED),
        )
    return counts


def _stepped(one: RollOut, counts: Counts, now: datetime) -> bool:
    """Change ``one``, which is not stored here; whether it was."""
    if one.state == RollOutState.CANCELLED:
        one.is_settled = not counts.unsettled
        return one.is_settled
    if one.state != RollOutState.RUNNING:
        return False
    has_next = one.current_wave < one.waves
    step = next_step(counts, one.procedure.halt_percent, one.accepted_failures, has_next=has_next)
    if step is Step.RELEASE:
        one.current_wave, one.accepted_failures, one.is_open = one.current_wave + 1, 0, False
    elif step is Step.HALT:
        one.state, one.since = RollOutState.HALTED, now
        one.halted_by, one.halted_of = counts.failed, counts.size
    elif step is Step.DONE:
        one.state, one.since, one.is_settled = RollOutState.DONE, now, True
    return step is not Step.NONE


def _free(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_for_update(skip_locked=True, of=("self",)).values("pk")
