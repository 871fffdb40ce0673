"""What operators decide about a conflict (MET-5). Nothing is sent to any device: what is to be done there is theirs.

Each decision is one transaction, with a row of the history. It ends no conflict: lists do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from concentrators.meters.conflicts.rules import Held
from concentrators.meters.conflicts.settling import forget_decision, held_by_meter, settle
from concentrators.meters.storing import recount, tallied
from concentrators.models import Concentrator, Decision, Meter, MeterConflict, MeterState

#: What looks at the conflict as it is stored, which is locked, and at the concentrators that list its meter now. It may
#: raise ValidationError.
Check = Callable[[MeterConflict, Collection[int]], None]

#: A mistyped year would hide a conflict for ever.
LONGEST_ALLOWED: Final = timedelta(days=731)


class DecisionError(ValidationError):
    """Refused, and nothing was changed. Keyed by field where it is about one; the message is for the operator."""


def _unchecked(_stored: MeterConflict, _lists: Collection[int]) -> None:
    """What a decision checks beyond its own conditions, if its caller has nothing to compare."""


def keep_at(
    one: MeterConflict,
    concentrator: Concentrator,
    *,
    user: User,
    now: datetime,
    note: str = "",
    check: Check = _unchecked,
) -> MeterConflict:
    """Say that the meter belongs to ``concentrator``, which lists it, and so is to be removed from the others."""

    def fill(stored: MeterConflict, held: Collection[Held]) -> None:
        kept = next((row for row in held if row.concentrator == concentrator.pk), None)
        names = {"meter": stored.meter, "concentrator": concentrator}
        if kept is None:
            raise DecisionError({"keep_at": _("%(concentrator)s does not list %(meter)s.") % names})
        if kept.state == MeterState.PERMANENT_FAILURE:
            said = _("At %(concentrator)s %(meter)s is in permanent failure, so it cannot be kept there.")
            raise DecisionError({"keep_at": said % names})
        stored.decision, stored.keep_at = Decision.KEEP, concentrator

    return _decide(one, fill, user, now, note, check)


def allow_until(
    one: MeterConflict, until: datetime, *, user: User, now: datetime, note: str = "", check: Check = _unchecked
) -> MeterConflict:
    """Say that it is known that several concentrators hear the meter, and no matter until then."""

    def fill(stored: MeterConflict, _held: Collection[Held]) -> None:
        if until <= now:
            raise DecisionError({"allowed_until": _("This has to be in the future.")})
        if until > now + LONGEST_ALLOWED:
            raise DecisionError({"allowed_until": _("This is more than two years ahead.")})
        stored.decision, stored.allowed_until = Decision.ALLOWED, until

    return _decide(one, fill, user, now, note, check)


def not_a_conflict(
    one: MeterConflict, *, user: User, now: datetime, note: str = "", check: Check = _unchecked
) -> MeterConflict:
    """Say that these are different meters of the same name, for example."""

    def fill(stored: MeterConflict, _held: Collection[Held]) -> None:
        stored.decision = Decision.NONE

    return _decide(one, fill, user, now, note, check)


def withdraw(one: MeterConflict, *, user: User, now: datetime, check: Check = _unchecked) -> MeterConflict:
    """Take back what was decided, so that the conflict waits for somebody again."""
    with transaction.atomic():
        stored, held = _held(one)
        check(stored, [row.concentrator for row in held])
        if not stored.decision:
            raise DecisionError(_("Nothing is decided about it."), "not_decided")
        forget_decision(stored)
        return _store(stored, user, now)


def _decide(
    one: MeterConflict,
    fill: Callable[[MeterConflict, Collection[Held]], None],
    user: User,
    now: datetime,
    note: str,
    check: Check,
) -> MeterConflict:
    with transaction.atomic():
        stored, held = _held(one)
        lists = sorted(row.concentrator for row in held)
        check(stored, lists)
        forget_decision(stored)
        fill(stored, held)
        stored.decided_by, stored.decided_at, stored.decided_of = user, now, lists
        stored.note = _cleaned(note, stored)
        return _store(stored, user, now)


def _cleaned(note: str, stored: MeterConflict) -> str:
    try:
        return str(MeterConflict._meta.get_field("note").clean(note, stored))
    except ValidationError as error:
        raise DecisionError({"note": error.messages}) from error


def _held(one: MeterConflict) -> tuple[MeterConflict, list[Held]]:
    """``one`` as stored, and what lists say of its meter; both stay until the transaction ends.

    The meter is locked first, as by whoever settles. Raises DecisionError if the conflict is over.
    """
    meter = Meter.objects.select_for_update(no_key=True).get(pk=one.meter_id)
    stored = MeterConflict.objects.select_for_update(no_key=True, of=("self",)).get(pk=one.pk)
    held = held_by_meter({meter.pk: meter.expected_concentrator_id})[meter.pk]
    if stored.closed_at is not None or len(held) < 2:
        said = _("This conflict is over: fewer than two concentrators list %(meter)s now. Nothing was changed.")
        raise DecisionError(said % {"meter": meter}, "ended")
    stored.meter = meter
    return stored, held


def _store(conflict: MeterConflict, user: User, now: datetime) -> MeterConflict:
    """Store the decision with a row of the history (ACC-3), and let the meter count where it is to be kept."""
    conflict.reopened = ""
    conflict._history_user, conflict._history_date = user, now  # type: ignore[attr-defined] # noqa: SLF001 - simple-history reads
    conflict.save()
    with tallied([conflict.meter_id]):
        changed = settle([conflict.meter_id], now)
    recount(changed)
    conflict.refresh_from_db()
    return conflict
