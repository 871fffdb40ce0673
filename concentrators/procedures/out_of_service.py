"""Times out of service that operators set (STA-1), and all the rules about them.

While a concentrator is out of service no wake-up is expected from it. A time out of service includes its beginning but
not its end. Two of the same concentrator may touch but never overlap, so that no time counts twice. None is ever
deleted: if it is cancelled before it begins, its end is set to its beginning, and its history shows who did it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import formats
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from concentrators.models import Concentrator, OutOfService, State
from concentrators.procedures.held import locked
from concentrators.procedures.watches import note_outs

LONGEST_BACK = timedelta(days=365)
#: A mistyped century would otherwise silence a concentrator for ever.
LONGEST_AHEAD = timedelta(days=3653)
REASON_LENGTH = 200
REASON_SHOWN = 80


class OutOfServiceError(ValidationError):
    """Refused, and nothing was changed. The messages are for the operator, keyed by the value that they are about."""


def set_out_of_service(
    concentrator: Concentrator, *, begin: datetime | None, end: datetime, reason: str, user: User | None, now: datetime
) -> OutOfService:
    """Take ``concentrator`` out of service from ``begin`` (aware; None: ``now``) until ``end``.

    Raises OutOfServiceError if it is not in field, if the times or the reason are wrong, or if it is already out of
    service during part of that time.
    """
    begin, end, reason = _in_utc(begin or now), _in_utc(end), reason.strip()
    _check(begin, end, reason, now)
    with transaction.atomic():
        one = _locked(concentrator)
        if one.state != State.IN_FIELD:
            said = _("%(serial)s is not in field: nothing is expected of it.")
            raise OutOfServiceError(said % {"serial": one}, "not_in_field")
        _check_alone(one, begin, end)
        return _stored(
            OutOfService(concentrator=one, begin=begin, end=end, set_at=now, reason=reason, set_by=user), user, now
        )


def end_early(out: OutOfService, *, user: User | None, now: datetime) -> OutOfService:
    """Put its concentrator back in service: end ``out`` at ``now``, or cancel it if it has not begun.

    Raises OutOfServiceError if it is over already, for example because another operator has ended it.
    """
    with transaction.atomic():
        one = _locked(out.concentrator)
        stored = one.outs_of_service.get(pk=out.pk)
        if stored.end <= max(now, stored.begin):
            said = _("This time out of service of %(serial)s is over already.")
            raise OutOfServiceError(said % {"serial": one}, "ended")
        stored.end = max(now, stored.begin)
        return _stored(stored, user, now)


def in_zone(typed: datetime, concentrator: Concentrator) -> datetime:
    """``typed`` in UTC, by the clocks at the concentrator. Raises OutOfServiceError as :func:`by_clocks`."""
    return by_clocks(typed, concentrator.zone)


def by_clocks(typed: datetime, zone: tzinfo) -> datetime:
    """``typed`` in UTC: read in ``zone`` if it has no zone of its own.

    Raises OutOfServiceError for a time that does not exist because clocks go forward, or that exists twice because
    they go back: it is unclear which one was meant, and an hour may matter.
    """
    if typed.tzinfo is not None:
        return _in_utc(typed)
    first, second = (typed.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    before, after = first.utcoffset(), second.utcoffset()
    assert before is not None  # noqa: S101 - they have a zone
    assert after is not None  # noqa: S101
    if before > after:
        raise OutOfServiceError(_("This time comes twice, because clocks are put back then; choose another one."))
    if before < after:
        raise OutOfServiceError(_("This time does not exist, because clocks are put forward then; choose another one."))
    return _in_utc(first)


def _in_utc(at: datetime) -> datetime:
    """Python compares two times of one zone by the wall clock, which is an hour wrong when the clocks change."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise OutOfServiceError(_("This time is too far away.")) from None


def _check(begin: datetime, end: datetime, reason: str, now: datetime) -> None:
    """Refuse what needs no look at other times out of service; report all errors at once."""
    errors = {
        "reason": _wrong_reason(reason),
        "begin": _("This is more than a year back.") if begin < now - LONGEST_BACK else "",
        "end": _wrong_end(begin, end, now),
    }
    found = {name: message for name, message in errors.items() if message}
    if found:
        raise OutOfServiceError(found)


def _wrong_reason(reason: str) -> str:
    if not reason:
        return _("Say why.")
    if len(reason) > REASON_LENGTH:
        return _("A reason has at most %(n)d characters.") % {"n": REASON_LENGTH}
    return ""


def _wrong_end(begin: datetime, end: datetime, now: datetime) -> str:
    if end <= begin:
        return _("The end has to be after the beginning.")
    if end <= now:
        return _("The end has to be in the future.")
    if end > now + LONGEST_AHEAD:
        return _("This is more than ten years ahead.")
    return ""


def shortened(reason: str) -> str:
    """``reason`` where it stands within a sentence. It is shown in full in the list of times out of service."""
    return Truncator(reason).chars(REASON_SHOWN)


def _locked(concentrator: Concentrator) -> Concentrator:
    """The concentrator as it is now, locked with its times out of service until the transaction ends."""
    return locked(Concentrator.objects.filter(pk=concentrator.pk)).get()


def _check_alone(one: Concentrator, begin: datetime, end: datetime) -> None:
    """Refuse a time that overlaps another one of the same concentrator, unless that one was cancelled."""
    other = one.outs_of_service.filter(begin__lt=end, end__gt=begin).exclude(end=F("begin")).first()
    if other is None:
        return
    zone = one.zone
    first, last = (formats.date_format(at.astimezone(zone), "DATETIME_FORMAT") for at in (other.begin, other.end))
    said = _("It is out of service already from %(begin)s to %(end)s: %(reason)s")
    words = {"begin": first, "end": last, "reason": shortened(other.reason)}
    raise OutOfServiceError(said % words, "out_of_service")


def _stored(out: OutOfService, user: User | None, now: datetime) -> OutOfService:
    """Store ``out`` with a row of its history by ``user`` at ``now`` (ACC-3), and tell the watch."""
    out._history_user = user  # type: ignore[attr-defined] # noqa: SLF001 - django-simple-history reads them
    out._history_date = now  # type: ignore[attr-defined] # noqa: SLF001
    out.save()
    note_outs(out.concentrator_id, now)
    return out
