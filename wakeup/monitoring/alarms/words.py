"""What an alarm says: what happened where, what it means, and what to do (STA-9, UI-8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from wakeup.models import Alarm
from wakeup.models.alarms import AlarmKind, Priority

_MEANINGS: Mapping[AlarmKind, Any] = {
    AlarmKind.POWER: _l("Concentrators of this place lost their supply together."),
    AlarmKind.COMMUNICATION: _l("The messages of this place do not arrive, although it has power as far as is known."),
    AlarmKind.WIDE: _l("More incidents of one company at once than can be read one by one: this stands for all."),
    AlarmKind.CARRIER: _l("Nothing arrives through this carrier, while other ways are open."),
    AlarmKind.OUR_SIDE: _l("Messages cannot come in because of our own system: nothing is known of the field."),
    AlarmKind.UNDECIDED: _l("Concentrators of this place are silent, and nothing shows why."),
    AlarmKind.PLANNED_OVERRUN: _l("Planned work is over, and concentrators of its place have not come back."),
    AlarmKind.FLAPPING: _l("This place goes dark and comes back again and again: four times within an hour or more."),
    AlarmKind.NOT_DELIVERED: _l("What should be told has waited for more than half an hour."),
}
_NO_CANARY = _l("No canary reports, so nobody can tell whether silence is the field's fault or ours.")
_TO_DO: Mapping[AlarmKind, Any] = {
    AlarmKind.POWER: _l("Ask the grid's control room about this place, and take the incident over."),
    AlarmKind.COMMUNICATION: _l(
        "Look whether others of the same carrier are silent; if so call it, else send somebody."
    ),
    AlarmKind.WIDE: _l("Look at the list of incidents, the largest first, and call the grid's control room."),
    AlarmKind.CARRIER: _l("Call the carrier. Concentrators are judged again when it is back."),
    AlarmKind.OUR_SIDE: _l("Look at listeners, database and network now. Tell whoever relies on the figures."),
    AlarmKind.UNDECIDED: _l("Ask the control room and the carrier, then say the cause on the incident."),
    AlarmKind.PLANNED_OVERRUN: _l("Ask whoever works there. If they need longer, plan it; if not, it is an outage."),
    AlarmKind.FLAPPING: _l("Look for a loose contact, a recloser or a weak signal. It ends after a quiet hour."),
    AlarmKind.NOT_DELIVERED: _l("See on the page of deliveries why, and tell the receiver in another way meanwhile."),
}
_WATCH_CANARIES = _l("See why the canaries are silent, or set one up.")
_ENDINGS: Mapping[str, Any] = {
    "over": _l("it is over"),
    "merged": _l("its incident became part of another one"),
    "taken in": _l("one alarm stands for many incidents instead"),
    "flapping": _l("the place comes and goes: one alarm stands for all of it"),
    "planned": _l("it belongs to planned work"),
}
#: So that nobody has to tell them apart by colour.
SHAPES: Mapping[Priority, str] = {Priority.LOW: "●", Priority.MEDIUM: "◆", Priority.HIGH: "▲"}
COLOURS: Mapping[Priority, str] = {Priority.LOW: "secondary", Priority.MEDIUM: "warning", Priority.HIGH: "danger"}


def meaning_of(alarm: Alarm) -> str:
    if _is_verdict(alarm):
        return str(_NO_CANARY)
    said = str(_MEANINGS[AlarmKind(alarm.kind)])
    if alarm.kind == AlarmKind.NOT_DELIVERED and not alarm.facts.get("tries"):
        untried = _("Nothing was tried: the process that sends may not run.")
        return f"{said} {untried}"
    return said


def what_to_do(alarm: Alarm) -> str:
    return str(_WATCH_CANARIES if _is_verdict(alarm) else _TO_DO[AlarmKind(alarm.kind)])


def _is_verdict(alarm: Alarm) -> bool:
    return alarm.kind == AlarmKind.UNDECIDED and alarm.incident_id is None


def title_of(alarm: Alarm) -> str:
    """Kind and place; of one that is about no place the kind."""
    kind = str(AlarmKind(alarm.kind).label)
    words = f"{kind}: {alarm.place}" if alarm.place else kind
    return words[:1].upper() + words[1:]


def numbers_of(alarm: Alarm) -> str:
    """How large it is, as of the last pass: incidents and places, concentrators, customers, deliveries."""
    facts = alarm.facts
    parts = [
        _count(facts, "incidents", lambda n: ngettext("%(n)s incident", "%(n)s incidents", n)),
        _places(facts),
        _count(facts, "dark", lambda n: ngettext("%(n)s concentrator dark", "%(n)s concentrators dark", n)),
        _count(facts, "customers", lambda n: ngettext("%(n)s customer", "%(n)s customers", n)),
        _count(facts, "waiting", lambda n: ngettext("%(n)s delivery waits", "%(n)s deliveries wait", n)),
        str(facts.get("title", "")),
    ]
    return " · ".join(part for part in parts if part)


def _count(facts: Mapping[str, Any], name: str, words: Any) -> str:
    number = facts.get(name)
    return str(words(number)) % {"n": formats.number_format(number, force_grouping=True)} if number else ""


def _places(facts: Mapping[str, Any]) -> str:
    named = ", ".join(facts.get("places", ()))
    more = facts.get("more_places", 0)
    if not more:
        return named
    said = ngettext("%(places)s and %(n)d more", "%(places)s and %(n)d more", more)
    return said % {"places": named, "n": more}


def ended_because(alarm: Alarm) -> str:
    return str(_ENDINGS.get(alarm.facts.get("ended", ""), "")) if alarm.ended_at else ""


def changes_of_rank(alarm: Alarm) -> list[tuple[datetime, str]]:
    """When it became another kind of alarm, or more or less urgent, and what it was before."""
    return [(datetime.fromisoformat(note["at"]), _note_in_words(note)) for note in alarm.facts.get("notes", ())]


def _note_in_words(note: Mapping[str, Any]) -> str:
    words = {"kind": AlarmKind(note["kind"]).label, "before": Priority(note["priority"]).label}
    if note["priority"] == note["to"]:
        return _("was “%(kind)s”") % words
    words["after"] = Priority(note["to"]).label
    return _("was “%(kind)s”, priority %(before)s; now %(after)s") % words
