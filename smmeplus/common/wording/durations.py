"""How long something lasts, in words: one way for all pages and lists (UI-8)."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _


def in_words(duration: timedelta) -> str:
    """``duration`` in its two greatest units: ``2 h 10 min``, ``3 d``, ``45 s``. Less than none is ``0 s``."""
    seconds = max(round(duration.total_seconds()), 0)
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = [(days, _("d")), (hours, _("h")), (minutes, _("min")), (rest, _("s"))]
    first = next((place for place, (number, _unit) in enumerate(units) if number), len(units) - 1)
    return " ".join(f"{number} {unit}" for number, unit in units[first : first + 2] if number) or f"0 {_('s')}"
