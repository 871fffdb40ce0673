"""Installing concentrators, giving them another profile, taking them out of the field and back into the store.

CON-2 and CON-4. The one place that knows what a change of state means. Whatever changes concentrators in bulk
locks in one order, the company (files only), then the profiles by key, then the concentrators by serial number, so
that two operators wait for each other and never deadlock. The locks let foreign keys through: a listener that counts
the messages of a concentrator being installed does not wait.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import DateTimeField, IntegerField, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Concentrator, State
from concentrators.procedures.assignments import sync_assignments
from profiles.models import SpontaneousProfile
from smmeplus.common.chunks import in_chunks
from smmeplus.common.reporting import Progress, no_progress
from smmeplus.common.text import some_of

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

CHUNK = 2_000  # concentrators held in memory at a time


class InstallationError(ValidationError):
    """The action was refused as a whole and nothing was changed; the message is for the operator."""


class _Action(NamedTuple):
    word: str
    states: frozenset[State]
    refusal: StrPromise


_INSTALLATION = _Action(
    "installation",
    frozenset({State.AVAILABLE, State.REMOVED}),
    _l("In field already: %(serials)s. Give them another profile with “Concentrator modification”."),
)
_MODIFICATION = _Action(
    "modification",
    frozenset({State.IN_FIELD}),
    _l("Not in field: %(serials)s. Install them with “Concentrator installation”."),
)
_REMOVAL = _Action("removal", frozenset({State.IN_FIELD}), _l("Not in field: %(serials)s. Nothing to remove."))
_RETURN = _Action("return to store", frozenset({State.REMOVED}), _l("Not removed from the field: %(serials)s."))


def install(
    chosen: QuerySet[Concentrator],
    profile: SpontaneousProfile,
    *,
    user: User | None,
    now: datetime,
    report: Progress = no_progress,
) -> int:
    """Put every chosen concentrator, available or removed, into the field with ``profile``; return their number.

    All or none: if one is in field already (another operator was faster, say), raises InstallationError that
    names them. A choice that has become empty meanwhile installs 0.
    """
    values = in_field_values(State.AVAILABLE, profile.pk, now)
    audit = BulkAction(_INSTALLATION.word, user=user, now=now)
    return _with_profile(chosen, profile, _INSTALLATION, values, audit, report)


def modify(
    chosen: QuerySet[Concentrator],
    profile: SpontaneousProfile,
    *,
    user: User | None,
    now: datetime,
    report: Progress = no_progress,
) -> int:
    """Give every chosen concentrator, all in field, ``profile``; return how many had another one.

    All or none: raises InstallationError that names those that are not in field. The time of installation stays.
    """
    values = in_field_values(State.IN_FIELD, profile.pk, now)
    audit = BulkAction(_MODIFICATION.word, user=user, now=now)
    return _with_profile(chosen, profile, _MODIFICATION, values, audit, report)


def remove(chosen: QuerySet[Concentrator], *, user: User | None, now: datetime, report: Progress = no_progress) -> int:
    """Take every chosen concentrator, all in field, out of it; return their number.

    All or none: raises InstallationError that names those that are not in field. History, counters and the time
    of the last installation stay.
    """
    values = {"state": State.REMOVED, "profile_id": None}
    with transaction.atomic():
        return _change(chosen, _REMOVAL, values, BulkAction(_REMOVAL.word, user=user, now=now), report)


def make_available(chosen: QuerySet[Concentrator], *, user: User | None, now: datetime) -> int:
    """Offer every chosen concentrator, all removed, for installation again; return their number.

    All or none: raises InstallationError that names those that are not removed. The time of the last installation
    stays.
    """
    values = {"state": State.AVAILABLE}
    with transaction.atomic():
        return _change(chosen, _RETURN, values, BulkAction(_RETURN.word, user=user, now=now), no_progress)


def in_field_values(state: str, profile_id: int, now: datetime) -> dict[str, object]:
    """What being given a profile changes in a concentrator that is in ``state``, by attribute name.

    One that is in field already keeps its time of installation, from which silence is counted (STA-2).
    """
    if state == State.IN_FIELD:
        return {"profile_id": profile_id}
    return {"state": State.IN_FIELD, "profile_id": profile_id, "installed_at": now}


def lock_profiles(keys: Collection[int]) -> None:
    """Hold the profiles as they are until the transaction ends (PRO-6).

    Raises InstallationError when one of them has been deleted.
    """
    profiles = SpontaneousProfile.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    if len(profiles) < len(keys):
        raise InstallationError(_("The spontaneous profile has been deleted meanwhile; choose another one."))


def locked(concentrators: QuerySet[Concentrator]) -> QuerySet[Concentrator]:
    """``concentrators`` locked until the transaction ends, in the order that everybody keeps."""
    return concentrators.select_for_update(no_key=True, of=("self",)).order_by("serial_number")


class BulkAction:
    """Keeps down what one action made of concentrators: its audit rows, with one id (ACC-3), and assignments."""

    def __init__(self, word: str, *, user: User | None, now: datetime) -> None:
        self.user = user
        self.now = now
        self.reason = f"{word} {uuid.uuid4()}"

    def record(self, concentrators: QuerySet[Concentrator], *, created: bool = False) -> None:
        """Write down what ``concentrators`` are now, in one statement each: none of them comes to Python."""
        history = Concentrator.history.model
        copied = [field.attname for field in history.tracked_fields]
        said = {
            "history_date": Value(self.now, DateTimeField()),
            "history_user_id": Value(self.user and self.user.pk, IntegerField()),
            "history_change_reason": Value(self.reason),
            "history_type": Value("+" if created else "~"),
        }
        rows = concentrators.order_by("serial_number").values_list(*copied, *said.values())
        select, parameters = rows.query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {history._meta.db_table} ({', '.join([*copied, *said])}) {select}", parameters)
        sync_assignments(concentrators, self.now)


def _with_profile(
    chosen: QuerySet[Concentrator],
    profile: SpontaneousProfile,
    action: _Action,
    values: Mapping[str, object],
    audit: BulkAction,
    report: Progress,
) -> int:
    with transaction.atomic():
        lock_profiles([profile.pk])
        return _change(chosen, action, values, audit, report)


def _change(
    chosen: QuerySet[Concentrator],
    action: _Action,
    values: Mapping[str, object],
    audit: BulkAction,
    report: Progress,
) -> int:
    changed = done = 0
    everything = _keys(chosen)
    refused: list[str] = []
    for keys in in_chunks(everything, CHUNK):
        concentrators = list(locked(Concentrator.objects.filter(pk__in=keys)))
        refused += [one.serial_number for one in concentrators if one.state not in action.states]
        if not refused:
            changed += _set([one.pk for one in concentrators if _differs(one, values)], values, audit)
        done += len(keys)
        report(done, len(everything))
    if refused:
        raise InstallationError(action.refusal % {"serials": some_of(refused)})
    return changed


def _keys(chosen: QuerySet[Concentrator]) -> list[int]:
    """The keys of ``chosen``, taken once: a filter on the state or a slice would choose others after each chunk."""
    in_order = Concentrator.objects.filter(pk__in=chosen.values("pk")).order_by("serial_number")
    return list(in_order.values_list("pk", flat=True))


def _differs(concentrator: Concentrator, values: Mapping[str, object]) -> bool:
    return any(getattr(concentrator, name) != value for name, value in values.items())


def _set(keys: list[int], values: Mapping[str, object], audit: BulkAction) -> int:
    if not keys:
        return 0
    changing = Concentrator.objects.filter(pk__in=keys)
    changed = changing.update(**values)
    audit.record(changing)
    return changed
