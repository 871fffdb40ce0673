"""Planned work in iCalendar files, an event or a series of them for each work (STA-8; RFC 5545)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from icalendar import vDuration
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from concentrators.importing.errors import shown
from concentrators.models import Company
from concentrators.models.lines import tidy
from concentrators.models.planned import MOST_TEXT
from concentrators.planned.files.items import MOST_WORKS, Found, Item, Wrong, as_text, place_in
from concentrators.planned.files.lines import Event, Property, read_calendar
from concentrators.planned.rules import LAST_YEAR, at_clock
from concentrators.planned.times import Time, as_moments, as_periods
from profiles.zones import is_zone

LONGEST_TITLE = 200
_TIME = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.ASCII)
_DAY = timedelta(days=1)


class Read(NamedTuple):
    """A time: its moment, what the clocks there show, whether only a day was said, and whose clocks: empty: the
    company's."""

    at: datetime
    wall: datetime
    is_day: bool
    zone: str


def read_events(content: bytes, company: Company) -> Found:
    """The works in ``content``. Raises ValidationError if it is no calendar, or has no event."""
    calendar = read_calendar(content)
    if not calendar.events:
        raise ValidationError(_("There is no event in this calendar."))
    if len(calendar.events) > MOST_WORKS:
        raise ValidationError(_("A file has at most %(n)d works.") % {"n": MOST_WORKS})
    found, series = Found([], []), _by_uid(calendar.events)
    for uid, events in series.items():
        try:
            found.items.append(_item(uid, events, company, is_cancelled=calendar.is_cancelled))
        except ValidationError as error:
            seen = events[0].text("SUMMARY") or uid
            found.wrong.append(Wrong(events[0].line, shown(seen), " ".join(error.messages)))
    return found


def _by_uid(events: list[Event]) -> dict[str, list[Event]]:
    """The events of each series, those without a key alone."""
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.text("UID").strip() or f"\0{event.line}", []).append(event)
    return found


def _item(uid: str, events: list[Event], company: Company, *, is_cancelled: bool) -> Item:
    if uid.startswith("\0"):
        raise ValidationError(_("The event has no UID."))
    masters = [event for event in events if not event.first("RECURRENCE-ID")]
    if len(masters) != 1:
        said = _("The series of this event is not in the file.") if not masters else _("This UID stands there twice.")
        raise ValidationError(said)
    (master,) = masters
    begin, end = _span(master, company)
    left_out, added = _exceptions(master, events, company, begin, end)
    return Item(
        line=master.line,
        **_place(master),
        title=_title(master),
        begin=as_text(begin.at),
        end=as_text(end),
        rule=_rule(master),
        uid=uid,
        zone="" if begin.zone == company.time_zone else begin.zone,
        left_out=_bounded(as_moments(left_out)),
        added=_bounded(as_periods(added)),
        is_cancelled=is_cancelled or _is_cancelled(master),
    )


def _place(event: Event) -> dict[str, str]:
    text = event.text("LOCATION").strip()
    if not text:
        raise ValidationError(_("The event has no LOCATION, which names the place."))
    return place_in(text)


def _title(event: Event) -> str:
    title = tidy(event.text("SUMMARY"))
    if not title:
        raise ValidationError(_("The event has no SUMMARY, which is its title."))
    return title[:LONGEST_TITLE]


def _rule(event: Event) -> str:
    rules = event.properties.get("RRULE", [])
    if len(rules) > 1 or event.first("EXRULE"):
        raise ValidationError(_("A work has one rule: RRULE once, and no EXRULE."))
    return rules[0].value if rules else ""


def _is_cancelled(event: Event) -> bool:
    return event.text("STATUS").strip().upper() == "CANCELLED"


def _span(event: Event, company: Company) -> tuple[Read, datetime]:
    """When ``event`` begins and ends. One of a day alone lasts all of it."""
    start, end, length = event.first("DTSTART"), event.first("DTEND"), event.text("DURATION")
    if start is None:
        raise ValidationError(_("The event has no DTSTART."))
    begin = _moment(start, company)
    if end is not None:
        return begin, _moment(end, company).at
    if length or begin.is_day:
        return begin, _after(begin, _duration(length) if length else _DAY, company)
    raise ValidationError(_("The event has neither DTEND nor DURATION."))


def _after(begin: Read, length: timedelta, company: Company) -> datetime:
    """Whole days are days of the clock, anything else is exact (RFC 5545, 3.3.6)."""
    if length % _DAY:
        return begin.at + length
    return at_clock(begin.wall + length, _zone(begin.zone, company))


