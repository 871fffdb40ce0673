"""Report, Monitoring, Devices, Wake up (REP-2, REP-4)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, State
from profiles.models import SystemSettings
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory
from tests.reports.arrivals import send
from tests.smmeplus.translation.markup import column, headers, parse, rows, text, texts, with_class

pytestmark = [pytest.mark.one_database, pytest.mark.time]

URL = reverse("reports:wakeup")
COLUMNS = [
    "concentrator name",
    "ipaddress",
    "port",
    "first wake up date utc",
    "last wake up date utc",
    "last wake up date local",
    "wake up count",
]


def test_title_columns_and_values_are_those_of_the_reference(client: Client, concentrator: Concentrator) -> None:
    send(concentrator, "2020-09-21 03:05:00", source_ip="10.60.0.1", port=58693)
    send(concentrator, "2020-09-23 12:00:00", "2020-09-24 10:18:46")
    page = parse(client.get(URL))
    assert texts(page, ".//main//h1") == ["Wake up messages"]
    assert headers(page) == COLUMNS
    assert rows(page) == [
        [
            "16CEC50610036665",
            "10.60.0.7",
            "58692",
            "9/21/2020 3:05:00 AM",
            "9/24/2020 10:18:46 AM",
            "9/24/2020 7:18:46 AM",
            "3",
        ]
    ]


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "9/24/2020 1:08:06 PM"),
        ("en-GB", "9/24/2020 1:08:06 PM"),
        ("es", "24/09/2020 13:08:06"),
        ("es-CL", "24/09/2020 13:08:06"),
        ("it", "24/09/2020 13:08:06"),
        ("xx", "9/24/2020 1:08:06 PM"),
    ],
)
def test_dates_look_as_usual_in_the_browsers_language(
    client: Client, concentrator: Concentrator, language: str, shown: str
) -> None:
    send(concentrator, "2020-09-24 13:08:06")
    page = parse(client.get(URL, headers={"Accept-Language": language}))
    assert rows(page)[0][4] == shown


@pytest.mark.parametrize(
    ("moment", "local"),
    [
        ("2020-09-24 00:00:00", "9/23/2020 9:00:00 PM"),
        # The clocks of Chile go forward at midnight of 6 September ...
        ("2020-09-06 03:59:59", "9/5/2020 11:59:59 PM"),
        ("2020-09-06 04:00:00", "9/6/2020 1:00:00 AM"),
        # ... and back at midnight of 5 April, where an hour of the 4th comes twice.
        ("2020-04-05 02:59:59", "4/4/2020 11:59:59 PM"),
        ("2020-04-05 03:00:00", "4/4/2020 11:00:00 PM"),
        ("2020-04-05 04:00:00", "4/5/2020 12:00:00 AM"),
    ],
)
def test_local_is_the_companys_zone_on_both_sides_of_a_change_of_clocks(
    client: Client, concentrator: Concentrator, moment: str, local: str
) -> None:
    send(concentrator, moment)
    assert column(parse(client.get(URL)), "last wake up date local") == [local]


def test_local_does_not_follow_the_reporting_zone_nor_the_users(client: Client, concentrator: Concentrator) -> None:
    SystemSettings.objects.create(reporting_zone="Europe/Rome")
    send(concentrator, "2020-09-24 10:18:46")
    assert column(parse(client.get(URL)), "last wake up date local") == ["9/24/2020 7:18:46 AM"]


@pytest.mark.parametrize("kind", [Kind.KEEPALIVE, Kind.BOOT])
def test_keep_alive_and_boot_are_wake_ups(client: Client, concentrator: Concentrator, kind: Kind) -> None:
    send(concentrator, "2020-09-24 10:18:46", kind=kind)
    assert column(parse(client.get(URL)), "wake up count") == ["1"]


@pytest.mark.parametrize("kind", [Kind.LASTGASP, Kind.OTHER])
def test_other_messages_neither_count_nor_change_address_and_times(
    client: Client, concentrator: Concentrator, kind: Kind
) -> None:
    send(concentrator, "2020-09-24 10:00:00", kind=kind)
    assert rows(parse(client.get(URL))) == []
    send(concentrator, "2020-09-24 11:00:00")
    before = rows(parse(client.get(URL)))
    send(concentrator, "2020-09-24 09:00:00", "2020-09-24 12:00:00", kind=kind, source_ip="10.60.0.99", port=1)
    assert rows(parse(client.get(URL))) == before


def test_a_wake_up_from_the_past_counts_and_the_last_one_stays(client: Client, concentrator: Concentrator) -> None:
    send(concentrator, "2020-09-24 10:00:00")
    send(concentrator, "2020-09-20 10:00:00", source_ip="10.60.0.1", port=1)
    (row,) = rows(parse(client.get(URL)))
    assert row[1:5] == ["10.60.0.7", "58692", "9/20/2020 10:00:00 AM", "9/24/2020 10:00:00 AM"]
    assert row[-1] == "2"


def test_a_removed_concentrator_keeps_its_row(client: Client, concentrator: Concentrator) -> None:
    send(concentrator, "2020-09-24 10:00:00")
    Concentrator.objects.update(state=State.REMOVED, profile=None)
    assert column(parse(client.get(URL)), "wake up count") == ["1"]


def test_one_row_per_concentrator_in_the_order_of_their_names(client: Client, chile: Company) -> None:
    for serial in ("B2", "A1", "C3"):
        send(
            ConcentratorFactory.create(company=chile, serial_number=serial, in_field=True),
            "2020-09-24 10:00:00",
            "2020-09-24 10:10:00",
        )
    assert column(parse(client.get(URL)), "concentrator name") == ["A1", "B2", "C3"]


@pytest.mark.parametrize("typed", ["b2", " B2 ", "2"])
def test_the_filter_finds_a_part_of_the_name(client: Client, chile: Company, typed: str) -> None:
    for serial in ("A1", "B2"):
        send(ConcentratorFactory.create(company=chile, serial_number=serial, in_field=True), "2020-09-24 10:00:00")
    assert column(parse(client.get(URL, {"q": typed})), "concentrator name") == ["B2"]


def test_an_empty_report_says_why(client: Client) -> None:
    (said,) = with_class(parse(client.get(URL)), "empty")
    assert text(said) == "No wake-up message has come in yet from a concentrator that matches."
