"""That another device answers at the address of a concentrator is said on both pages (CFG-3)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, Configuration
from concentrators.procedures.actions import install, remove
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import alerts, parse
from tests.smmeplus.users import client_of
from tests.wakeup.at_noon import NOW

pytestmark = [pytest.mark.usefixtures("noon"), pytest.mark.one_database]

ASKED, ANSWERED = "16CEC50610000001", "16CEC50610000002"


@pytest.fixture
def asked(noon: Any, chile: Company) -> Concentrator:
    one = ConcentratorFactory.create(serial_number=ASKED, company=chile)
    chosen = Concentrator.objects.filter(pk=one.pk)
    install(chosen, SpontaneousProfileFactory.create(), user=None, now=NOW)
    Configuration.objects.update(state="failed", failure="other device", other_serial=ANSWERED, other_at=NOW)
    return chosen.get()


@pytest.fixture
def client(noon: Any, operator: User) -> Client:
    return client_of(operator)


def said(client: Client, serial: str) -> tuple[list[str], list[str | None]]:
    """The alerts about answers, and where they lead."""
    page = parse(client.get(reverse("concentrator:page", args=[serial])))
    found = [alert for alert in alerts(page) if "answers at the management address" in alert]
    links = [link.get("href") for link in page.iterfind(".//*[@class='alert alert-warning']//a")]
    return found, links


def test_both_pages_say_so_and_lead_to_each_other(client: Client, chile: Company, asked: Concentrator) -> None:
    ConcentratorFactory.create(serial_number=ANSWERED, company=chile)  # it need not be in field
    (of_asked,), to_answered = said(client, ASKED)
    assert of_asked.startswith(f"Another device answers at the management address of this concentrator: {ANSWERED}, on")
    (of_answered,), to_asked = said(client, ANSWERED)
    assert ASKED in of_answered
    assert (to_answered, to_asked) == (
        [reverse("concentrator:page", args=[ANSWERED])],
        [reverse("concentrator:page", args=[ASKED])],
    )


def test_a_device_that_is_not_ours_is_named_and_leads_nowhere(client: Client, asked: Concentrator) -> None:
    assert said(client, ASKED)[1] == []
    ConcentratorFactory.create(serial_number=ANSWERED)  # of another company
    assert said(client, ASKED)[1] == []


def test_the_page_of_the_one_that_answered_names_none_of_another_company(asked: Concentrator, operator: User) -> None:
    other = ConcentratorFactory.create(serial_number=ANSWERED).company
    stranger = User.objects.create_user("stranger")
    stranger.user_permissions.set(operator.user_permissions.all())
    stranger.groups.set(operator.groups.all())
    other.users.add(stranger)
    assert said(client_of(stranger), ANSWERED) == ([], [])


def test_what_is_not_in_field_any_more_has_no_finding(client: Client, chile: Company, asked: Concentrator) -> None:
    ConcentratorFactory.create(serial_number=ANSWERED, company=chile)
    remove(Concentrator.objects.filter(serial_number=ASKED), user=None, now=NOW)
    assert said(client, ASKED) == said(client, ANSWERED) == ([], [])
