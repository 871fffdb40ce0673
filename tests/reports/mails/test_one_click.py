"""Mails can be sorted, and ended by one click in the reader's mail program (RFC 2919, RFC 8058)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from reports.mailing import headers_of_list
from reports.models import Kind, Subscription
from tests.factories import CompanyFactory
from tests.smmeplus.users import make_viewer

pytestmark = pytest.mark.one_database

CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.SITE_URL = "https://smmeplus.example"


@pytest.fixture
def reader(chile: Company) -> User:
    return make_viewer(chile)


def subscribe(user: User, company: Company, kind: Kind = Kind.DAILY) -> Subscription:
    return Subscription.objects.create(user=user, company=company, kind=kind, language="en")


def path_of(subscription: Subscription) -> str:
    link = headers_of_list(subscription)["List-Unsubscribe"]
    assert link.startswith("<https://smmeplus.example/")
    return urlsplit(link.strip("<>")).path


def strict() -> Client:
    """As a mail program is: without a session and a token of a form."""
    return Client(enforce_csrf_checks=True)


def test_one_click_ends_one_subscription_and_no_other(reader: User, chile: Company) -> None:
    one = subscribe(reader, chile)
    others = [
        subscribe(reader, chile, Kind.MONTHLY),
        subscribe(reader, CompanyFactory.create()),
        subscribe(make_viewer(chile, name="other"), chile),
    ]
    path = path_of(one)
    assert strict().post(path, CLICK).status_code == 204
    assert list(Subscription.objects.order_by("pk")) == others
    assert strict().post(path, CLICK).status_code == 204  # the mail program tries again


def test_a_link_that_is_followed_changes_nothing_and_leads_to_the_page(reader: User, chile: Company) -> None:
    for kind, page in ((Kind.DAILY, "subscriptions"), (Kind.MONTHLY, "monthly-subscriptions")):
        path = path_of(subscribe(reader, chile, kind))
        response = strict().get(path)
        assert (response.status_code, response["Location"]) == (302, reverse(f"reports:{page}"))
    assert Subscription.objects.count() == 2


def test_what_is_no_click_of_ours_ends_nothing(reader: User, chile: Company) -> None:
    path = path_of(subscribe(reader, chile))
    assert strict().post(path).status_code == 400
    assert strict().post(path, {"List-Unsubscribe": "yes"}).status_code == 400
    for wrong in (path[:-2] + "/", path.replace(":", "x", 1), reverse("reports:unsubscribe", args=["x"])):
        assert strict().post(wrong, CLICK).status_code == 404
        assert strict().get(wrong).status_code == 404
    assert Subscription.objects.count() == 1


@pytest.mark.parametrize("site", ["http://smmeplus.example", "", "http://10.1.1.1:8000"])
def test_a_link_that_is_not_https_is_no_click(reader: User, chile: Company, settings: Any, site: str) -> None:
    settings.SITE_URL = site
    assert headers_of_list(subscribe(reader, chile)).keys() == {"List-Id"}


def test_the_mail_of_a_day_has_them(reader: User, chile: Company) -> None:
    User.objects.filter(pk=reader.pk).update(email="reader@chile.example")
    one = subscribe(reader, chile)
    call_command("sendreports", verbosity=0)
    (message,) = mail.outbox
    headers = message.message()
    assert headers["List-Id"] == f"<daily-{chile.pk}.reports.smmeplus.example>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert path_of(one) in headers["List-Unsubscribe"]
    assert message.subject.isascii()
