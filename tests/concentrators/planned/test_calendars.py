"""Planned work in iCalendar files: what is read, and what is refused in words (STA-8; RFC 5545)."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from concentrators.models import Company
from concentrators.planned.files.calendars import read_events
from concentrators.planned.files.items import Item, place_in

pytestmark = pytest.mark.one_database

ARABIC_TWO = "\N{ARABIC-INDIC DIGIT TWO}"
#: More than a work may leave out.
MANY_DAYS = ",".join(
    f"2028{month:02}{day:02}T0{hour}0000" for month in range(1, 13) for day in range(1, 28) for hour in (1, 2)
)
CHILE = Company(pk=1, name="Chile", time_zone="America/Santiago")
EVENT = {
    "UID": "1@x",
    "SUMMARY": "Transformer 3",
    "LOCATION": "substation North, feeder F1",
    "DTSTART": "20270403T020000",
    "DTEND": "20270403T060000",
}


def event(**lines: str) -> str:
    """A VEVENT; of each line the name with its parameters, and what stands behind it. Empty: the line is left out."""
    said = {name: value for name, value in (EVENT | lines).items() if value}
    return "\r\n".join(["BEGIN:VEVENT", *(_line(name, value) for name, value in said.items()), "END:VEVENT"])


def _line(name: str, value: str) -> str:
    return f"{name}{value}" if value.startswith(";") else f"{name}:{value}"


def calendar(*events: str, head: str = "") -> bytes:
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", *([head] if head else []), *events, "END:VCALENDAR", ""]
    ).encode()


def read(**lines: str) -> Item:
    found = read_events(calendar(event(**lines)), CHILE)
    assert not found.wrong, found.wrong
    (item,) = found.items
    return item


def refused(*events: str) -> str:
    found = read_events(calendar(*events), CHILE)
    assert not found.items
    return found.wrong[0].reason


def test_an_event_is_a_work() -> None:
    assert read() == Item(
        line=3,
        scope="feeder",
        substation="North",
        feeder="F1",
        title="Transformer 3",
        begin="2027-04-03T05:00:00+00:00",
        end="2027-04-03T09:00:00+00:00",
        uid="1@x",
    )


@pytest.mark.parametrize(
    ("lines", "begin", "end", "zone"),
    [
        ({}, "03T05:00", "03T09:00", ""),
        ({"DTSTART": "20270403T020000Z", "DTEND": "20270403T060000Z"}, "03T02:00", "03T06:00", "UTC"),
        ({"DTSTART": ";TZID=America/Santiago:20270403T020000"}, "03T05:00", "03T09:00", ""),
        ({"DTSTART": ';TZID="Europe/Rome":20270403T020000'}, "03T00:00", "03T09:00", "Europe/Rome"),
        ({"DTSTART": ";TZID=W. Europe Standard Time:20270403T020000"}, "03T00:00", "03T09:00", "Europe/Berlin"),
        ({"DTSTART": ";VALUE=DATE:20270403", "DTEND": ";VALUE=DATE:20270404"}, "03T03:00", "04T04:00", ""),
        ({"DTSTART": ";VALUE=DATE:20270403", "DTEND": ""}, "03T03:00", "04T04:00", ""),
        ({"DTEND": "", "DURATION": "PT90M"}, "03T05:00", "03T06:30", ""),
        ({"DTSTART": "20270403T120000", "DTEND": "", "DURATION": "P1D"}, "03T15:00", "04T16:00", ""),
        ({"DTSTART": "20270403T120000", "DTEND": "", "DURATION": "PT24H"}, "03T15:00", "04T16:00", ""),
        ({"DTSTART": "20270403T233000", "DTEND": "20270404T020000"}, "04T02:30", "04T06:00", ""),
    ],
)
def test_times_are_of_the_zone_that_they_name_or_of_the_company(
    lines: dict[str, str], begin: str, end: str, zone: str
) -> None:
    """Clocks of Chile go back in the night to 4 April 2027: 23:30 comes twice, and the first one counts."""
    item = read(**lines)
    assert (item.begin, item.end, item.zone) == (f"2027-04-{begin}:00+00:00", f"2027-04-{end}:00+00:00", zone)


def test_a_time_that_clocks_skip_is_an_hour_later() -> None:
    item = read(DTSTART="20270905T003000", DTEND="20270905T030000")
    assert item.begin == "2027-09-05T04:30:00+00:00"


def test_a_series_keeps_its_rule_and_what_is_left_out_added_and_moved() -> None:
    master = event(
        RRULE="FREQ=WEEKLY;COUNT=9",
        EXDATE="20270410T020000,20270417T020000",
        RDATE=";VALUE=PERIOD:20270501T030000/PT1H",
    )
    moved = event(**{"RECURRENCE-ID": "20270424T020000", "DTSTART": "20270425T020000", "DTEND": "20270425T030000"})
    gone = event(**{"RECURRENCE-ID": "20270508T020000", "STATUS": "CANCELLED"})
    (item,) = read_events(calendar(moved, master, gone), CHILE).items
    assert item.rule == "FREQ=WEEKLY;COUNT=9"
    assert item.left_out == "20270410T060000Z 20270417T060000Z 20270424T060000Z 20270508T060000Z"
    assert item.added == "20270425T060000Z/20270425T070000Z 20270501T070000Z/20270501T080000Z"


def test_a_day_alone_leaves_out_the_time_on_it() -> None:
    item = read(RRULE="FREQ=DAILY", EXDATE=";VALUE=DATE:20270410", RDATE="20270501T030000")
    assert item.left_out == "20270410T060000Z"
    assert item.added == "20270501T070000Z/20270501T110000Z"


def test_an_event_or_all_of_them_may_be_cancelled() -> None:
    assert read(STATUS="CANCELLED").is_cancelled
    assert not read(STATUS="CONFIRMED").is_cancelled
    (item,) = read_events(calendar(event(), head="METHOD:CANCEL"), CHILE).items
    assert item.is_cancelled


def test_lines_are_unfolded_and_texts_unescaped_and_alarms_passed_over() -> None:
    alarm = "BEGIN:VALARM\r\nSUMMARY:No\r\nEND:VALARM"
    folded = event(SUMMARY="Renew\\, clean\\nand t\r\n est").replace("END:VEVENT", f"{alarm}\r\nEND:VEVENT")
    zone = "BEGIN:VTIMEZONE\r\nTZID:X\r\nBEGIN:STANDARD\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\nEND:VTIMEZONE"
    (item,) = read_events(b"\xef\xbb\xbf" + calendar(zone, folded).replace(b"\r\n", b"\n"), CHILE).items
    assert item.title == "Renew, clean and test"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("feeder F1", {"scope": "feeder", "feeder": "F1"}),
        ("Feeder: F 1", {"scope": "feeder", "feeder": "F 1"}),
        ("substation North, feeder F1", {"scope": "feeder", "substation": "North", "feeder": "F1"}),
        ("alimentador F1; subestación Norte", {"scope": "feeder", "substation": "Norte", "feeder": "F1"}),
        ("cabina Nord, linea L1", {"scope": "feeder", "substation": "Nord", "feeder": "L1"}),
        ("SUBSTATION north", {"scope": "substation", "substation": "north"}),
        ("company", {"scope": "company"}),
        ("Empresa", {"scope": "company"}),
        ("società", {"scope": "company"}),
        ("16CEC50610036665", {"scope": "concentrator", "serial": "16CEC50610036665"}),
        ("concentrador 16CEC50610036665", {"scope": "concentrator", "serial": "16CEC50610036665"}),
    ],
)
@pytest.mark.parametrize("language", ["en", "es", "it"])
def test_a_place_is_written_in_any_language(text: str, place: dict[str, str], language: str) -> None:
    with translation.override(language):
        assert place_in(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "feeder",
        "feeder:",
        "North street 5",
        "feeder F1, feeder F2",
        "company Chile",
        "company, feeder F1",
        "A1, B1",
    ],
)
def test_what_is_no_place_is_refused_with_what_was_seen(text: str) -> None:
    with pytest.raises(ValidationError, match="is no place"):
        place_in(text)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"UID": ""}, "no UID"),
        ({"SUMMARY": ""}, "no SUMMARY"),
        ({"SUMMARY": "\u200b"}, "no SUMMARY"),
        ({"LOCATION": ""}, "no LOCATION"),
        ({"LOCATION": "Main road"}, "“Main road” is no place"),
        ({"DTSTART": ""}, "no DTSTART"),
        ({"DTEND": ""}, "neither DTEND nor DURATION"),
        ({"DTSTART": "20270230T020000"}, "20270230T020000"),
        ({"DTSTART": "00010101T000000"}, "no time"),
        ({"DTSTART": "99991231T235959"}, "no time"),
        ({"DTSTART": f"{ARABIC_TWO}0270403T020000"}, "no time"),
        ({"DTSTART": ";TZID=Mars/Olympus:20270403T020000"}, "“Mars/Olympus” is not known"),
        ({"DTSTART": ";TZID=../../etc/passwd:20270403T020000"}, "is not known"),
        ({"DTEND": "", "DURATION": "P"}, "DURATION “P”"),
        ({"DTEND": "", "DURATION": "-PT1H"}, "not possible"),
        ({"DTEND": "", "DURATION": "PT9999999999999H"}, "not possible"),
        ({"EXRULE": "FREQ=DAILY"}, "no EXRULE"),
        ({"EXDATE": "x"}, "no time"),
        ({"RDATE": ";VALUE=PERIOD:20270501T030000/20270501T020000"}, "after the beginning"),
        ({"RDATE": ";VALUE=PERIOD:20270501T030000/x"}, "no time"),
        ({"RECURRENCE-ID": "20270410T020000"}, "series of this event"),
        ({"EXDATE": MANY_DAYS}, "Too many"),
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_taken_says_why(lines: dict[str, str], said: str) -> None:
    assert said in refused(event(**lines))


def test_a_series_is_taken_as_a_whole_or_not() -> None:
    assert "twice" in refused(event(), event())
    assert "RANGE" in refused(event(), event(**{"RECURRENCE-ID": ";RANGE=THISANDFUTURE:20270410T020000"}))
    other = event(**{"RECURRENCE-ID": "20270410T020000", "LOCATION": "feeder F2"})
    assert "another place" in refused(event(), other)


def test_what_is_good_is_taken_beside_what_is_wrong() -> None:
    found = read_events(calendar(event(UID="1"), event(UID="2", LOCATION="? ?"), event(UID="3")), CHILE)
    assert [item.uid for item in found.items] == ["1", "3"]
    assert [(one.line, one.seen) for one in found.wrong] == [(10, "Transformer 3")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR", "no event"),
        (b"BEGIN:VCALENDAR", "VCALENDAR has no end"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR", "Line 3"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\nX:1", "Line 3"),
        (b"BEGIN:VEVENT\nEND:VEVENT", "Line 1"),
        (b"BEGIN:VCALENDAR\nno line\nEND:VCALENDAR", "Line 2"),
        (b"BEGIN:VCALENDAR\nX;Y:1\nEND:VCALENDAR", "Line 2"),
        (b"BEGIN:VCALENDAR\nSUMMARY:\xe9\nEND:VCALENDAR", "UTF-8"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 100, "Line 9"),
        (b"BEGIN:VCALENDAR\n" + b"X:1\n" * 50_000, "50000 lines"),
        (b"BEGIN:VCALENDAR\nX:" + b"x" * 60_000, "Line 2 is too long"),
        (b"BEGIN:VCALENDAR\nX:\n" + b" x\n" * 49_000, "Breaks off|no end"),
        (calendar(*[event(UID=str(n)) for n in range(1_001)]), "1000 works"),
    ],
)
def test_what_is_no_calendar_is_refused_in_words_and_soon(content: bytes, said: str) -> None:
    before = time.process_time()
    with pytest.raises(ValidationError, match=said):
        read_events(content, CHILE)
    assert time.process_time() - before < 5


@given(st.data())
def test_no_calendar_is_an_error_of_ours(data: Any) -> None:
    names = st.sampled_from([*EVENT, "RRULE", "EXDATE", "RDATE", "DURATION", "RECURRENCE-ID", "STATUS", "BEGIN", "END"])
    usual = st.sampled_from([*EVENT.values(), "P1D", "20270403", "20270403T020000Z", ";TZID=:1"])
    lines = data.draw(st.dictionaries(names, st.one_of(st.text(max_size=20), usual), max_size=4))
    with suppress(ValidationError):
        read_events(calendar(event(**lines), event()), CHILE)
