"""Keys on the page of a concentrator and their dialogs: all but the keys is shown, to those who may see it (SEC-3)."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concentrators.keys.storing import keys_of, set_ciphered_only, set_keys
from concentrators.models import LAST_COUNTER, Company, Concentrator, DeviceKeys
from tests.factories import ConcentratorFactory
from tests.smmeplus.every_url import paths_without_arguments
from tests.smmeplus.users import client_of, make_administrator, make_operator, make_viewer
from wakeup.models import StrayFrame, StrayReason

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

SERIAL, TITLE = "A1", "4170530000000001"
UNICAST, AUTHENTICATION = bytes.fromhex("C0DEC0DE01F2E3D4A5B6978801020304"), bytes(range(16))
URL, SET, REMOVE, ONLY = (
    reverse(f"concentrator:{name}", args=[SERIAL]) for name in ("page", "keys", "remove-keys", "ciphered-only")
)
GOOD = {"system_title": TITLE, "unicast_key": UNICAST.hex(" ").upper(), "authentication_key": AUTHENTICATION.hex()}
SAME_FOR_ALL = ("/sign-out", "/api/v1/schema", "/api/v1/docs", "/jsi18n")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def one(chile: Company, settings: Any) -> Concentrator:
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    return ConcentratorFactory.create(serial_number=SERIAL, company=chile, management_ip="10.60.0.1")


@pytest.fixture
def client(one: Concentrator, chile: Company) -> Client:
    return client_of(make_administrator(chile))


def enter(one: Concentrator) -> DeviceKeys:
    set_keys(one, TITLE, UNICAST, AUTHENTICATION, user=None, now=timezone.now() - timedelta(hours=1))
    return DeviceKeys.objects.get()


def shown(client: Client, url: str = URL) -> str:
    text = client.get(url).content.decode()
    assert not any(key.hex() in text.lower() for key in (UNICAST, AUTHENTICATION))
    return text


def stray(title: str, ip: str = "10.60.0.1", **values: Any) -> None:
    now = timezone.now()
    values = {"reason": StrayReason.CIPHERED, "first_at": now, "last_at": now, "count": 1, "last_bytes": b""} | values
    StrayFrame.objects.create(sender=title, source_ip=ip, **values)


def test_they_are_entered_in_the_dialog_and_stored(client: Client, one: Concentrator) -> None:
    assert "Enter keys" in shown(client)
    response = client.post(SET, GOOD, follow=True)
    assert "The keys of A1 were stored." in response.content.decode()
    row = DeviceKeys.objects.get(concentrator=one)
    assert (row.system_title, keys_of(row)) == (TITLE, (UNICAST, AUTHENTICATION))
    said = shown(client)
    assert TITLE in said
    assert "none yet with these keys" in said
    assert "keys: added" in said
    assert "A1 has these already." in client.post(SET, GOOD, follow=True).content.decode()


def test_with_both_left_empty_the_title_alone_changes(client: Client, one: Concentrator) -> None:
    enter(one)
    client.post(SET, {"system_title": "41 70 53 00 00 00 00 02", "unicast_key": "  ", "authentication_key": ""})
    row = DeviceKeys.objects.get()
    assert (row.system_title, keys_of(row)) == ("4170530000000002", (UNICAST, AUTHENTICATION))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"unicast_key": ""}, "Both keys are needed."),
        ({"unicast_key": "", "authentication_key": ""}, "Both keys are needed."),
        ({"unicast_key": UNICAST.hex()[:31]}, "There are 31 here."),
        ({"unicast_key": UNICAST.hex()[:-1] + "g"}, "1 character here is something else."),
        ({"unicast_key": "ab" * 150}, "There are 300 here."),
        ({"unicast_key": "00" * 16}, "one byte again and again"),
        ({"authentication_key": UNICAST.hex()}, "are the same"),
        ({"system_title": "41"}, "A system title is 16 hexadecimal digits."),
        ({"system_title": ""}, "This field is required."),
    ],
)
@pytest.mark.usefixtures("one")
def test_what_is_refused_says_why_and_is_not_sent_back(client: Client, typed: dict[str, str], told: str) -> None:
    answer = client.post(SET, GOOD | typed, headers=HTMX).content.decode()
    assert told in answer
    for text in (GOOD | typed)["unicast_key"], (GOOD | typed)["authentication_key"]:
        assert not text or text not in answer
    assert not DeviceKeys.objects.exists()


def test_a_title_or_key_that_another_one_has_is_refused(client: Client, one: Concentrator) -> None:
    other = ConcentratorFactory.create(company=one.company, serial_number="B2")
    set_keys(other, TITLE, UNICAST, AUTHENTICATION, user=None, now=timezone.now())
    assert "B2 has this system title." in client.post(SET, GOOD, headers=HTMX).content.decode()
    answer = client.post(SET, GOOD | {"system_title": "4170530000000009"}, headers=HTMX).content.decode()
    assert "Another concentrator has this unicast key" in answer


def test_without_environment_keys_nothing_is_stored_and_that_is_said(
    client: Client, one: Concentrator, settings: Any
) -> None:
    settings.CONFIGURATION_KEYS = []
    assert "CONFIGURATION_KEYS is not set" in client.post(SET, GOOD, headers=HTMX).content.decode()
    assert not DeviceKeys.objects.exists()


def test_the_title_is_suggested_from_what_came_from_its_address(client: Client, one: Concentrator) -> None:
    assert f'value="{TITLE}"' not in shown(client, SET)
    stray("4170530000000077", ip="10.60.0.2")
    stray(TITLE)
    assert f'value="{TITLE}"' in shown(client, SET)
    other = ConcentratorFactory.create(company=one.company)
    set_keys(other, TITLE, UNICAST, AUTHENTICATION, user=None, now=timezone.now())
    assert f'value="{TITLE}"' not in shown(client, SET)


def test_a_serial_number_that_could_be_the_title_is_suggested(client: Client, chile: Company) -> None:
    ConcentratorFactory.create(serial_number="16CEC50610036665", company=chile)
    page = client.get(reverse("concentrator:keys", args=["16CEC50610036665"])).content.decode()
    assert 'value="16CEC50610036665"' in page


def test_ciphered_only_warns_as_long_as_nothing_has_come_in(client: Client, one: Concentrator) -> None:
    enter(one)
    assert "No ciphered message has come in with these keys yet" in shown(client, ONLY)
    client.post(ONLY, {"to": "on"})
    assert DeviceKeys.objects.get().ciphered_only
    assert "are not ciphered are refused" in shown(client)
    assert "ciphered only: false → true" in shown(client)
    client.post(ONLY, {"to": "off"})
    assert not DeviceKeys.objects.get().ciphered_only
    DeviceKeys.objects.update(accepted_at=timezone.now(), accepted_counter=0x1A2B)
    said = shown(client, ONLY)
    assert "The last ciphered message with these keys came in on" in said
    assert "No ciphered message has come in" not in said
    assert "00001A2B" in shown(client)
    assert client.post(ONLY, {"to": "perhaps"}).status_code == 404


def test_removing_asks_first(client: Client, one: Concentrator) -> None:
    enter(one)
    set_ciphered_only(one, True, user=None, now=timezone.now())
    assert "set to “ciphered only”" in shown(client, REMOVE)
    assert DeviceKeys.objects.exists()
    client.post(REMOVE)
    assert not DeviceKeys.objects.exists()
    assert "keys: deleted" in shown(client)
    for url in (REMOVE, ONLY):
        assert client.get(url).status_code == client.post(url, {"to": "on"}).status_code == 404


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"accepted_counter": LAST_COUNTER}, "its counter is at the end"),
        ({"own_counter": LAST_COUNTER + 1}, "used up for what we send"),
        ({"encrypted_unicast_key": "lost"}, "None of CONFIGURATION_KEYS decrypts the keys"),
    ],
)
def test_what_is_wrong_with_them_is_said_in_colour(
    client: Client, one: Concentrator, values: dict[str, Any], told: str
) -> None:
    enter(one)
    assert told not in shown(client)
    DeviceKeys.objects.update(**values)
    assert told in shown(client)


def test_an_operator_sees_them_and_changes_nothing_and_a_viewer_sees_nothing(one: Concentrator) -> None:
    operator, viewer = client_of(make_operator(one.company)), client_of(make_viewer(one.company))
    assert "Keys of ciphered messages" not in shown(operator)
    enter(one)
    said = shown(operator)
    assert TITLE in said
    assert "keys: added" in said
    assert not any(url in said for url in (SET, REMOVE, ONLY))
    assert TITLE not in shown(viewer)
    assert "keys: added" not in shown(viewer)
    for url in (SET, REMOVE, ONLY):
        for who in (operator, viewer):
            assert who.get(url).status_code == who.post(url, GOOD | {"to": "on"}).status_code == 403
    assert not DeviceKeys.objects.get().ciphered_only


def test_typed_keys_are_not_told_again_when_the_concentrator_is_gone(client: Client, one: Concentrator) -> None:
    one.delete()
    response = client.post(SET, GOOD, headers=HTMX)
    assert response.status_code == 404
    said = response.content.decode()
    assert TITLE in said
    assert GOOD["unicast_key"] not in said
    assert GOOD["authentication_key"] not in said


def test_no_page_no_export_and_no_log_tells_a_key(
    client: Client, one: Concentrator, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.post(SET, GOOD)
        client.post(SET, GOOD | {"unicast_key": UNICAST.hex()[:30] + "zz"})
        paths = [URL, SET, ONLY, REMOVE, reverse("concentrators:list") + "?export=json", *paths_without_arguments()]
        answers = [client.get(path).getvalue() for path in paths if not path.startswith(SAME_FOR_ALL)]
    row = DeviceKeys.objects.get()
    told = b"\n".join([*answers, caplog.text.encode(), str([vars(record) for record in caplog.records]).encode()])
    assert len(answers) > 50
    for key in (UNICAST, AUTHENTICATION):
        assert key.hex().encode() not in told.lower()
        assert key.hex(" ").encode() not in told.lower()
    assert row.encrypted_unicast_key.encode() not in told
