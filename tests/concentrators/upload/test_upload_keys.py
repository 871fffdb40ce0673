"""Keys of ciphered messages in an uploaded file: counted, shown nowhere, and for those who may (SEC-3, CON-5)."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import Permission, User
from django.test import Client

from concentrators.models import Company, DeviceKeys, InstallationFile, InstallationRow
from tests.concentrators.upload.test_upload import RIGHTS, confirm, previewed, upload
from tests.factories import CompanyFactory, ConcentratorTypeFactory
from tests.smmeplus.users import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

FIRST, SECOND = "c0de" * 8, "cafe" * 8
FILE = (
    "serial_number,system_title,unicast_key,authentication_key\n"
    f"A1,4170530000000001,{FIRST},{SECOND}\nA2,,,\nA3,4170530000000003,{SECOND}0,{FIRST}\n"
).encode()
KEY_RIGHTS = ("concentrators.add_devicekeys", "concentrators.change_devicekeys")


@pytest.fixture
def chile(settings: Any) -> Company:
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    ConcentratorTypeFactory.create()
    return CompanyFactory.create(name="Chile")


@pytest.fixture
def operator(chile: Company) -> User:
    return make_user("operator", chile, permissions=(*RIGHTS, *KEY_RIGHTS))


def without_key_rights(operator: User) -> None:
    operator.user_permissions.remove(*Permission.objects.filter(codename__endswith="_devicekeys"))


def test_keys_are_counted_written_and_shown_nowhere(client: Client, chile: Company) -> None:
    assert "unicast_key" in client.get("/concentrators/upload/").content.decode()
    url = previewed(client, chile, FILE)
    page = client.get(url).content.decode()
    assert "<strong>1</strong> with new or other keys" in page
    assert "new keys" in page
    kept = [*InstallationFile.objects.values_list(), *InstallationRow.objects.values_list()]
    shown = [page, client.get(f"{url}errors/").content.decode(), confirm(client, url, only_good_rows="yes")]
    assert "There are 33 here." in str(shown)
    assert not any(key in f"{shown} {kept}" for key in (FIRST, SECOND))
    assert not InstallationRow.objects.filter(unicast_key__isnull=False).exists()
    assert DeviceKeys.objects.get().concentrator.serial_number == "A1"
    for export in ("csv", "json", "xlsx"):
        told = client.get(f"/concentrators/?export={export}").getvalue()
        assert b"4170530000000001" not in told
        assert b"_key" not in told
    assert "_key" not in client.get("/concentrators/upload/template/").content.decode()


def test_who_may_not_change_keys_is_told_and_nothing_is_kept(client: Client, chile: Company, operator: User) -> None:
    without_key_rights(operator)
    assert "unicast_key" not in client.get("/concentrators/upload/").content.decode()
    said = upload(client, chile, FILE)
    assert "You may not change keys" in said
    assert FIRST not in said
    assert not InstallationRow.objects.exists()


def test_who_has_lost_the_right_since_the_preview_writes_none(client: Client, chile: Company, operator: User) -> None:
    url = previewed(client, chile, FILE)
    without_key_rights(operator)
    assert "You may not change keys" in confirm(client, url, only_good_rows="yes")
    assert not DeviceKeys.objects.exists()
