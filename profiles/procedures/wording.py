"""What a procedure profile says, in words."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from profiles.models import ProcedureProfile
from profiles.procedures.waves import waves_in_words


class Fact(NamedTuple):
    label: str
    value: str


def facts_of(profile: ProcedureProfile) -> list[Fact]:
    tries = _("%(tries)d, the second after %(minutes)d min") % {"tries": profile.tries, "minutes": profile.backoff_min}
    return [
        Fact(_("Waves"), waves(profile)),
        Fact(_("Halts above"), halts(profile)),
        Fact(_("Most tries"), tries),
        Fact(_("Writes begin"), hours(profile)),
        Fact(_("First wake-up within"), _first_wakeup(profile)),
        Fact(_("Read back"), _verification(profile)),
        Fact(
            _("A removal disables the wake-up inside the concentrator"),
            _("true") if profile.disables_on_removal else _("false"),
        ),
    ]


def waves(profile: ProcedureProfile) -> str:
    return waves_in_words(profile.wave_sizes)


def halts(profile: ProcedureProfile) -> str:
    return _("never") if profile.halt_percent is None else f"{profile.halt_percent} %"


def hours(profile: ProcedureProfile) -> str:
    begin, end = profile.hours
    return f"{begin:%H:%M}–{end:%H:%M}" if begin and end else _("at any hour")  # noqa: RUF001 - a dash of ranges


def summary(profile: ProcedureProfile) -> str:
    """In one line, as a question about an action shows it."""
    is_one = len(profile.wave_sizes) == 1
    in_waves = _("in one wave") if is_one else _("in waves of %(waves)s") % {"waves": waves(profile)}
    said = _("Procedure profile “%(name)s”: %(waves)s; writes begin %(hours)s.")
    return said % {"name": profile, "waves": in_waves, "hours": hours(profile)}


def _first_wakeup(profile: ProcedureProfile) -> str:
    if profile.first_wakeup_within_min is None:
        return _("the period and 30 min")
    return _("%(minutes)d min") % {"minutes": profile.first_wakeup_within_min}


def _verification(profile: ProcedureProfile) -> str:
    days = profile.verify_after_days
    if not days:
        return _("at once")
    return ngettext("at once, and again after %(n)d day", "at once, and again after %(n)d days", days) % {"n": days}
