"""The mail of a month: once to each subscriber, on its first day of the company's zone (STA-6)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django.fixtures import Settings

from concentrators.models import Company
from reports.models import Kind, Subscription
from reports.reliability.mailing import MonthMail
from tests.reports.reliability.outages import in_field, local, outage
from tests.reports.subscribers import SITE, subscribe
from tests.smmeplus.translation.markup import alerts, parse

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
URL = reverse("reports:monthly-subscriptions")


@pytest.fixture(autouse=True)
def clock(settings: Settings) -> Iterator[Any]:
    """The last minute of April in Chile, when it is May in Greenwich."""
    settings.SITE_URL = SITE
    with time_machine.travel(local("2027-04-30 23:59"), tick=False) as moment:
        yield moment


@pytest.fixture
def subscription(chile: Company) -> Subscription:
    made = subscribe(chile, language="es")
    Subscription.objects.update(kind=Kind.MONTHLY)
    made.refresh_from_db()
    return made


@pytest.fixture
def fleet(chile: Company) -> None:
    one = in_field(chile, "A", local("2027-01-01 00:00"), customers=100, substation="Ñuñoa")
    in_field(chile, "B", local("2027-01-01 00:00"), customers=300)
    outage(one, local("2027-04-10 10:00"), local("2027-04-10 12:00"))


def sent() -> list[str]:
    return [message.subject[-7:] for message in mail.outbox]


def test_a_month_is_sent_once_and_not_before_its_last_midnight(
    subscription: Subscription, fleet: None, clock: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("sendreports")
    assert sent() == ["2027-03"]
    clock.shift(timedelta(minutes=1))
    for _hour in range(3):
        call_command("sendreports")
        clock.shift(timedelta(hours=1))
    assert sent() == ["2027-03", "2027-04"]
    subscription.refresh_from_db()
    assert subscription.sent_day == date(2027, 4, 1)
    said = [line for line in capsys.readouterr().out.splitlines() if "-04:" in line]
    assert said == ["Chile, 2027-04: 1 mails sent"]
    clock.move_to(local("2028-01-01 00:00"))
    call_command("sendreports")
    assert sent()[2:] == ["2027-12"]


def test_it_has_the_figures_and_the_files_in_the_language_of_its_reader(
    subscription: Subscription, fleet: None, chile: Company, clock: Any
) -> None:
    call_command("sendreports", month="2027-03")
    clock.shift(timedelta(minutes=1))
    call_command("sendreports")
    message = mail.outbox[1]
    body = str(message.body)
    assert message.to == ["viewer@chile.example"]
    assert "30,000 (100 / 0 / 0 %)" in body
    assert f"{SITE}/reports/reliability/?company={chile.pk}&month=2027-04" in body
    assert message.extra_headers["List-Unsubscribe"].startswith(f"<{SITE}/reports/unsubscribe/")
    (pdf, workbook) = message.attachments
    assert (pdf[0], pdf[1][:5]) == ("reliability-chile-2027-04.pdf", b"%PDF-")
    assert [row[0].value for row in load_workbook(io.BytesIO(workbook[1])).worksheets[3]][1:] == ["A", "B"]


def test_of_two_runs_at_once_only_one_sends(
    subscription: Subscription, fleet: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = MonthMail._text

    def meanwhile(self: MonthMail) -> str:
        monkeypatch.setattr(MonthMail, "_text", make)
        call_command("sendreports")
        return make(self)

    monkeypatch.setattr(MonthMail, "_text", meanwhile)
    call_command("sendreports")
    assert sent() == ["2027-03"]


def test_a_month_that_is_asked_for_is_sent_again_without_any_day(
    subscription: Subscription, fleet: None, capsys: pytest.CaptureFixture[str]
) -> None:
    for _time in range(2):
        call_command("sendreports", month="2027-02")
    call_command("sendreports", month="2027-04")
    assert sent() == ["2027-02", "2027-02"]
    assert capsys.readouterr().out.splitlines() == [
        "Chile, 2027-02: 1 mails sent",
        "Chile, 2027-02: 1 mails sent",
        "Chile, 2027-04: has not ended yet",
    ]
    subscription.refresh_from_db()
    assert subscription.sent_day is None


def test_a_wrong_month_is_refused(subscription: Subscription) -> None:
    with pytest.raises(CommandError, match="no month like 2027-04"):
        call_command("sendreports", month="04/2027")


def test_days_and_months_are_chosen_by_themselves(client: Client, chile: Company) -> None:
    daily = subscribe(chile)
    said = alerts(parse(client.post(URL, {"company": [chile.pk]}, follow=True)))
    assert said == ["You get the monthly report by e-mail for: Chile."]
    assert sorted(Subscription.objects.values_list("kind", flat=True)) == ["daily", "monthly"]
    said = alerts(parse(client.post(URL, follow=True)))
    assert said == ["No monthly report is mailed to you any more."]
    assert [*Subscription.objects.all()] == [daily]


def test_the_number_of_queries_does_not_grow_with_the_fleet(subscription: Subscription, chile: Company) -> None:
    for n in range(20):
        outage(in_field(chile, f"A{n}", local("2027-01-01 00:00")), local("2027-03-10 10:00"), None)
    with CaptureQueriesContext(connection) as captured:
        call_command("sendreports", month="2027-03")
    assert len(captured) < 10
