"""What operators do to a roll-out: pause, resume, cancel it, retry what failed (CFG-4).

They change the roll-out; the writer lets its concentrators through or holds them back before it takes the next ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from concentrators.configuration.rollouts import NOT_WRITTEN
from concentrators.models import (
    Concentrator,
    Configuration,
    ConfigurationState,
    Outcome,
    RollOut,
    RollOutMember,
    RollOutState,
    State,
)
from concentrators.procedures.actions import install, make_available, modify
from concentrators.procedures.bulk import CHUNK, BulkChange
from concentrators.procedures.configurations import try_again
from concentrators.procedures.held import lock_profiles, locked
from smmeplus.common.chunks import in_chunks
from smmeplus.common.progress import Progress, no_progress

PAUSABLE: Final = (RollOutState.RUNNING,)
RESUMABLE: Final = (RollOutState.PAUSED, RollOutState.HALTED)
CANCELLABLE: Final = (RollOutState.RUNNING, RollOutState.PAUSED, RollOutState.HALTED)
RETRIABLE: Final = (*CANCELLABLE, RollOutState.DONE)
_FAILED_OR_SILENT: Final = (ConfigurationState.FAILED, ConfigurationState.WRITTEN, ConfigurationState.DRIFTED)
_NOT_THROUGH: Final = (Outcome.WAITING, Outcome.RELEASED, Outcome.FAILED)


class RollOutError(ValidationError):
    """The roll-out is in no state for that any more; the message is for the operator."""


def pause(one: RollOut, *, user: User | None, now: datetime) -> None:
    """No further write begins; those under way end, and their results are noted."""
    with transaction.atomic():
        stored = _held(one, PAUSABLE)
        _store(stored, RollOutState.PAUSED, user, now)


def resume(one: RollOut, *, user: User | None, now: datetime) -> None:
    """Go on, also with as many failures as there are: a roll-out that was halted is halted by further ones alone."""
    with transaction.atomic():
        stored = _held(one, RESUMABLE)
        failed = stored.members.filter(wave=stored.current_wave, outcome=Outcome.FAILED)
        stored.accepted_failures = failed.count()
        _store(stored, RollOutState.RUNNING, user, now)


def retry(one: RollOut, *, user: User | None, now: datetime) -> int:
    """Write again what failed, with all the tries of the procedure; return how many. What was halted goes on."""
    with transaction.atomic():
        stored = _held(one, RETRIABLE)
        mine = Configuration.objects.filter(roll_out=stored, state__in=_FAILED_OR_SILENT, confirmed_at=None)
        failed = stored.members.filter(outcome=Outcome.FAILED, concentrator__in=mine.values("pk"))
        if not failed.update(outcome=Outcome.RELEASED, since=now):
            raise RollOutError(
                _("None of those that failed can be tried again: later changes have overtaken them."), "overtaken"
            )
        released = stored.members.filter(outcome=Outcome.RELEASED, since=now).values("concentrator")
        number = try_again(mine.filter(pk__in=released), now)
        Configuration.objects.filter(roll_out=stored, pk__in=released).update(waits=True)  # until the writer looks
        stored.accepted_failures, stored.is_settled, stored.is_open = 0, False, False
        is_paused = stored.state == RollOutState.PAUSED
        _store(stored, RollOutState.PAUSED if is_paused else RollOutState.RUNNING, user, now)
    return number


def cancel(one: RollOut, *, user: User | None, now: datetime, progress: Progress = no_progress) -> int:
    """Put those back that are not written yet: to their former profile, or into the store; return how many.

    Those written stay as they are. It is paused first, so that no write begins meanwhile: if this fails, it is paused.
    """
    with transaction.atomic():
        stored = _held(one, CANCELLABLE)
        if stored.state == RollOutState.RUNNING:
            _store(stored, RollOutState.PAUSED, user, now)
    change = BulkChange(gettext_noop("cancellation of a roll-out"), user=user, now=now)
    with transaction.atomic():
        number = _put_back(one, change, progress)
        _store(_held(one, CANCELLABLE), RollOutState.CANCELLED, user, now, reason=change.reason)
    return number


def _put_back(one: RollOut, change: BulkChange, progress: Progress) -> int:
    members = one.members.filter(outcome__in=_NOT_THROUGH)
    lock_profiles(set(members.filter(former_profile__isnull=False).values_list("former_profile", flat=True)))
    everything = list(members.order_by("concentrator__serial_number").values_list("concentrator", flat=True))
    done = number = 0
    for keys in in_chunks(everything, CHUNK):
        list(locked(Concentrator.objects.filter(pk__in=keys)))
        number += _put_chunk_back(one, keys, change)
        done += len(keys)
        progress(done, len(everything))
    return number


def _put_chunk_back(one: RollOut, keys: Collection[int], change: BulkChange) -> int:
    """``keys`` are locked. What a later change has overtaken is no longer of this roll-out and stays as it is.

    So does what has lost its former profile, because somebody has deleted that; and nothing is written into it.
    """
    mine = Configuration.objects.filter(roll_out=one, state__in=NOT_WRITTEN, pk__in=keys)
    members = one.members.filter(outcome__in=_NOT_THROUGH, concentrator__in=list(mine.values_list("pk", flat=True)))
    groups = _by_former(members)
    members.update(outcome=Outcome.CANCELLED, since=change.now)
    for former, group in groups.items():
        Concentrator.objects.filter(pk__in=group).update(**_values(former, change.now))
    if put_back := [key for group in groups.values() for key in group]:
        change.record(Concentrator.objects.filter(pk__in=put_back))
        begin = one.procedure.next_begin(change.now, one.company.zone)
        Configuration.objects.filter(pk__in=put_back, next_try_at=change.now).update(next_try_at=begin)
    return len(put_back)


class _Former(NamedTuple):
    """The profile that a concentrator had; None if it was not in field. ``state`` is what it is in now."""

    profile: int | None
    state: str


def _by_former(members: QuerySet[RollOutMember]) -> Mapping[_Former, list[int]]:
    groups = defaultdict(list)
    rows = members.exclude(was_in_field=True, former_profile=None)
    for profile, state, key in rows.values_list("former_profile", "concentrator__state", "concentrator"):
        groups[_Former(profile, state)].append(key)
    return groups


def _values(former: _Former, now: datetime) -> Mapping[str, object]:
    """What the procedures set; the one that takes an installation back is none that an operator could choose."""
    if former.profile is None:
        return {**make_available.values(None, now), "profile_id": None}
    action = modify if former.state == State.IN_FIELD else install
    return action.values(former.profile, now)


def _held(one: RollOut, states: Collection[RollOutState]) -> RollOut:
    """``one`` as stored, locked until the transaction ends. Raises RollOutError if it is in none of ``states``."""
    rows = RollOut.objects.select_for_update(no_key=True, of=("self",)).select_related("procedure", "company")
    stored = rows.get(pk=one.pk)
    if stored.state not in states:
        state = RollOutState(stored.state).label
        raise RollOutError(
            _("%(roll_out)s is %(state)s; this can no longer be done.") % {"roll_out": stored, "state": state},
            "wrong_state",
        )
    return stored


def _store(one: RollOut, state: RollOutState, user: User | None, now: datetime, *, reason: str | None = None) -> None:
    """Store ``one``, now in ``state``, with a row of its history (ACC-3)."""
    one.state, one.since = state, now
    one._history_user, one._history_date = user, now  # type: ignore[attr-defined] # noqa: SLF001 - simple-history reads
    one._change_reason = reason  # type: ignore[attr-defined] # noqa: SLF001
    one.save()
