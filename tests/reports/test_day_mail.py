"""What the mail of a reporting day says and brings along."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from concentrators.models import Assignment, Company, Concentrator, OutOfService, State
from profiles.models import SystemSettings
from reports import mailing
from reports.models import Subscription
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory
from tests.reports.arrivals import file_of, send, utc
from tests.reports.reliability.outages import outage
from tests.reports.subscribers import SITE, subscribe
from tests.smmeplus.translation.markup import column, parse, rows
from wakeup.models import Alarm

DAY = "2020-09-23"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("next_morning"), pytest.mark.one_database]


def make(company: Company, serial: str, period: int | None = 10, **values: Any) -> Concentrator:
    """A concentrator in field since the beginning of the month."""
    since = utc("2020-09-01 00:00")
    one: Concentrator = ConcentratorFactory.create(
        company=company, serial_number=serial, **{"in_field": True, "installed_at": since, **values}
    )
    Assignment.objects.create(concentrator=one, begin=since, period_min=period)
    return one


@pytest.fixture
def fleet(chile: Company) -> None:
    """One that called all day long, one that did twice, a silent one, one that never called, and two of no interest."""
    diligent, lazy, silent = (make(chile, serial) for serial in ("A", "B", "C"))
    send(diligent, *(str(utc("2020-09-23 03:00") + n * timedelta(minutes=10))[:19] for n in range(144)))
    send(lazy, "2020-09-22 12:00", "2020-09-23 12:00", "2020-09-23 13:00", "2020-09-24 05:00")
    send(silent, "2020-09-22 12:00", "2020-09-24 05:00")
    make(chile, "D")
    make(chile, "E", period=None, profile=SpontaneousProfileFactory.create(wakeup_enabled=False, wakeup_period=None))
    make(CompanyFactory.create(name="Peru"), "F")


def files(message: EmailMessage) -> dict[str, list[dict[str, str]]]:
    """The rows of the attached CSV files by their names."""
    ((_name, content, _type),) = message.attachments
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: list(csv.DictReader(_text(archive, name).splitlines())) for name in archive.namelist()}


def _text(archive: zipfile.ZipFile, name: str) -> str:
    return archive.read(name).decode("utf-8-sig")


def figures(message: EmailMessage) -> dict[str, str]:
    """The numbers of the summary by their labels."""
    return dict(line.rsplit(": ", 1) for line in str(message.body).splitlines() if line[-1:].isdigit() and ": " in line)


def links(message: EmailMessage) -> list[str]:
    """The addresses in the text, without that of the site."""
    return [line.removeprefix(SITE) for line in str(message.body).splitlines() if line.startswith(SITE)]


def test_the_summary_says_what_came_and_what_did_not(subscription: Subscription, fleet: None) -> None:
    call_command("sendreports")
    (message,) = mail.outbox
    assert message.to == ["viewer@chile.example"]
    assert message.subject == "Chile - Wake up messages per day - 9/23/2020"
    assert figures(message) == {
        "Concentrators in field that day": "5",
        "Called": "2",
        "Silent: expected to call, and did not": "2",
        "Never called since they were installed, as of now": "1",
        "Wake-ups received": "146",
        "Wake-ups expected": "576",
        "Wake-ups missing": "430",
    }


def alarm_lines(message: EmailMessage) -> list[str]:
    body = str(message.body)
    return body[body.index("Alarm load") :].split("\n\n")[0].splitlines()[1:]


def test_a_day_without_alarms_says_so(subscription: Subscription, fleet: None) -> None:
    call_command("sendreports")
    assert alarm_lines(mail.outbox[0]) == [
        "Alarms raised: 0 (high 0, medium 0, low 0)",
        "Alarms per hour, on average: 0.0 (6 at most)",
        "Periods of 10 minutes with more than 10 alarms: 0.0 % (less than 1 %)",
        "Alarms that stand for more than a day: 0 (less than 10)",
        "Chattering places: 0 (none)",
        "Single silent concentrators, as of now: 0 (Work list)",
    ]


def test_it_tells_of_the_alarms_of_the_day_and_of_those_on_the_work_list(
    subscription: Subscription, fleet: None, chile: Company
) -> None:
    """The day begins at 03:00 of UTC. Twelve within ten minutes are a flood, and chatter: all are of one place."""
    peru = Company.objects.get(name="Peru")
    for number in range(12):
        alarm(chile, f"2020-09-23 12:0{number // 2}", priority=2 if number else 3)
    for company, at in ((chile, "2020-09-23 02:59"), (chile, "2020-09-24 03:00"), (peru, "2020-09-23 12:00")):
        alarm(company, at)
    alarm(None, "2020-09-24 02:59")
    alarm(chile, "2020-09-20 12:00", ended_at=None)
    for serial in ("C", "F"):
        outage(Concentrator.objects.get(serial_number=serial), utc("2020-09-23 11:00"), None)
    call_command("sendreports")
    assert alarm_lines(mail.outbox[0]) == [
        "Alarms raised: 13 (high 1, medium 11, low 1)",
        "Alarms per hour, on average: 0.5 (6 at most)",
        "Periods of 10 minutes with more than 10 alarms: 0.7 % (less than 1 %)",
        "Alarms that stand for more than a day: 1 (less than 10)",
        "Chattering places: 1 (none)",
        "Single silent concentrators, as of now: 1 (Work list)",
    ]


def alarm(company: Company | None, raised_at: str, priority: int = 1, **values: Any) -> None:
    at = utc(raised_at)
    times = {"began_at": at, "raised_at": at, "act_by": at, "ended_at": at + timedelta(minutes=1)}
    Alarm.objects.create(
        key=f"{company} {raised_at}", kind="power", priority=priority, company=company, **{**times, **values}
    )


def test_the_numbers_are_those_of_the_pages(client: Client, subscription: Subscription, fleet: None) -> None:
    call_command("sendreports")
    (message,) = mail.outbox
    per_day, silent, never_called, _subscriptions = links(message)
    found, said = files(message), figures(message)
    exported = file_of(client.get(f"{per_day}&export=csv&sort=concentrator_name")).decode("utf-8-sig")
    assert found["wake-ups-chile-2020-09-23.csv"] == list(csv.DictReader(exported.splitlines()))
    assert int(said["Called"]) == len(rows(parse(client.get(per_day)))) == 2
    assert sorted(column(parse(client.get(silent)), "concentrator name")) == ["C", "D"]
    assert [row["concentrator_name"] for row in found["wake-ups-chile-2020-09-23-silent.csv"]] == ["C", "D"]
    assert column(parse(client.get(never_called)), "concentrator name") == ["D"]


def test_the_silent_ones_come_with_what_was_expected_and_no_formula(subscription: Subscription, chile: Company) -> None:
    send(make(chile, "A", feeder="=1+1", substation="Santiago Sur", customers=7), "2020-09-22 12:00")
    call_command("sendreports")
    assert files(mail.outbox[0])["wake-ups-chile-2020-09-23-silent.csv"] == [
        {
            "concentrator_name": "A",
            "state": "in field",
            "substation": "Santiago Sur",
            "feeder": "'=1+1",
            "customers": "7",
            "spontaneous_profile": Concentrator.objects.get().profile.name,  # type: ignore[union-attr]
            "expected": "144",
            "last_wake_up_date_local": "2020-09-22T09:00:00.000000-03:00",
        }
    ]


def test_one_that_was_removed_since_or_out_of_service_counts_as_it_was_that_day(
    subscription: Subscription, chile: Company
) -> None:
    removed = make(chile, "A", in_field=False, state=State.REMOVED)
    removed.assignments.update(end=utc("2020-09-24 06:00"))
    out = make(chile, "B")
    OutOfService.objects.create(concentrator=out, begin=utc("2020-09-23 00:00"), end=utc("2020-09-25 00:00"))
    call_command("sendreports")
    said = figures(mail.outbox[0])
    assert said["Concentrators in field that day"] == "2"
    assert said["Silent: expected to call, and did not"] == "1"
    assert said["Wake-ups missing"] == said["Wake-ups expected"] == "144"


@pytest.mark.parametrize(("day", "expected"), [("2020-09-05", 144), ("2020-09-06", 138), ("2020-04-04", 150)])
def test_days_on_which_clocks_change_expect_what_their_hours_hold(
    subscription: Subscription, chile: Company, day: str, expected: int
) -> None:
    make(chile, "A").assignments.update(begin=utc("2020-01-01 00:00"))
    call_command("sendreports", day=day)
    assert figures(mail.outbox[0])["Wake-ups expected"] == str(expected)


def test_the_day_goes_from_midnight_to_midnight_of_chile(
    subscription: Subscription, chile: Company, next_morning: Any
) -> None:
    last = "2020-09-24 02:59:59"
    send(make(chile, "A"), "2020-09-23 02:59:59", "2020-09-23 03:00:00", last, "2020-09-24 03:00:00")
    next_morning.move_to(utc(last))
    call_command("sendreports")
    next_morning.move_to(utc("2020-09-24 03:00:00"))
    call_command("sendreports")
    assert [message.subject[-9:] for message in mail.outbox] == ["9/22/2020", "9/23/2020"]
    assert [figures(message)["Wake-ups received"] for message in mail.outbox] == ["1", "2"]


def test_the_zone_in_force_counts_not_the_one_that_is_wished_for(subscription: Subscription, chile: Company) -> None:
    send(make(chile, "A"), "2020-09-23 12:00:00")
    SystemSettings(reporting_zone="Pacific/Auckland", environment_name="Production").save()
    call_command("sendreports")
    (message,) = mail.outbox
    assert message.subject == "Production - Chile - Wake up messages per day - 9/23/2020"
    assert "Days begin at midnight of America/Santiago." in message.body


def test_each_reads_his_own_language(subscription: Subscription, chile: Company) -> None:
    subscribe(chile, "second", language="es")
    call_command("sendreports")
    assert [message.subject for message in mail.outbox] == [
        "Chile - Wake up messages per day - 9/23/2020",
        "Chile - Mensajes de wake-up por día - 23/09/2020",
    ]


def test_lists_that_are_too_large_are_not_attached_and_the_mail_says_where_they_are(
    subscription: Subscription, fleet: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_command("sendreports", day=DAY)
    ((_name, content, _type),) = mail.outbox[0].attachments
    for limit, is_attached in ((len(content), True), (len(content) - 1, False)):
        monkeypatch.setattr(mailing, "MAX_ATTACHED", limit)
        call_command("sendreports", day=DAY)
        message = mail.outbox[-1]
        assert bool(message.attachments) == is_attached
        assert ("so not attached: export them from these pages" in message.body) != is_attached
        assert links(message)[0].startswith(reverse("reports:wakeup-per-day"))


def test_a_company_costs_as_many_queries_whatever_its_size(subscription: Subscription, chile: Company) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            call_command("sendreports", day=DAY)
        return len(captured)

    send(make(chile, "A"), "2020-09-23 12:00")
    few = queries()
    for n in range(12):
        send(make(chile, f"B{n}"), f"2020-09-2{2 + n % 2} 12:00")
    assert queries() == few <= 10
