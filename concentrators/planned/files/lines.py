"""The events of an iCalendar file as properties, within bounds (RFC 5545, 3.1 and 3.6).

Lines are taken apart by the library. Its calendars and their time zones are not made: a hostile rule in one of
those takes it without end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from icalendar.parser import Contentline

from concentrators.importing.errors import shown

MOST_LINES = 50_000
DEEPEST = 8
LONGEST_LINE = 50_000


class Property(NamedTuple):
    """``parameters`` by their names in upper case; one with several values has them with commas."""

    parameters: dict[str, str]
    value: str


class Event(NamedTuple):
    """The properties of a VEVENT by their names, in order. Those of its alarms are left out."""

    line: int
    properties: dict[str, list[Property]]

    def first(self, name: str) -> Property | None:
        return next(iter(self.properties.get(name, ())), None)

    def text(self, name: str) -> str:
        found = self.first(name)
        return found.value if found else ""


class Calendar(NamedTuple):
    is_cancelled: bool
    events: list[Event]


def read_calendar(content: bytes) -> Calendar:
    """The events in ``content``. Raises ValidationError if it is no calendar."""
    reader = _Reader()
    for line, text in _unfolded(content):
        reader.take(line, text)
    return reader.end()


class _Reader:
    """Knows which parts of the calendar are open, and keeps the events."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._events: list[Event] = []
        self._is_cancelled = False

    def take(self, line: int, text: str) -> None:
        name, prop = _taken_apart(line, text)
        if name == "BEGIN":
            self._begin(line, prop.value.strip().upper())
        elif not self._open:
            raise _broken(line, text)
        elif name == "END":
            if self._open.pop() != prop.value.strip().upper():
                raise _broken(line, text)
        elif self._open[-1] == "VEVENT":
            self._events[-1].properties.setdefault(name, []).append(prop)
        elif self._open == ["VCALENDAR"] and name == "METHOD":
            self._is_cancelled = prop.value.strip().upper() == "CANCEL"

    def end(self) -> Calendar:
        if self._open:
            raise ValidationError(_("The calendar breaks off: %(name)s has no end.") % {"name": shown(self._open[-1])})
        return Calendar(self._is_cancelled, self._events)

    def _begin(self, line: int, part: str) -> None:
        self._open.append(part)
        if len(self._open) > DEEPEST or self._open[0] != "VCALENDAR":
            raise _broken(line, f"BEGIN:{part}")
        if part == "VEVENT":
            self._events.append(Event(line, {}))


def _unfolded(content: bytes) -> Iterator[tuple[int, str]]:
    """The lines, each with the number of the first one that it was folded into."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ValidationError(_("The calendar is not in UTF-8. Export it again.")) from None
    if len(lines) > MOST_LINES:
        raise ValidationError(_("A calendar has at most %(n)d lines.") % {"n": MOST_LINES})
    parts: list[str] = []
    begin = 1
    for number, line in enumerate(lines, 1):
        if line[:1] in (" ", "\t") and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield begin, "".join(parts)
        begin, parts = number, [line] if line.strip() else []
    if parts:
        yield begin, "".join(parts)


def _taken_apart(line: int, text: str) -> tuple[str, Property]:
    if len(text) > LONGEST_LINE:
        raise ValidationError(_("Line %(line)d is too long.") % {"line": line})
    try:
        name, parameters, value = Contentline(text).parts()  # type: ignore[no-untyped-call]
    except ValueError:
        raise _broken(line, text) from None
    said = {key.upper(): value if isinstance(value, str) else ",".join(value) for key, value in parameters.items()}
    return name.upper(), Property(said, value)


def _broken(line: int, text: str) -> ValidationError:
    said = _("Line %(line)d is not as iCalendar files are: “%(seen)s”.")
    return ValidationError(said % {"line": line, "seen": shown(text)})
