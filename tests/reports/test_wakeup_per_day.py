"""Report, Monitoring, Devices, Wake up per day (REP-3 to REP-5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator
from profiles.models import SystemSettings
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory
from tests.reports.arrivals import send, utc
from tests.smmeplus.translation.markup import alerts, column, field, headers, parse, rows, text, texts, with_class

pytestmark = [pytest.mark.one_database, pytest.mark.time]

URL = reverse("reports:wakeup-per-day")
COLUMNS = ["concentrator name", "ipaddress", "date", "daily msg count", "total msg count"]
BEYOND = ["expected", "missing"]
ALL_DAYS = "?from_day=&to_day="
DATE, DAILY, TOTAL = COLUMNS[2:]
EXPECTED, MISSING = BEYOND


@time_machine.travel(utc("2020-09-23 15:00:00"), tick=False)
def test_title_columns_and_values_are_those_of_the_reference(client: Client, concentrator: Concentrator) -> None:
    send(concentrator, "2020-09-22 12:00:00", "2020-09-23 12:00:00", "2020-09-23 12:10:00")
    page = parse(client.get(URL))
    assert texts(page, ".//main//h1") == ["Wake up messages per day"]
    assert headers(page) == COLUMNS + BEYOND
    assert rows(page) == [["16CEC50610036665", "10.60.0.7", "9/23/2020 12:00:00 AM", "2", "3", "0", "0"]]


@pytest.mark.parametrize("language", ["es", "it"])
def test_days_look_as_usual_in_the_browsers_language(client: Client, concentrator: Concentrator, language: str) -> None:
    send(concentrator, "2020-09-23 12:00:00")
    page = parse(client.get(URL + ALL_DAYS, headers={"Accept-Language": language}))
    assert rows(page)[0][2] == "23/09/2020 00:00:00"


def test_the_total_is_all_wake_ups_up_to_the_end_of_the_day(client: Client, chile: Company) -> None:
    first = ConcentratorFactory.create(company=chile, serial_number="A1", in_field=True)
    second = ConcentratorFactory.create(company=chile, serial_number="B2", in_field=True)
    send(first, "2020-09-21 12:00:00", "2020-09-21 13:00:00")
    send(second, "2020-09-22 12:00:00")
    send(first, *(f"2020-09-23 12:0{minute}:00" for minute in range(3)))
    send(second, "2020-09-25 12:00:00", "2020-09-25 12:10:00")
    send(first, "2020-12-31 12:00:00")
    shown = [(row[0], row[2].split("/2020")[0], *row[3:5]) for row in rows(parse(client.get(URL + ALL_DAYS)))]
    assert shown == [
        ("A1", "12/31", "1", "6"),
        ("B2", "9/25", "2", "3"),
        ("A1", "9/23", "3", "5"),
        ("B2", "9/22", "1", "1"),
        ("A1", "9/21", "2", "2"),
    ]


def test_the_total_of_a_day_does_not_depend_on_the_days_shown(client: Client, concentrator: Concentrator) -> None:
    for day in (21, 23, 25):
        send(concentrator, f"2020-09-{day} 12:00:00", f"2020-09-{day} 13:00:00")
    page = parse(client.get(f"{URL}?from_day=2020-09-23&to_day=2020-09-23"))
    assert [(row[3], row[4]) for row in rows(page)] == [("2", "4")]


def test_last_gasps_do_not_count(client: Client, concentrator: Concentrator) -> None:
    send(concentrator, "2020-09-23 12:00:00", "2020-09-24 12:00:00", kind=Kind.LASTGASP)
    send(concentrator, "2020-09-23 12:00:01", kind=Kind.BOOT)
    assert [row[2:5] for row in rows(parse(client.get(URL + ALL_DAYS)))] == [["9/23/2020 12:00:00 AM", "1", "1"]]


def test_a_day_shows_the_address_of_its_last_wake_up(client: Client, concentrator: Concentrator) -> None:
    send(concentrator, "2020-09-23 12:00:00", source_ip="10.60.0.1")
    send(concentrator, "2020-09-23 13:00:00", source_ip="10.60.0.2")
    send(concentrator, "2020-09-24 12:00:00", source_ip="10.60.0.3")
    assert column(parse(client.get(URL + ALL_DAYS)), "ipaddress") == ["10.60.0.3", "10.60.0.2"]


@pytest.mark.parametrize(
    ("query", "days"),
    [
        (ALL_DAYS, ["24", "23", "22"]),
        ("?from_day=2020-09-23&to_day=", ["24", "23"]),
        ("?from_day=&to_day=2020-09-23", ["23", "22"]),
        ("?from_day=2020-09-23&to_day=2020-09-23", ["23"]),
        ("?from_day=2020-09-24&to_day=2020-09-22", []),
        ("?from_day=2020-09-25&to_day=2030-01-01", []),
    ],
)
def test_both_days_of_the_filter_are_included(
    client: Client, concentrator: Concentrator, query: str, days: list[str]
) -> None:
    # In Chile these are the first and the last second of a day.
    send(concentrator, "2020-09-22 03:00:00", "2020-09-23 03:00:00", "2020-09-25 02:59:59")
    assert [day.split("/")[1] for day in column(parse(client.get(URL + query)), DATE)] == days


@pytest.mark.parametrize("typed", ["x", "2020-13-01", "2020-02-30", "0000-00-00"])
def test_a_wrong_day_is_said_beside_its_field(client: Client, concentrator: Concentrator, typed: str) -> None:
    page = parse(client.get(URL, {"from_day": typed, "to_day": ""}))
    assert [text(error) for error in with_class(page, "errorlist")] == ["A date is like 2020-09-24."]
    assert field(page, "from_day").get("value") == typed


MIDNIGHTS = [
    # zone of the settings, the first moment (UTC) of the day, that day
    ("UTC", "2020-09-24 00:00:00", "2020-09-24"),
    ("", "2020-09-24 03:00:00", "2020-09-24"),
    ("America/Santiago", "2020-09-24 03:00:00", "2020-09-24"),
    ("America/Santiago", "2020-08-24 04:00:00", "2020-08-24"),
    ("America/Santiago", "2020-09-06 04:00:00", "2020-09-06"),
    ("America/Santiago", "2020-04-05 04:00:00", "2020-04-05"),
    ("Europe/Rome", "2020-09-23 22:00:00", "2020-09-24"),
    ("Europe/Rome", "2020-12-31 23:00:00", "2021-01-01"),
]


@pytest.mark.parametrize(("zone", "midnight", "day"), MIDNIGHTS)
@pytest.mark.parametrize("has_messages", [False, True])
def test_the_default_day_is_the_current_reporting_day(
    client: Client, concentrator: Concentrator, zone: str, midnight: str, day: str, has_messages: bool
) -> None:
    SystemSettings.objects.create(reporting_zone=zone)
    begins = utc(midnight)
    for moment, expected in ((begins - timedelta(seconds=1), -1), (begins, 0)):
        if has_messages:
            send(concentrator, moment.strftime("%Y-%m-%d %H:%M:%S"))
        with time_machine.travel(moment, tick=False):
            page = parse(client.get(URL))
        shown = (utc(day) + timedelta(days=expected)).strftime("%Y-%m-%d")
        assert [field(page, name).get("value") for name in ("from_day", "to_day")] == [shown, shown]
        assert column(page, DAILY) == (["1"] if has_messages else [])


def test_an_hour_that_comes_twice_belongs_to_its_day(client: Client, concentrator: Concentrator) -> None:
    send(concentrator, "2020-04-05 02:59:59", "2020-04-05 03:59:59", "2020-04-05 04:00:00")
    shown = [(row[2].split()[0], row[3]) for row in rows(parse(client.get(URL + ALL_DAYS)))]
    assert shown == [("4/5/2020", "1"), ("4/4/2020", "2")]


def test_the_page_says_at_whose_midnight_its_days_begin(client: Client, concentrator: Concentrator) -> None:
    assert [text(note) for note in with_class(parse(client.get(URL)), "note")] == [
        "Days begin at midnight of America/Santiago."
    ]


def test_a_new_zone_holds_once_the_days_are_counted_anew(client: Client, concentrator: Concentrator) -> None:
    send(concentrator, "2020-09-24 02:00:00")
    SystemSettings.objects.create(reporting_zone="Europe/Rome")
    before = parse(client.get(URL + ALL_DAYS))
    assert column(before, DATE) == ["9/23/2020 12:00:00 AM"]
    assert any("The settings ask for days of Europe/Rome: run “manage.py rebuildcounts”" in a for a in alerts(before))
    call_command("rebuildcounts")
    after = parse(client.get(URL + ALL_DAYS))
    assert column(after, DATE) == ["9/24/2020 12:00:00 AM"]
    assert alerts(after) == []
    assert text(with_class(after, "note")[0]) == "Days begin at midnight of Europe/Rome."


def test_an_empty_report_says_why(client: Client) -> None:
    (said,) = with_class(parse(client.get(URL)), "empty")
    assert text(said) == "No wake-up message on these days from a concentrator that matches."
