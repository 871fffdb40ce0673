"""The nightly command: what has ended goes, and owners learn in time that a token is going to end."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override
from knox.models import AuthToken
from pytest_django.fixtures import Settings

from concentrators.models import Company
from reports.models import Subscription
from smmeplus.models import TokenDetails

pytestmark = pytest.mark.one_database

Make = Callable[..., TokenDetails]


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    settings.SITE_URL = "https://smmeplus.example"


@pytest.fixture
def make(operator: User) -> Make:
    operator.email = "operator@example.org"
    operator.save()

    def made(days: float, name: str = "Pump", **details: Any) -> TokenDetails:
        row, _token = AuthToken.objects.create(operator, expiry=timedelta(days=days))
        return TokenDetails.objects.create(token=row, name=name, **details)

    return made


def run(**options: Any) -> str:
    out = io.StringIO()
    call_command("pruneaccess", stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize(("days", "stays"), [(1, True), (-1, True), (-29.9, True), (-30.1, False), (-400, False)])
def test_a_token_goes_30_days_after_its_end(make: Make, days: float, stays: bool) -> None:
    make(days, warned_at=timezone.now())
    run()
    assert AuthToken.objects.exists() == TokenDetails.objects.exists() == stays


def test_one_without_an_end_stays(operator: User) -> None:
    AuthToken.objects.create(operator, expiry=None)
    run()
    assert AuthToken.objects.count() == 1
    assert mail.outbox == []


def test_old_sessions_and_failed_sign_ins_go(db: None) -> None:
    now = timezone.now()
    stores = [import_module(settings.SESSION_ENGINE).SessionStore() for _ in range(2)]
    for store, seconds in zip(stores, (-60, 60), strict=True):
        store["signed in"] = "somebody"
        store.set_expiry(seconds)
        store.save()
    for name, days in (("old", 31), ("new", 29)):
        with time_machine.travel(now - timedelta(days=days), tick=False):
            AccessAttempt.objects.create(username=name, ip_address="10.0.0.1", failures_since_start=1)
    assert run() == "0 tokens and 1 failed sign-ins deleted\n"
    assert [store.exists(store.session_key) for store in stores] == [False, True]
    assert [attempt.username for attempt in AccessAttempt.objects.all()] == ["new"]


@pytest.mark.parametrize(("days", "mails"), [(15, 0), (14.1, 0), (13.9, 1), (0.1, 1), (-0.1, 0)])
def test_an_owner_is_told_14_days_before_and_once(make: Make, days: float, mails: int) -> None:
    make(days)
    for _ in range(2):
        run()
    assert len(mail.outbox) == mails


def test_the_mail_names_the_token_and_not_more(make: Make) -> None:
    details = make(13.5, name="Pump of Chile")
    run()
    [sent] = mail.outbox
    assert sent.to == ["operator@example.org"]
    assert "Pump of Chile" in sent.subject
    assert f"{details.token.token_key}…" in sent.body
    assert "in 13 days" in sent.body
    assert "https://smmeplus.example/tokens/" in sent.body
    assert details.token.digest not in sent.body
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


def test_each_of_several_has_its_mail(make: Make) -> None:
    for name in ("Pump", "Grafana"):
        make(10, name)
    make(100, "Later")
    assert "2 mails sent" in run()


def test_a_token_of_before_is_told_by_its_beginning(make: Make, operator: User) -> None:
    operator.email = "operator@example.org"
    operator.save()
    row, _token = AuthToken.objects.create(operator, expiry=timedelta(days=1))
    run()
    run()
    [sent] = mail.outbox
    assert f"{row.token_key}…" in sent.subject


def test_the_mail_is_in_the_language_of_their_other_mails(make: Make, operator: User, chile: Company) -> None:
    make(10)
    Subscription.objects.create(user=operator, company=chile, language="es")
    run()
    with override("es"):
        at = date_format(AuthToken.objects.get().expiry, "DATETIME_FORMAT")
    assert at != date_format(AuthToken.objects.get().expiry, "DATETIME_FORMAT")
    assert at in mail.outbox[0].body


@pytest.mark.parametrize("change", [{"email": ""}, {"is_active": False}])
def test_who_cannot_be_told_or_is_disabled_is_not(make: Make, operator: User, change: dict[str, Any]) -> None:
    make(10)
    User.objects.filter(pk=operator.pk).update(**change)
    run()
    assert mail.outbox == []
    User.objects.update(email="late@example.org", is_active=True)
    run()
    assert len(mail.outbox) == 1


def test_a_mail_that_failed_is_tried_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    make(10)

    def fail(*_: Any) -> None:
        raise OSError("refused")

    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "send_messages", fail)
        with pytest.raises(CommandError, match="1 mails could not be sent"):
            run()
    run()
    assert len(mail.outbox) == 1


def test_while_the_mail_server_is_away_what_has_ended_goes_all_the_same(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(10)
    make(-31, "Old")

    def fail(*_: Any) -> None:
        raise OSError("nobody there")

    monkeypatch.setattr(EmailBackend, "open", fail)
    with pytest.raises(CommandError, match="The mail server takes no mails: nobody there"):
        run()
    assert [row.name for row in TokenDetails.objects.filter(warned_at=None)] == ["Pump"]
    assert AuthToken.objects.count() == 1


def test_without_an_address_of_the_web_nobody_is_mailed(make: Make, settings: Settings) -> None:
    settings.SITE_URL = ""
    make(10)
    with pytest.raises(CommandError, match="SITE_URL"):
        run()
    assert mail.outbox == []


def test_a_dry_run_says_whom_it_would_tell_and_does_nothing(make: Make) -> None:
    details = make(10)
    make(-31, "Old")
    said = run(dry_run=True)
    ends: datetime = details.token.expiry
    assert said == f"operator: {details.token.token_key}… ends {ends:%Y-%m-%d}\n"
    assert AuthToken.objects.count() == 2
    assert mail.outbox == []
