"""Rules of recurrence, as RFC 5545 has them in 3.3.10, checked before dateutil sees them, and their times.

A rule runs by the clocks of a zone: 02:00 stays 02:00 in summer and winter. A time that does not exist because clocks
go forward is read with the offset before that, so it is an hour later on the clock; of a time that comes twice the
first one counts (RFC 5545, 3.3.5).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from itertools import takewhile
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST_RULE = 400
#: The last year in which a work may begin or recur: what dateutil cannot end before is moved behind it.
LAST_YEAR = 2099
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
#: Too often for a work, and a rule that gives a million times is slow.
TOO_OFTEN = ("HOURLY", "MINUTELY", "SECONDLY")
MOST_COUNTED = 10_000
LONGEST_INTERVAL = 1_000

_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_LAST_DATEUTIL_YEAR = 9999

Parts: TypeAlias = dict[str, str]


class Begin(NamedTuple):
    """A moment in UTC, and what clocks were to show then. They show an hour more if they skip that."""

    at: datetime
    wall: datetime


def parts_of(rule: str) -> Parts:
    """The parts of ``rule`` by their names, in its order. Raises ValidationError, in words, for what is no rule."""
    if len(rule) > LONGEST_RULE:
        raise ValidationError(_("A rule has at most %(n)d characters.") % {"n": LONGEST_RULE})
    parts: Parts = {}
    for part in rule.upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if name not in _CHECKS or not equals:
            raise ValidationError(_("“%(part)s” is no part of a rule, such as FREQ=WEEKLY.") % {"part": part[:40]})
        if name in parts:
            raise ValidationError(_("%(name)s stands twice in the rule.") % {"name": name})
        if not _CHECKS[name](value):
            raise ValidationError(_("%(name)s=%(value)s is not possible.") % {"name": name, "value": value[:40]})
        parts[name] = value
    _check_together(parts)
    return parts


def cleaned(rule: str) -> str:
    """``rule`` as it is stored. Raises ValidationError as :func:`parts_of`."""
    return ";".join(f"{name}={value}" for name, value in parts_of(rule).items())


def begins(rule: str, begin: datetime, zone: ZoneInfo, horizon: datetime) -> Iterator[Begin]:
    """The times of a ``cleaned`` rule from ``begin`` to ``horizon``, in order; each once.

    ``begin`` itself is among them only if the rule says so.
    """
    first = begin.astimezone(zone).replace(tzinfo=None)
    until = min(until_of(parts_of(rule), zone), horizon.astimezone(zone).replace(tzinfo=None))
    before = None
    for wall in _walls(rule, first, until):
        at = at_clock(wall, zone)
        if at != before and at <= horizon:
            yield Begin(at, wall)
        before = at


def at_clock(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which clocks in ``zone`` show ``wall``, in UTC, by RFC 5545, 3.3.5."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _walls(rule: str, first: datetime, until: datetime) -> Iterator[datetime]:
    """The times on the clock.

    dateutil looks for a next time until the year 9999, whatever UNTIL says: for a rule that never comes, such as
    the 30th of February, that takes many seconds. So all is moved to the last years that it knows, by years with the
    same weekdays.
    """
    if first > until:
        return
    moved = _years_with_same_days(first.year, until.year)
    made = rrulestr(_without_until(rule), dtstart=_in_year(first, moved))
    last = _in_year(until, moved)
    for wall in takewhile(lambda wall: wall <= last, made):
        yield _in_year(wall, -moved)


def _years_with_same_days(first: int, last: int) -> int:
    """By how many years ``first`` to ``last`` can be moved near the end of time so that all weekdays stay the same."""
    latest = _LAST_DATEUTIL_YEAR - (last - first)
    return next(
        year - first
        for year in range(latest, latest - 28, -1)
        if year % 4 == first % 4 and calendar.weekday(year, 1, 1) == calendar.weekday(first, 1, 1)
    )


def _in_year(at: datetime, moved: int) -> datetime:
    return at.replace(year=at.year + moved)


def _without_until(rule: str) -> str:
    return ";".join(part for part in rule.split(";") if not part.startswith("UNTIL="))


def until_of(parts: Parts, zone: ZoneInfo) -> datetime:
    """UNTIL by the clocks of ``zone``; the end of LAST_YEAR if there is none. A date means all of that day."""
    match = _UNTIL.fullmatch(parts.get("UNTIL", ""))
    if match is None:
        return datetime(LAST_YEAR, 12, 31)  # noqa: DTZ001 - of a clock
    day, clock, is_utc = match.groups()
    last = datetime.strptime(day + (clock or "235959"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - of a clock
    return last.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) if is_utc else last


def _check_together(parts: Parts) -> None:
    """Refuse what RFC 5545 forbids, and dateutil would silently pass over."""
    often = parts.get("FREQ", "")
    if not often:
        raise ValidationError(_("A rule needs FREQ, such as FREQ=WEEKLY."))
    if often in TOO_OFTEN:
        raise ValidationError(_("A work recurs at most by days: %(all)s.") % {"all": ", ".join(FREQUENCIES)})
    if {"COUNT", "UNTIL"} <= parts.keys():
        raise ValidationError(_("A rule has COUNT or UNTIL, not both."))
    for name, allowed in _ONLY_WITH.items():
        if name in parts and often not in allowed:
            raise ValidationError(_("%(name)s does not go with FREQ=%(often)s.") % {"name": name, "often": often})
    has_number = any(one[:1] in "+-0123456789" for one in parts.get("BYDAY", "MO").split(","))
    if has_number and (often not in ("MONTHLY", "YEARLY") or "BYWEEKNO" in parts):
        raise ValidationError(_("A number before a day, such as 1MO, needs FREQ=MONTHLY or FREQ=YEARLY."))
    if "BYSETPOS" in parts and not any(name.startswith("BY") and name != "BYSETPOS" for name in parts):
        raise ValidationError(_("BYSETPOS needs another part such as BYDAY."))


def _numbers(lowest: int, highest: int, *, signed: bool = False, most: int = 400) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        found = value.split(",")
        return len(found) <= most and all(_in_range(one, lowest, highest, signed=signed) for one in found)

    return check


def _in_range(text: str, lowest: int, highest: int, *, signed: bool) -> bool:
    digits = text[1:] if signed and text[:1] in ("+", "-") else text
    return digits.isascii() and digits.isdecimal() and len(digits) <= 5 and lowest <= int(digits) <= highest


def _days(value: str) -> bool:
    found = [_DAY.fullmatch(one) for one in value.split(",")]
    return all(one is not None and 1 <= abs(int(one[1] or 1)) <= 53 for one in found)


def _is_until(value: str) -> bool:
    match = _UNTIL.fullmatch(value)
    if match is None or not value.isascii():
        return False
    try:
        day = date(int(value[:4]), int(value[4:6]), int(value[6:8]))
        time.fromisoformat(match[2] or "000000")
    except ValueError:
        return False
    return 1 < day.year < _LAST_DATEUTIL_YEAR


_CHECKS: dict[str, Callable[[str], bool]] = {
    "FREQ": lambda value: value in (*FREQUENCIES, *TOO_OFTEN),
    "INTERVAL": _numbers(1, LONGEST_INTERVAL, most=1),
    "COUNT": _numbers(1, MOST_COUNTED, most=1),
    "UNTIL": _is_until,
    "BYMONTH": _numbers(1, 12),
    "BYMONTHDAY": _numbers(1, 31, signed=True),
    "BYYEARDAY": _numbers(1, 366, signed=True),
    "BYWEEKNO": _numbers(1, 53, signed=True),
    "BYDAY": _days,
    "BYHOUR": _numbers(0, 23, most=24),
    "BYMINUTE": _numbers(0, 59, most=1),
    "BYSECOND": _numbers(0, 59, most=1),
    "BYSETPOS": _numbers(1, 366, signed=True),
    "WKST": lambda value: value in ("MO", "TU", "WE", "TH", "FR", "SA", "SU"),
}
_ONLY_WITH = {
    "BYMONTHDAY": ("DAILY", "MONTHLY", "YEARLY"),
    "BYYEARDAY": ("YEARLY",),
    "BYWEEKNO": ("YEARLY",),
}
