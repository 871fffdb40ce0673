"""What a concentrator's page says of its configuration, and its buttons (CFG-1 to CFG-3, CON-6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, Configuration, ConfigurationValue, ManagementPassword, RollOut
from concentrators.procedures.actions import install
from smmeplus.common.audit import changes_of
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import alerts, parse, text
from tests.smmeplus.users import client_of, make_viewer
from tests.wakeup.at_noon import NOW, SERIAL
from wakeup.models import WakeupTotal

pytestmark = [pytest.mark.usefixtures("noon"), pytest.mark.one_database]

URL = reverse("concentrator:page", args=[SERIAL])
TRY_AGAIN = reverse("concentrator:try-again", args=[SERIAL])
PASSWORD = reverse("concentrator:password", args=[SERIAL])


@pytest.fixture
def one(noon: Any, chile: Company) -> Concentrator:
    one = ConcentratorFactory.create(serial_number=SERIAL, company=chile)
    chosen = Concentrator.objects.filter(pk=one.pk)
    install(chosen, SpontaneousProfileFactory.create(), user=None, now=NOW)
    return chosen.get()


@pytest.fixture
def client(noon: Any, operator: User) -> Client:
    return client_of(operator)


def panel(client: Client) -> str:
    page = parse(client.get(URL))
    (found,) = page.iterfind(".//section[@aria-labelledby='configuration-head']")
    return text(found)


def test_it_is_pending_until_somebody_writes_it(client: Client, one: Concentrator) -> None:
    said = panel(client)
    assert "pending" in said
    assert "10.132.20.228:58692" in said
    assert "Nothing is written: no network is listed" in said


def test_one_whose_wave_has_not_come_waits_for_its_roll_out(client: Client, one: Concentrator) -> None:
    Configuration.objects.update(waits=True)
    said, number = panel(client), RollOut.objects.get().pk
    assert f"It waits for roll-out {number}" in said
    assert "Next try" not in said


def test_with_networks_it_does_not_say_that_nothing_is_written(
    client: Client, one: Concentrator, settings: Any
) -> None:
    settings.WRITER_NETWORKS = ["127.0.0.0/8"]
    assert "Nothing is written" not in panel(client)


@pytest.mark.parametrize(
    ("facts", "heard_from", "said"),
    [
        ({}, "127.2.2.2", "It is not connected to: it has no management IP."),
        (
            {"management_ip": "127.1.1.1"},
            None,
            "at 127.1.1.1:4059, its fixed management IP and port.",
        ),
        ({"management_address": "as last heard"}, None, "its address is the one last heard, and no wake-up has come"),
        ({"management_address": "as last heard"}, "127.2.2.2", "at 127.2.2.2:4059: its last wake-up came from that"),
        ({"management_address": "as last heard"}, "192.0.2.9", "in none of the networks that the writer may connect"),
    ],
)
def test_it_says_which_address_is_connected_to_and_where_that_is_from(
    client: Client, one: Concentrator, settings: Any, facts: dict[str, str], heard_from: str | None, said: str
) -> None:
    settings.WRITER_NETWORKS = ["127.0.0.0/8"]
    Concentrator.objects.update(**facts)
    if heard_from:
        WakeupTotal.objects.create(concentrator=one, last_wakeup_at=NOW, source_ip=heard_from)
    assert said in panel(client)


def test_a_failure_says_why_in_words_and_what_the_device_said(client: Client, one: Concentrator) -> None:
    Configuration.objects.update(state="failed", failure="other device", detail="16CEC50610099999", next_try_at=NOW)
    assert "failed another device answers (16CEC50610099999)" in panel(client)
    assert "Next try" in panel(client)


def test_a_drift_names_the_value_that_differs(client: Client, one: Concentrator) -> None:
    Configuration.objects.update(state="drifted", detail="wakeup period min")
    ConfigurationValue.objects.create(
        configuration_id=one.pk, parameter="period", desired="10", written="10", read_back="100", read_at=NOW
    )
    said = panel(client)
    assert "drifted not as it shall be: wakeup period min" in said
    assert said.count("differs") == 1


@pytest.mark.parametrize(("minutes", "is_said"), [(179, True), (180, False), (181, False), (None, False)])
def test_heard_and_not_reachable_is_said_if_a_wakeup_came_in_since(
    client: Client, one: Concentrator, minutes: int | None, is_said: bool
) -> None:
    Configuration.objects.update(state="failed", failure="unreachable", unreachable_since=NOW - timedelta(hours=3))
    if minutes is not None:
        WakeupTotal.objects.create(concentrator=one, last_wakeup_at=NOW - timedelta(minutes=minutes))
    said = [alert for alert in alerts(parse(client.get(URL))) if "Heard, not reachable since" in alert]
    assert len(said) == is_said


def test_one_out_of_the_field_has_no_configuration(client: Client, one: Concentrator) -> None:
    Configuration.objects.update(profile=None)
    Concentrator.objects.update(state="removed", profile=None)
    assert "configuration-head" not in client.get(URL).content.decode()


def test_try_again_makes_it_due_now_and_says_who_did_it(client: Client, one: Concentrator, operator: User) -> None:
    Configuration.objects.update(state="failed", failures=9, next_try_at=NOW + timedelta(hours=12))
    assert client.post(TRY_AGAIN, follow=True).redirect_chain == [(URL, 302)]
    found = Configuration.objects.get()
    assert (found.state, found.failures, found.next_try_at) == ("pending", 0, NOW)
    change = changes_of(one)[0]
    assert (change.user, change.action and change.action.word) == (str(operator), "new try to write")


def test_what_is_being_written_is_left_alone(client: Client, one: Concentrator) -> None:
    Configuration.objects.update(state="writing")
    said = alerts(parse(client.post(TRY_AGAIN, follow=True)))
    assert any("is being written" in alert for alert in said)
    assert Configuration.objects.get().state == "writing"


@pytest.mark.parametrize("url", [TRY_AGAIN, PASSWORD])
def test_viewers_may_do_neither(noon: Any, chile: Company, one: Concentrator, url: str) -> None:
    assert client_of(make_viewer(chile)).post(url).status_code == 403


def test_a_password_is_stored_encrypted_and_never_shown(
    client: Client, one: Concentrator, operator: User, settings: Any
) -> None:
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    assert client.post(PASSWORD, {"password": "very-secret"}).status_code == 302
    assert "very-secret" not in ManagementPassword.objects.get().encrypted
    for url in (URL, PASSWORD):
        assert "very-secret" not in client.get(url).content.decode()
    change = changes_of(one)[0]
    assert (change.user, change.action and change.action.word) == (str(operator), "management password")
    assert "very-secret" not in change.what


def test_without_a_key_a_password_is_refused_and_what_was_typed_is_not_sent_back(
    client: Client, one: Concentrator
) -> None:
    said = client.post(PASSWORD, {"password": "very-secret"}).content.decode()
    assert "CONFIGURATION_KEYS is not set" in said
    assert "very-secret" not in said
