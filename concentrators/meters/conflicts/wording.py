"""Conflicts in words: what each kind means, why one is preferred, what was decided and what is to be done (MET-5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.utils import formats
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.models import ConflictKind, Decision, MeterConflict, Preference, Reopened

_MEANINGS: Final[Mapping[int, Any]] = {
    ConflictKind.LIVE: _l("Several concentrators hear it by turns."),
    ConflictKind.MOVED: _l("It has moved. What the other lists have of it is left over, and does no harm."),
    ConflictKind.STALE: _l("All other lists are of concentrators that have sent none for 7 days: no proof."),
    ConflictKind.FAILED: _l("No list has it active, and none has heard it for 7 days. Look for the meter."),
}
_REASONS: Final[Mapping[str, Any]] = {
    Preference.LIST: _l("the other concentrators have sent no list for 7 days"),
    Preference.STATE: _l("its state is better there"),
    Preference.AVAILABILITY: _l("it was available there for more of the last 7 days, by 5 points or more"),
    Preference.LEVEL: _l("fewer repeaters are on its way there"),
    Preference.LAST_SEEN: _l("it was heard there more than 24 hours later"),
    Preference.EXPECTED: _l("it is expected there"),
}
_REOPENED: Final[Mapping[str, Any]] = {
    Reopened.ANOTHER: _l("It waits for a decision again: another concentrator has listed the meter."),
    Reopened.FAILED: _l("It waits for a decision again: the meter has failed where it was to be kept."),
    Reopened.GONE: _l("It waits for a decision again: the meter is gone where it was to be kept."),
    Reopened.OVER: _l("It waits for a decision again: the time is over for which both were allowed."),
}


def meaning_of(conflict: MeterConflict) -> str:
    """What a conflict of its kind is, as a sentence or two."""
    said = [str(_MEANINGS[conflict.kind])]
    if is_urgent(conflict):
        said.append(_("Somebody has to decide where it belongs."))
    return " ".join(said)


def is_urgent(conflict: MeterConflict) -> bool:
    """Whether it waits for somebody: a live one about which nothing is decided."""
    return conflict.kind == ConflictKind.LIVE and not conflict.decision and conflict.closed_at is None


def preference_in_words(conflict: MeterConflict) -> str:
    """Where the meter seems to belong, and why. The preferred concentrator is loaded."""
    if conflict.preferred is None or conflict.reason not in _REASONS:
        return _("No recommendation: nothing speaks for one concentrator more than for another.")
    names = {"concentrator": conflict.preferred, "reason": _REASONS[conflict.reason]}
    return _("%(concentrator)s is preferred: %(reason)s.") % names


def decision_in_words(conflict: MeterConflict) -> str:
    """What was decided, and until when, without who and why; empty if nothing was. Its company is loaded."""
    match conflict.decision:
        case Decision.KEEP:
            return _("Keep it at %(concentrator)s.") % {"concentrator": conflict.keep_at or "—"}
        case Decision.ALLOWED:
            day = last_day_of(conflict)
            return _("Both are allowed until %(day)s.") % {"day": formats.date_format(day, "DATE_FORMAT")}
        case Decision.NONE:
            return _("This is not a conflict.")
    return ""


def last_day_of(conflict: MeterConflict) -> date:
    """The last day, by the clocks of the company, on which both are allowed."""
    until = conflict.allowed_until or conflict.opened_at
    return (until - timedelta(microseconds=1)).astimezone(conflict.company.zone).date()


def reopened_in_words(conflict: MeterConflict) -> str:
    """Why it waits for a decision again; empty if it does not."""
    return str(_REOPENED.get(conflict.reopened, ""))


def what_to_do(conflict: MeterConflict, listed_by: Collection[str]) -> str:
    """What somebody has to do in the field or at a concentrator; ``listed_by`` are the names of all that list it."""
    if conflict.closed_at is not None or conflict.decision in (Decision.ALLOWED, Decision.NONE):
        return ""
    where = conflict.keep_at if conflict.decision == Decision.KEEP else conflict.preferred
    is_clear = conflict.decision == Decision.KEEP or conflict.kind == ConflictKind.MOVED
    others = sorted(set(listed_by) - {str(where)})
    if not is_clear or where is None or not others:
        return ""
    said = _("Remove it at %(others)s (order B06). Nothing is sent from here: give the order where you manage them.")
    return said % {"others": ", ".join(others)}


def badge(conflict: MeterConflict) -> str:
    """Its kind. Colour is for what waits for somebody alone."""
    colour = "warning" if is_urgent(conflict) else "secondary"
    return format_html('<span class="badge text-bg-{}">{}</span>', colour, conflict.get_kind_display())


def state_in_words(conflict: MeterConflict) -> str:
    """Whether it is over, decided or waits."""
    if conflict.closed_at is not None:
        return _("over")
    return _("decided") if conflict.decision else _("waits for a decision")
