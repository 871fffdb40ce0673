"""What planned work covers, how it recurs and how far it is, in words (STA-8)."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from concentrators.models import PlannedScope, PlannedWork
from concentrators.planned.rules import Parts, parts_of, until_of
from concentrators.planned.times import Schedule

_DAYS = {
    "MO": _l("Monday"),
    "TU": _l("Tuesday"),
    "WE": _l("Wednesday"),
    "TH": _l("Thursday"),
    "FR": _l("Friday"),
    "SA": _l("Saturday"),
    "SU": _l("Sunday"),
}
#: Parts that are put into words. A rule with others is shown as it is.
_WORDED = {"FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL", "WKST"}


class PlannedState(TextChoices):
    """How far a work is. None of them is wrong, so all are grey."""

    COMING = "coming", _l("coming")
    NOW = "now", _l("now")
    OVER = "over", _l("over")
    CANCELLED = "cancelled", _l("cancelled")


def covers(work: PlannedWork) -> str:
    """What ``work`` covers. Its concentrator and its company are loaded."""
    if work.scope == PlannedScope.COMPANY:
        return _("all of %(company)s") % {"company": work.company}
    if work.scope == PlannedScope.SUBSTATION:
        return _("substation %(substation)s") % {"substation": work.substation}
    if work.scope == PlannedScope.FEEDER and work.substation:
        names = {"substation": work.substation, "feeder": work.feeder}
        return _("feeder %(feeder)s of substation %(substation)s") % names
    if work.scope == PlannedScope.FEEDER:
        return _("feeder %(feeder)s") % {"feeder": work.feeder}
    return str(work.concentrator)


def recurs(work: PlannedWork) -> str:
    """How ``work`` recurs, by the rule in words where it is an ordinary one; ``once`` if it does not."""
    schedule = Schedule.of(work)
    said = _rule_in_words(work.rule, schedule) if work.rule else _("once")
    if work.left_out:
        number = len(schedule.left_out)
        said += ngettext(", but for %(n)d time", ", but for %(n)d times", number) % {"n": number}
    if work.added:
        number = len(schedule.added)
        said += ngettext(", and %(n)d more time", ", and %(n)d more times", number) % {"n": number}
    return f"{said} ({work.zone})" if work.zone and work.zone != work.company.time_zone else said


def _rule_in_words(rule: str, schedule: Schedule) -> str:
    parts = parts_of(rule)
    days = parts.get("BYDAY", "")
    if parts.keys() - _WORDED or any(day not in _DAYS for day in days.split(",") if day):
        return rule
    said = _often(parts["FREQ"], int(parts.get("INTERVAL", "1")))
    if days:
        said = _("%(often)s on %(days)s") % {
            "often": said,
            "days": ", ".join(str(_DAYS[day]) for day in days.split(",")),
        }
    return said + _ending(parts, schedule)


def _often(frequency: str, interval: int) -> str:
    said = {
        "DAILY": ngettext("every day", "every %(n)d days", interval),
        "WEEKLY": ngettext("every week", "every %(n)d weeks", interval),
        "MONTHLY": ngettext("every month", "every %(n)d months", interval),
        "YEARLY": ngettext("every year", "every %(n)d years", interval),
    }[frequency]
    return said % {"n": interval}


def _ending(parts: Parts, schedule: Schedule) -> str:
    if "COUNT" in parts:
        number = int(parts["COUNT"])
        return ngettext(", %(n)d time", ", %(n)d times", number) % {"n": number}
    if "UNTIL" in parts:
        return _(", until %(day)s") % {"day": formats.date_format(until_of(parts, schedule.zone), "DATE_FORMAT")}
    return ""
