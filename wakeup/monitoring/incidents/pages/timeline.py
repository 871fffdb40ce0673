"""The timeline of an incident in words: what the product found, and what people did and said (STA-5).

The facts of a note, all optional, by kind: ``opened``, ``grew``, ``widened`` and ``reopened`` have ``concentrators``,
how many; ``widened`` has also what the place was before, as ``scope``, ``substation``, ``feeder`` and ``carrier``;
``absorbed`` has ``incident`` and its place; ``merged`` has ``into``; ``split`` has ``from`` or ``into``, and
``concentrators``; ``cause`` has ``from`` and ``to``, causes; ``owner`` has ``from`` and ``to``, names of users.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wakeup.models import CauseClass, Incident, IncidentNote, NoteKind
from wakeup.monitoring.incidents.states import place_of

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class ShownNote:
    """A line: ``who`` is empty for the product; ``text`` is what somebody typed."""

    at: datetime
    who: str
    what: str
    text: str
    incident: int | None


def timeline_of(incident: Incident) -> list[ShownNote]:
    """The last lines, the newest first. One query."""
    notes = incident.notes.select_related("user").order_by("-at", "-pk")[:MOST_SHOWN]
    return [_shown(note) for note in notes]


def _shown(note: IncidentNote) -> ShownNote:
    facts = note.facts if isinstance(note.facts, dict) else {}
    say = _WORDS.get(note.kind)
    what = say(facts) if say else str(NoteKind(note.kind).label)
    who = note.user.get_username() if note.user else ""
    return ShownNote(note.at, who, what, note.text, _other(facts))


def _other(facts: Mapping[str, Any]) -> int | None:
    """The incident that a line is about besides its own."""
    found = [facts[name] for name in ("incident", "into", "from") if isinstance(facts.get(name), int)]
    return found[0] if found else None


def _number(facts: Mapping[str, Any]) -> int | None:
    number = facts.get("concentrators")
    return number if isinstance(number, int) else None


def _with_number(words: str, facts: Mapping[str, Any]) -> str:
    number = _number(facts)
    if number is None:
        return words
    counted = ngettext("%(n)d concentrator", "%(n)d concentrators", number) % {"n": number}
    return f"{words}: {counted}"


def _opened(facts: Mapping[str, Any]) -> str:
    return _with_number(_("It began"), facts)


def _grew(facts: Mapping[str, Any]) -> str:
    return _with_number(_("It grew"), facts)


def _widened(facts: Mapping[str, Any]) -> str:
    place = _place(facts)
    return _with_number(_("It widened; it was %(place)s") % {"place": place} if place else _("It widened"), facts)


def _absorbed(facts: Mapping[str, Any]) -> str:
    number, place = facts.get("incident"), _place(facts)
    said = _("It took in incident %(number)s") % {"number": number} if number else _("It took in another incident")
    return _with_number(f"{said} ({place})" if place else said, facts)


def _place(facts: Mapping[str, Any]) -> str:
    if not facts.get("scope"):
        return ""
    substation, feeder, carrier = (str(facts.get(name) or "") for name in ("substation", "feeder", "carrier"))
    return place_of(str(facts["scope"]), substation, feeder, carrier)


def _merged(facts: Mapping[str, Any]) -> str:
    into = facts.get("into")
    return _("It became a part of incident %(number)s") % {"number": into} if into else _("It became a part of another")


def _split(facts: Mapping[str, Any]) -> str:
    if facts.get("from"):
        return _with_number(_("It was split off incident %(number)s") % {"number": facts["from"]}, facts)
    return _with_number(_("Incident %(number)s was split off") % {"number": facts.get("into", "")}, facts)


def _cause(facts: Mapping[str, Any]) -> str:
    return _("Its cause: %(before)s → %(after)s") % {
        "before": _cause_in_words(facts.get("from")),
        "after": _cause_in_words(facts.get("to")),
    }


def _cause_in_words(cause: Any) -> str:
    return str(dict(CauseClass.choices).get(str(cause), "—"))


def _owner(facts: Mapping[str, Any]) -> str:
    before = facts.get("from") or "—"
    return _("Its owner: %(before)s → %(after)s") % {"before": before, "after": facts.get("to") or "—"}


def _ended(_facts: Mapping[str, Any]) -> str:
    return _("All are back: it has ended")


def _reopened(facts: Mapping[str, Any]) -> str:
    return _with_number(_("It went dark again"), facts)


def _acknowledged(_facts: Mapping[str, Any]) -> str:
    return _("Acknowledged")


def _commented(_facts: Mapping[str, Any]) -> str:
    return _("Comment")


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    NoteKind.OPENED: _opened,
    NoteKind.GREW: _grew,
    NoteKind.WIDENED: _widened,
    NoteKind.ABSORBED: _absorbed,
    NoteKind.CAUSE: _cause,
    NoteKind.ACKNOWLEDGED: _acknowledged,
    NoteKind.OWNER: _owner,
    NoteKind.COMMENT: _commented,
    NoteKind.MERGED: _merged,
    NoteKind.SPLIT: _split,
    NoteKind.ENDED: _ended,
    NoteKind.REOPENED: _reopened,
}
