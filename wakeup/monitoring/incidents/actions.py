"""What operators do to incidents (STA-5): each action is one transaction, with a line in the timeline and in the audit.

The product follows outages at the same time. Whoever changes incidents or their members holds the desk meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import formats
from django.utils.translation import gettext as _

from smmeplus.common.chunks import in_chunks, in_keys
from wakeup.locks import hold_desk
from wakeup.models import CauseClass, Incident, IncidentNote, NoteKind, Outage
from wakeup.monitoring.incidents.membership import copy_for, count_again, move_outages
from wakeup.monitoring.incidents.states import title_of

#: What looks at the incident as it is stored, which is locked. It may raise ValidationError.
Check = Callable[[Incident], None]

_AT_ONCE: Final = 5_000


class IncidentError(ValidationError):
    """The incident is in no state for that any more; the message is for the operator."""


def _unchecked(_stored: Incident) -> None:
    """What an action checks beyond its own conditions, if its caller has nothing to compare."""


def acknowledge(one: Incident, *, user: User, now: datetime) -> Incident:
    """Say that somebody looks after it, and be its owner. Raises IncidentError if it was acknowledged before."""
    with transaction.atomic():
        stored = _held(one)
        if stored.acknowledged_at is not None:
            at = formats.date_format(stored.acknowledged_at, "DATETIME_FORMAT")
            said = _("It was acknowledged at %(at)s UTC, and its owner is %(owner)s. Nothing was changed.")
            raise IncidentError(said % {"at": at, "owner": stored.owner or "—"}, "acknowledged")
        stored.acknowledged_at, stored.owner = now, user
        _store(stored, user, now, "acknowledged_at", "owner")
        _note(stored, NoteKind.ACKNOWLEDGED, user, now)
    return stored


def hand_over(one: Incident, owner: User, *, user: User, now: datetime, check: Check = _unchecked) -> Incident:
    """Make ``owner`` the one who looks after it; so it is acknowledged, too."""
    with transaction.atomic():
        stored = _held(one)
        check(stored)
        before, stored.owner = stored.owner, owner
        stored.acknowledged_at = stored.acknowledged_at or now
        if before == owner:
            raise IncidentError(_("%(owner)s is the owner already.") % {"owner": owner}, "owner_already")
        _store(stored, user, now, "acknowledged_at", "owner")
        facts = {"from": before.get_username() if before else "", "to": owner.get_username()}
        _note(stored, NoteKind.OWNER, user, now, facts=facts)
    return stored


def reclass(
    one: Incident, cause: str, reason: str, *, user: User, now: datetime, check: Check = _unchecked
) -> Incident:
    """Say what caused it, and why; its outages have that cause, too, and evidence does not change it any more."""
    with transaction.atomic():
        stored = _held(one)
        check(stored)
        before, stored.cause, stored.is_cause_said = stored.cause, CauseClass(cause).value, True
        _store(stored, user, now, "cause", "is_cause_said")
        Outage.objects.filter(incident=stored).exclude(cause=stored.cause).update(cause=stored.cause)
        _note(stored, NoteKind.CAUSE, user, now, text=reason, facts={"from": before, "to": stored.cause})
    return stored


def comment(one: Incident, text: str, *, user: User, now: datetime) -> None:
    _note(one, NoteKind.COMMENT, user, now, text=text)


def merge(one: Incident, into: Incident, *, user: User, now: datetime) -> Incident:
    """Make ``one`` a part of ``into``, which gets its outages. Both have to be open, and of one company."""
    with transaction.atomic():
        stored, target = _held(one), _held(into)
        _refuse_to_merge(stored, target)
        number = move_outages(Outage.objects.filter(incident=stored), target)
        target.size = _size_of_both(stored, target)
        target.began_at = min(stored.began_at, target.began_at)
        target.window_from = min(stored.window_from, target.window_from)
        target.window_until = max(stored.window_until, target.window_until)
        Incident.objects.filter(merged_into=stored).update(merged_into=target)
        stored.merged_into, stored.dark = target, 0
        _store(stored, user, now, "merged_into", "dark")
        _count_again(target, now)
        _note(stored, NoteKind.MERGED, user, now, facts={"into": target.pk})
        _note(target, NoteKind.ABSORBED, user, now, facts={"incident": stored.pk, "concentrators": number})
    return target


def _refuse_to_merge(stored: Incident, target: Incident) -> None:
    if stored.pk == target.pk:
        raise IncidentError(_("An incident cannot be a part of itself."), "same_incident")
    if stored.company_id != target.company_id:
        raise IncidentError(_("Only incidents of one company can be merged."), "other_company")
    for incident in (stored, target):
        if incident.ended_at is not None:
            raise IncidentError(_("“%(incident)s” has ended meanwhile.") % {"incident": title_of(incident)}, "ended")


def _size_of_both(stored: Incident, target: Incident) -> int:
    """Two places of one kind lie beside each other; of two kinds the narrower one usually lies in the other."""
    return stored.size + target.size if stored.scope == target.scope else max(stored.size, target.size)


def split(one: Incident, chosen: QuerySet[Outage], *, user: User, now: datetime, expected: int = 0) -> Incident:
    """Make an incident of its own of the ``chosen`` outages of ``one``, and return it; it belongs to ``user``.

    ``expected`` is how many the operator saw; if it is another number now, or none or all are left, IncidentError.
    """
    with transaction.atomic():
        stored = _held(one)
        keys = list(chosen.filter(incident=stored).order_by().values_list("pk", flat=True).distinct())
        _refuse_to_split(stored, len(keys), expected)
        made = copy_for(stored, keys, now)
        made.owner = user
        _add(made, user, now)
        for some in in_chunks(keys, _AT_ONCE):
            Outage.objects.filter(in_keys(some)).update(incident=made)
        for incident in (made, stored):
            _count_again(incident, now)
        _note(made, NoteKind.SPLIT, user, now, facts={"from": stored.pk, "concentrators": len(keys)})
        _note(stored, NoteKind.SPLIT, user, now, facts={"into": made.pk, "concentrators": len(keys)})
    return made


def _refuse_to_split(stored: Incident, number: int, expected: int) -> None:
    if expected and number != expected:
        raise IncidentError(
            _("What you chose has changed meanwhile, so nothing was done. Look once more."), "changed_meanwhile"
        )
    if not number:
        raise IncidentError(_("None of these belongs to the incident any more."), "not_in_incident")
    if number == Outage.objects.filter(incident=stored).count():
        raise IncidentError(
            _("Leave at least one in the incident: to split all of them off changes nothing."), "all_of_incident"
        )


def _count_again(incident: Incident, now: datetime) -> None:
    """Store what follows from its members, and all else that was set; what is left may have ended before.

    Without a row of its history, which shows none of that: the timeline tells who did it.
    """
    was_open = incident.ended_at is None
    count_again(incident)
    incident.skip_history_when_saving = True  # type: ignore[attr-defined] # simple-history reads it
    incident.save()
    if was_open and incident.ended_at is not None:
        _note(incident, NoteKind.ENDED, None, now, facts={"at": incident.ended_at.isoformat()})


def _held(one: Incident) -> Incident:
    """``one`` as stored, locked until the transaction ends. Raises IncidentError if it is a part of another."""
    hold_desk()
    rows = Incident.objects.select_for_update(no_key=True, of=("self",)).select_related("company", "owner")
    stored = rows.get(pk=one.pk)
    if stored.merged_into_id is not None:
        said = _("It has become a part of incident %(number)s meanwhile. Act on that one.")
        raise IncidentError(said % {"number": stored.merged_into_id}, "merged")
    return stored


def _store(incident: Incident, user: User, now: datetime, *names: str) -> None:
    """Store the fields ``names`` of ``incident``, with a row of its history (ACC-3)."""
    incident._history_user, incident._history_date = user, now  # type: ignore[attr-defined] # noqa: SLF001 - simple-history reads
    incident.save(update_fields=names)


def _add(incident: Incident, user: User, now: datetime) -> None:
    incident._history_user, incident._history_date = user, now  # type: ignore[attr-defined] # noqa: SLF001 - as above
    incident.save(force_insert=True)


def _note(
    incident: Incident,
    kind: NoteKind,
    user: User | None,
    now: datetime,
    *,
    text: str = "",
    facts: dict[str, Any] | None = None,
) -> None:
    IncidentNote.objects.create(incident=incident, at=now, kind=kind, user=user, text=text, facts=facts or {})