def _duration(text: str) -> timedelta:
    try:
        found: timedelta = vDuration.from_ical(text.strip())  # type: ignore[no-untyped-call]
    except (ValueError, OverflowError):
        found = timedelta(0)
    if not timedelta(0) < found <= 366 * _DAY:
        raise ValidationError(_("DURATION “%(seen)s” is not possible.") % {"seen": shown(text)})
    return found


def _moment(prop: Property, company: Company) -> Read:
    """The time that ``prop`` says, as RFC 5545, 3.3.5, reads those that clocks show twice or never."""
    match = _TIME.fullmatch(prop.value.strip())
    zone = "UTC" if match and match[3] else _named_zone(prop.parameters.get("TZID", ""))
    wall = _wall(match[1] + (match[2] or "000000")) if match else None
    if match is None or wall is None:
        said = _("“%(seen)s” is no time of iCalendar, such as 20270403T020000.")
        raise ValidationError(said % {"seen": shown(prop.value)})
    return Read(at_clock(wall, _zone(zone, company)), wall, not match[2], zone)


def _wall(digits: str) -> datetime | None:
    """None for what no clock shows, and for centuries in which nothing is planned."""
    try:
        wall = datetime.strptime(digits, "%Y%m%d%H%M%S")  # noqa: DTZ007 - of a clock
    except ValueError:
        return None
    return wall if 1970 <= wall.year <= LAST_YEAR else None


def _zone(name: str, company: Company) -> ZoneInfo:
    return ZoneInfo(name) if name else company.zone


def _named_zone(name: str) -> str:
    """The zone of a TZID: of the IANA, or as Windows calls it."""
    found = WINDOWS_TO_OLSON.get(name, name.removeprefix("/"))
    if not found:
        return ""
    if not is_zone(found):
        said = _("The time zone “%(seen)s” is not known. Use one such as America/Santiago.")
        raise ValidationError(said % {"seen": shown(name)})
    return found


def _exceptions(
    master: Event, events: list[Event], company: Company, begin: Read, end: datetime
) -> tuple[list[datetime], list[Time]]:
    """What is left out of the series, and what is added to it."""
    left_out = [_like(one, begin, company) for one in _values(master, "EXDATE", company)]
    added = list(_more(master, company, begin, end))
    for event in events:
        moved = event.first("RECURRENCE-ID")
        if moved is None:
            continue
        if "RANGE" in moved.parameters:
            raise ValidationError(_("RANGE is not taken: end the series, and begin a new one."))
        if event.text("LOCATION").strip() not in ("", master.text("LOCATION").strip()):
            raise ValidationError(_("A time of a series is at another place: give it an event of its own."))
        left_out.append(_like(_moment(moved, company), begin, company))
        if not _is_cancelled(event):
            first, last = _span(event, company)
            added.append(_time(first.at, last))
    return left_out, added


def _like(one: Read, begin: Read, company: Company) -> datetime:
    """A day alone means the time of the series on it."""
    if not one.is_day or begin.is_day:
        return one.at
    return at_clock(datetime.combine(one.wall.date(), begin.wall.time()), _zone(begin.zone, company))


def _more(event: Event, company: Company, begin: Read, end: datetime) -> Iterator[Time]:
    """The times of RDATE: moments, which last as long as the first time, or periods."""
    for prop in event.properties.get("RDATE", ()):
        for text in prop.value.split(","):
            first, slash, last = text.partition("/")
            one = _moment(prop._replace(value=first), company)
            if not slash:
                yield _time(_like(one, begin, company), _like(one, begin, company) + (end - begin.at))
            elif last.strip()[:1] in ("P", "+", "-"):
                yield _time(one.at, _after(one, _duration(last), company))
            else:
                yield _time(one.at, _moment(prop._replace(value=last), company).at)


def _values(event: Event, name: str, company: Company) -> Iterator[Read]:
    for prop in event.properties.get(name, ()):
        for text in prop.value.split(","):
            yield _moment(prop._replace(value=text), company)


def _time(begin: datetime, end: datetime) -> Time:
    if end <= begin or end - begin > 366 * _DAY:
        raise ValidationError(_("The end has to be after the beginning."))
    return Time(begin.astimezone(UTC), end.astimezone(UTC))


def _bounded(text: str) -> str:
    if len(text) > MOST_TEXT:
        raise ValidationError(_("Too many times are moved or left out of this series."))
    return text
