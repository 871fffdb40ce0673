"""States of meters and their changes, as pages say them: a mark and a word, never a colour alone (UI-3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.html import format_html
from django.utils.translation import gettext as _

from concentrators.models import Changed, MeterState, SightingChange

#: The mark and the colour of what is wrong; all else is grey.
_WRONG: Final[Mapping[int, tuple[str, str]]] = {
    MeterState.PERMANENT_FAILURE: ("▲", "danger"),
    MeterState.TEMPORARY_FAILURE: ("◆", "warning"),
}


def state_badge(state: int | None) -> str:
    """``state`` is a MeterState; None: no list has told it."""
    if state is None:
        return "—"
    mark, colour = _WRONG.get(state, ("", "secondary"))
    word = MeterState(state).label
    if not mark:
        return format_html('<span class="badge text-bg-{}">{}</span>', colour, word)
    return format_html(
        '<span class="badge text-bg-{}"><span aria-hidden="true">{}</span> {}</span>', colour, mark, word
    )


def change_in_words(change: SightingChange) -> str:
    """What has changed, and from what to what where there is more to say than that."""
    what = Changed(change.what)
    if what in (Changed.FIRST_SEEN, Changed.GONE, Changed.BACK):
        return _WHAT[what]()
    old, new = _value(what, change.old), _value(what, change.new)
    return _("%(what)s: %(old)s → %(new)s") % {"what": what.label, "old": old, "new": new}


_WHAT: Final = {
    Changed.FIRST_SEEN: lambda: _("seen for the first time"),
    Changed.GONE: lambda: _("gone from the list"),
    Changed.BACK: lambda: _("back in the list"),
}


def _value(what: Changed, stored: str) -> str:
    if what == Changed.STATE and stored.isdecimal() and int(stored) in MeterState.values:
        return str(MeterState(int(stored)).label)
    return stored or "—"
