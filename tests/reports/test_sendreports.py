"""`manage.py sendreports`: the day that has ended, once to each subscriber."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from pytest_django import Settings

from concentrators.models import Company
from reports.mailing import DayMail
from reports.models import Subscription
from tests.factories import CompanyFactory
from tests.reports.subscribers import subscribe

DAY = date(2020, 9, 23)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("next_morning"), pytest.mark.one_database]


def test_a_second_run_sends_nothing_and_a_missed_day_is_not_sent_later(
    subscription: Subscription, next_morning: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("sendreports")
    call_command("sendreports")
    assert capsys.readouterr().out.splitlines() == [
        "Chile, 2020-09-23: 1 mails sent",
        "Chile, 2020-09-23: nobody to send it to",
    ]
    next_morning.shift(timedelta(days=3))
    call_command("sendreports")
    assert [message.subject[-9:] for message in mail.outbox] == ["9/23/2020", "9/26/2020"]


def test_of_two_runs_at_once_only_one_sends(
    subscription: Subscription, chile: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one goes through while the first, which has seen that both are due, prepares its mail."""
    subscribe(chile, "second")
    make_mail = DayMail.of

    def meanwhile(report: Any) -> DayMail:
        monkeypatch.setattr(DayMail, "of", make_mail)
        call_command("sendreports")
        assert len(mail.outbox) == 2
        return make_mail(report)

    monkeypatch.setattr(DayMail, "of", meanwhile)
    call_command("sendreports")
    assert len(mail.outbox) == 2


class Choosy(EmailBackend):
    """A back end that takes no mails to ``second``; it has claimed them by then."""

    claimed: list[date | None] = []

    def send_messages(self, messages: Any) -> int:
        if messages[0].to == ["second@chile.example"]:
            Choosy.claimed = list(
                Subscription.objects.filter(user__username="second").values_list("sent_day", flat=True)
            )
            raise ConnectionResetError("mailbox full")
        return super().send_messages(messages)


def test_what_cannot_be_sent_is_said_and_tried_again_by_the_next_run(
    chile: Company, settings: Settings, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Choosy"
    for name in ("first", "second", "third"):
        subscribe(chile, name)
    with pytest.raises(CommandError, match="1 mails could not be sent"):
        call_command("sendreports")
    assert Choosy.claimed == [DAY]
    assert capsys.readouterr().out == "Chile, 2020-09-23: 2 mails sent, 1 failed\n"
    assert "on 2020-09-23 could not be mailed to the user “second”: mailbox full" in caplog.text
    settings.EMAIL_BACKEND = works
    call_command("sendreports")
    assert [message.to[0].split("@")[0] for message in mail.outbox] == ["first", "third", "second"]


def test_while_the_mail_server_is_away_nothing_counts_as_sent(subscription: Subscription, settings: Settings) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = nobody_listens.getsockname()
        with pytest.raises(CommandError, match=r"takes no mails.*The next run tries again"):
            call_command("sendreports")
    subscription.refresh_from_db()
    assert subscription.sent_day is None


def leave(user: User) -> None:
    user.companies.clear()


def lose_address(user: User) -> None:
    user.email = ""


def lock(user: User) -> None:
    user.is_active = False


def lose_role(user: User) -> None:
    user.groups.clear()


@pytest.mark.parametrize("lose", [leave, lose_address, lock, lose_role])
def test_who_has_no_right_any_more_gets_nothing(subscription: Subscription, lose: Callable[[User], None]) -> None:
    lose(subscription.user)
    subscription.user.save()
    call_command("sendreports")
    call_command("sendreports", day=str(DAY))
    assert not mail.outbox


def test_a_superuser_gets_what_he_sees_without_belonging_to_it(subscription: Subscription) -> None:
    leave(subscription.user)
    subscription.user.is_superuser = True
    subscription.user.save()
    call_command("sendreports")
    assert len(mail.outbox) == 1


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(
    subscription: Subscription, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("sendreports", dry_run=True)
    subscription.refresh_from_db()
    assert (mail.outbox, subscription.sent_day) == ([], None)
    assert capsys.readouterr().out == "Chile, 2020-09-23: 1 mails would be sent\n"


def test_a_day_that_is_asked_for_is_sent_again_to_all_and_not_marked(subscription: Subscription) -> None:
    call_command("sendreports")
    call_command("sendreports", day="2020-09-21")
    call_command("sendreports", day="2020-09-23")
    assert [message.subject[-9:] for message in mail.outbox] == ["9/23/2020", "9/21/2020", "9/23/2020"]
    subscription.refresh_from_db()
    assert subscription.sent_day == DAY


def test_only_the_company_that_is_named_is_served(
    subscription: Subscription, capsys: pytest.CaptureFixture[str]
) -> None:
    peru = CompanyFactory.create(name="Peru", time_zone="America/Lima")
    subscribe(peru, "second")
    call_command("sendreports", company="peru")
    assert [message.to for message in mail.outbox] == [["second@chile.example"]]
    assert capsys.readouterr().out == "Peru, 2020-09-23: 1 mails sent\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"company": "Nowhere"}, "no company “Nowhere”"),
        ({"day": "23/9/2020"}, "no day like"),
        ({"day": "2020-09-25"}, "no day that has ended"),
        ({"day": "0001-01-01"}, "no day that has ended"),
    ],
)
def test_what_there_is_not_is_refused(subscription: Subscription, options: dict[str, str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("sendreports", **options)
    assert not mail.outbox


def test_a_day_that_lasts_is_not_sent(subscription: Subscription, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sendreports", day="2020-09-24")
    assert not mail.outbox
    assert capsys.readouterr().out == "Chile, 2020-09-24: has not ended yet\n"


def test_without_the_address_of_the_site_nothing_is_sent(subscription: Subscription, settings: Settings) -> None:
    settings.SITE_URL = ""
    with pytest.raises(CommandError, match="Set SITE_URL"):
        call_command("sendreports")
    assert not mail.outbox
