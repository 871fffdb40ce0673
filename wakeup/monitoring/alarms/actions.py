"""What people do about alarms: acknowledge, shelve, say whether they were real (STA-9)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from wakeup.models import Alarm
from wakeup.monitoring.alarms.states import is_shelved

#: Nobody shelves over the next shift but one.
LONGEST_SHELVED: Final = timedelta(hours=24)
REASON_LENGTH: Final = 200


class AlarmError(ValidationError):
    """This cannot be done with the alarm as it is now; the message is for the operator."""


def acknowledge(alarm: Alarm, *, user: User, now: datetime) -> Alarm:
    """Say that somebody sees to it. Whoever comes second is told who was first."""
    with transaction.atomic():
        stored = _held_open(alarm)
        if stored.acknowledged_at is not None:
            who = {"user": stored.acknowledged_by or "—"}
            raise AlarmError(_("%(user)s has acknowledged it already.") % who, "acknowledged")
        return _store(stored, user, now, acknowledged_at=now, acknowledged_by=user)


def shelve(alarm: Alarm, *, until: datetime, reason: str, user: User, now: datetime) -> Alarm:
    """Take it out of the list until ``until``; one that is shelved already is shelved anew."""
    if not now < until <= now + LONGEST_SHELVED:
        raise AlarmError(_("An alarm is shelved for 24 hours at most, and until a time that is to come."), "wrong_time")
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= REASON_LENGTH:
        raise AlarmError(_("Say why, in up to %(most)d characters.") % {"most": REASON_LENGTH}, "no_reason")
    with transaction.atomic():
        stored = _held_open(alarm)
        return _store(stored, user, now, shelved_until=until, shelved_by=user, shelved_reason=reason)


def unshelve(alarm: Alarm, *, user: User, now: datetime) -> Alarm:
    with transaction.atomic():
        stored = _held_open(alarm)
        if not is_shelved(stored, now):
            raise AlarmError(_("It is not shelved any more."), "not_shelved")
        return _store(stored, user, now, shelved_until=None, shelved_by=None, shelved_reason="")


def judge(alarm: Alarm, *, is_false: bool, user: User, now: datetime) -> Alarm:
    """Say whether there was something to act on, also when it has ended: the last word counts."""
    with transaction.atomic():
        return _store(_held(alarm), user, now, is_false=is_false)


def _held(alarm: Alarm) -> Alarm:
    """``alarm`` as stored, locked until the transaction ends."""
    rows = Alarm.objects.select_for_update(no_key=True, of=("self",)).select_related("acknowledged_by")
    return rows.get(pk=alarm.pk)


def _held_open(alarm: Alarm) -> Alarm:
    stored = _held(alarm)
    if stored.ended_at is not None:
        raise AlarmError(_("The alarm has ended meanwhile: there is nothing left to do."), "ended")
    return stored


def _store(alarm: Alarm, user: User, now: datetime, **values: Any) -> Alarm:
    """Store ``values`` with a row of the history (ACC-3)."""
    for name, value in values.items():
        setattr(alarm, name, value)
    alarm._history_user, alarm._history_date = user, now  # type: ignore[attr-defined] # noqa: SLF001 - simple-history
    alarm.save(update_fields=list(values))
    return alarm
