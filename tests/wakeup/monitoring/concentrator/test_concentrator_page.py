"""The page of one concentrator (CON-6), with who changed what (ACC-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Assignment, Company, Concentrator
from concentrators.procedures import actions
from profiles.models import SpontaneousProfile, SystemSettings
from smmeplus.dlms.clock import decode_clock, encode_clock
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.reports.arrivals import send, utc
from tests.smmeplus.translation.markup import alerts, links, parse, text, texts, with_class
from tests.smmeplus.users import client_of, make_operator
from tests.wakeup.at_noon import NOW, SERIAL
from wakeup.models import CountingZone, Format, SurplusCount
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

URL = reverse("concentrator:page", args=[SERIAL])
HOSTILE = "<script>alert('1')</script>\"&"

pytestmark = [pytest.mark.usefixtures("noon"), pytest.mark.one_database]


@pytest.fixture
def profile(noon: Any, db: None) -> SpontaneousProfile:
    SystemSettings.objects.create(environment_name="Production", wakeup_ip="10.132.20.228")
    return SpontaneousProfileFactory.create(name="Ten")


@pytest.fixture
def one(noon: Any, chile: Company, profile: SpontaneousProfile) -> Concentrator:
    """In field in Chile for two hours, with all its facts."""
    one = ConcentratorFactory.create(
        serial_number=SERIAL,
        company=chile,
        in_field=True,
        profile=profile,
        installed_at=NOW - timedelta(hours=2),
        management_ip="10.1.1.1",
        substation="San Bernardo",
        feeder="Seven",
        customers=1234,
        region="Metropolitana",
        carrier="Entel",
    )
    Assignment.objects.create(concentrator=one, begin=NOW - timedelta(hours=2), period_min=10)
    return one


@pytest.fixture
def client(noon: Any, operator: User) -> Client:
    return client_of(operator)


def page_of(client: Client, url: str = URL) -> Element:
    return parse(client.get(url))


def facts(page: Element) -> dict[str, str]:
    return dict(zip(texts(page, ".//main//dt"), texts(page, ".//main//dd"), strict=True))


def table(page: Element, head: str) -> list[list[str]]:
    """The cells of the table in the part headed ``head``."""
    (part,) = (one for one in page.iter() if one.get("aria-labelledby") == head)
    return [[text(cell) for cell in row] for row in part.findall(".//tbody/tr")]


def with_status(page: Element) -> list[str]:
    """The card of the status, without its head."""
    return [text(one.find(".//p")) for one in page.iter("section") if one.get("aria-labelledby") == "status-head"]


def test_it_shows_the_facts(client: Client, one: Concentrator) -> None:
    page = page_of(client)
    assert texts(page, ".//h1") == [f"unreachable {SERIAL} in field"]
    assert facts(page) == {
        "Serial number": SERIAL,
        "Company": "Chile",
        "Type": "CERCO1",
        "Manufacturer": "Ap System",
        "Management address": "10.1.1.1:4059",
        "Substation": "San Bernardo",
        "Feeder": "Seven",
        "Customers": "1234",
        "Expected networks": "—",
        "Region": "Metropolitana",
        "Carrier": "Entel",
        "Time zone": "America/Santiago (its company's)",
        "State": "in field",
        "Installed at": "9/24/2020 1:00:00 PM UTC",
        "Spontaneous profile": "Ten",
        "Wakeup period min": "10",
        "Today": "0",
        "Expected so far today": "12",
        "Total": "0",
    }
    assert links(page)["Ten"] == reverse("profiles:show", args=[one.profile_id])


def test_what_is_not_known_is_a_dash(client: Client, chile: Company) -> None:
    ConcentratorFactory.create(serial_number=SERIAL, company=chile, manufacturer="")
    page = page_of(client)
    assert {name for name, value in facts(page).items() if value == "—"} == {
        "Manufacturer",
        "Management address",
        "Substation",
        "Feeder",
        "Expected networks",
        "Region",
        "Carrier",
        "Installed at",
        "Spontaneous profile",
        "Wakeup period min",
        "Expected so far today",
    }
    assert table(page, "wakeups-head") == [[name, "—", "—"] for name in ("First wake up", "Last wake up", "Last gasp")]
    assert table(page, "messages-head") == [["No message has come in yet."]]
    assert texts(page, ".//summary") == ["The same as a table"]


def test_nothing_is_expected_while_the_profile_has_wakeup_disabled(client: Client, one: Concentrator) -> None:
    SpontaneousProfile.objects.update(wakeup_enabled=False)
    Assignment.objects.update(period_min=None)
    found = facts(page_of(client))
    assert (found["Wakeup period min"], found["Expected so far today"]) == ("wake-up is disabled", "—")


def test_wakeups_are_told_in_utc_and_in_the_companys_time(client: Client, one: Concentrator) -> None:
    send(one, "2020-09-06 03:59:59", "2020-09-24 02:59:59", "2020-09-24 14:30:00")
    send(one, "2020-09-06 04:00:00", kind=Kind.LASTGASP)
    page = page_of(client)
    assert table(page, "wakeups-head") == [
        ["First wake up", "9/6/2020 3:59:59 AM", "9/5/2020 11:59:59 PM"],
        ["Last wake up", "9/24/2020 2:30:00 PM", "9/24/2020 11:30:00 AM"],
        ["Last gasp", "9/6/2020 4:00:00 AM", "9/6/2020 1:00:00 AM"],
    ]
    found = facts(page)
    assert (found["Today"], found["Total"]) == ("1", "3")
    assert "The last wake-up came from 10.60.0.7 to port 58692." in text(page)


def test_the_day_is_that_of_the_zone_in_force(client: Client, one: Concentrator) -> None:
    send(one, "2020-09-23 21:59:59", "2020-09-23 22:00:00")
    CountingZone.objects.update(time_zone="Europe/Rome")
    SystemSettings.objects.update(reporting_zone="Asia/Kolkata")
    page = page_of(client)
    assert facts(page)["Today"] == "1"
    assert "in each hour of Europe/Rome" in text(page)


def test_before_any_message_the_day_is_that_of_the_settings(client: Client, one: Concentrator) -> None:
    SystemSettings.objects.update(reporting_zone="Asia/Kolkata")
    assert "in each hour of Asia/Kolkata" in text(page_of(client))


def test_the_table_has_the_figures_of_the_picture(client: Client, one: Concentrator) -> None:
    send(one, *(f"2020-09-24 13:{minute:02}" for minute in range(5, 60, 10)), "2020-09-24 14:05")
    page = page_of(client)
    today, yesterday = table(page, "hours-head")[:2]
    assert today == ["Thu 9/24/2020", *["—"] * 10, "6", "1/6", *["—"] * 12, "7"]
    assert yesterday == ["Wed 9/23/2020", *["—"] * 24, "—"]
    titles = texts(page, ".//svg//g/g/title")
    assert [title for title in titles if "no data" not in title] == [
        "Thu 9/24/2020 10:00 · 6 of 6",
        "Thu 9/24/2020 11:00 · 1 of 6",
    ]
    assert len(titles) == 30 * 24 - 1
    assert texts(page, ".//ul[@class='legend']/li") == [
        "all that were expected (1 h)",
        "some (1 h)",
        "no data (717 h)",
    ]


def test_the_last_20_messages_are_listed_newest_first(client: Client, one: Concentrator) -> None:
    send(one, *(f"2020-09-24 14:{minute:02}:00" for minute in range(25)))
    clock = decode_clock(encode_clock(utc("2020-09-24 13:55:57")))
    record([Arrival(SERIAL, Kind.BOOT, Format.TELEGRAM, utc("2020-09-24 14:59"), "10.9.9.9", 58692, clock)])
    found = table(page_of(client), "messages-head")
    assert len(found) == 20
    assert found[0] == [
        "9/24/2020 2:59:00 PM",
        "boot",
        "10.9.9.9",
        "9/24/2020 1:55:57 PM",
        "-1 h 3 min",
        "text telegram",
    ]
    assert found[1] == ["9/24/2020 2:24:00 PM", "keepalive", "10.60.0.7", "—", "—", "DataNotification, push setup"]
    assert found[-1][0] == "9/24/2020 2:06:00 PM"


def test_the_history_tells_bulk_actions(client: Client, chile: Company, one: Concentrator) -> None:
    ConcentratorFactory.create_batch(2, company=chile, in_field=True)
    boss = make_operator(chile, name="boss")
    actions.modify(Concentrator.objects.all(), SpontaneousProfileFactory.create(name="New"), user=boss, now=NOW)
    newest, oldest = table(page_of(client), "history-head")
    assert newest[:2] == ["9/24/2020 3:00:00 PM", "boss"]
    assert newest[2].startswith("modification, together with 2 others ")
    assert newest[2].endswith(Concentrator.history.first().history_change_reason.split()[1])
    assert newest[3] == "spontaneous profile: Ten → New"
    assert oldest == ["9/24/2020 3:00:00 PM", "the system", "—", "added"]


def test_a_removed_concentrator_says_so_and_when(
    client: Client, one: Concentrator, operator: User, profile: SpontaneousProfile
) -> None:
    everything = Concentrator.objects.all()
    Assignment.objects.update(begin=NOW - timedelta(days=1))
    for hour in (3, 1):
        actions.remove(everything, user=operator, now=NOW - timedelta(hours=hour))
        actions.install(everything, profile, user=operator, now=NOW - timedelta(hours=hour))
    assert not alerts(page_of(client))
    actions.remove(everything, user=operator, now=NOW - timedelta(minutes=30))
    one.refresh_from_db()
    one.save()
    page = page_of(client)
    (said,) = alerts(page)
    assert said.startswith("This concentrator was removed from the field on 9/24/2020 2:30:00 PM UTC. Nothing")
    assert facts(page)["Expected so far today"] == "69"  # in the eleven and a half hours before the removal
    assert not with_status(page)


def test_a_removed_one_without_history_says_so_too(client: Client, removed: Concentrator) -> None:
    Concentrator.history.all().delete()
    page = page_of(client, reverse("concentrator:page", args=[removed.serial_number]))
    assert alerts(page)[0].startswith("This concentrator was removed from the field. Nothing")


def test_hostile_text_stays_text(client: Client, one: Concentrator, profile: SpontaneousProfile) -> None:
    Concentrator.objects.update(manufacturer=HOSTILE, substation=HOSTILE, feeder=HOSTILE)
    Company.objects.update(name=HOSTILE)
    SpontaneousProfile.objects.update(name=HOSTILE)
    one.refresh_from_db()
    one.save()
    response = client.get(URL)
    assert "<script>alert" not in response.content.decode()
    found = facts(parse(response))
    assert {name for name, value in found.items() if value == HOSTILE} == {
        "Manufacturer",
        "Substation",
        "Feeder",
        "Company",
        "Spontaneous profile",
    }
    assert f"feeder: Seven → {HOSTILE}" in text(parse(response))


def test_nothing_on_it_needs_more_than_the_strict_policy_allows(client: Client, one: Concentrator) -> None:
    send(one, "2020-09-24 14:30")
    main = page_of(client).find(".//main")
    assert main is not None
    assert not [
        element.tag for element in main.iter() if "style" in element.attrib or element.tag in ("style", "script")
    ]


def test_no_badge_is_green_but_that_of_a_status_that_is_well(client: Client, one: Concentrator) -> None:
    assert not with_class(page_of(client), "text-bg-success")
    send(one, "2020-09-24 14:55")
    assert {text(badge) for badge in with_class(page_of(client), "text-bg-success")} == {"reachable"}


def test_what_was_above_its_rate_is_told(client: Client, one: Concentrator) -> None:
    assert "above its rate" not in text(parse(client.get(URL)))
    SurplusCount.objects.create(sender=SERIAL, minute=NOW - timedelta(days=31), count=100)
    SurplusCount.objects.create(sender="OTHER", minute=NOW, count=100)
    assert "above its rate" not in text(parse(client.get(URL)))
    for minutes, count in ((10, 1), (5, 7)):
        SurplusCount.objects.create(sender=SERIAL, minute=NOW - timedelta(minutes=minutes), count=count)
    (said,) = alerts(parse(client.get(URL)))
    assert said.startswith("In the last 30 days 8 messages were above its rate: they were answered and counted")


def test_what_came_from_elsewhere_is_marked(client: Client, one: Concentrator) -> None:
    Concentrator.objects.update(expected_networks="10.1.0.0/16")
    for address in ("10.1.1.1", "192.0.2.9"):
        record([Arrival(SERIAL, Kind.BOOT, Format.PUSH, NOW - timedelta(minutes=1), address, 58_692)])
    addresses = [row[2] for row in table(page_of(client), "messages-head")]
    assert addresses == ["192.0.2.9 from elsewhere", "10.1.1.1"]
    assert facts(page_of(client))["Total"] == "1"


def test_networks_of_the_company_are_shown_where_there_are_no_others(client: Client, one: Concentrator) -> None:
    Company.objects.update(expected_networks="10.0.0.0/8")
    Concentrator.objects.update(expected_networks="10.1.0.0/16")
    assert facts(page_of(client))["Expected networks"] == "10.1.0.0/16"
    Concentrator.objects.update(expected_networks="")
    assert facts(page_of(client))["Expected networks"] == "10.0.0.0/8"
