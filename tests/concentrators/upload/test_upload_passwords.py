"""Management passwords in an uploaded file are counted, and shown nowhere (CFG-2, CON-5)."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.test import Client

from concentrators.models import Company, InstallationFile, InstallationRow, ManagementPassword
from tests.concentrators.upload.test_upload import RIGHTS, confirm, previewed
from tests.factories import CompanyFactory, ConcentratorTypeFactory
from tests.smmeplus.users import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]


@pytest.fixture
def chile() -> Company:
    ConcentratorTypeFactory.create()
    return CompanyFactory.create(name="Chile")


@pytest.fixture
def operator(chile: Company) -> User:
    return make_user("operator", chile, permissions=RIGHTS)


def test_passwords_are_counted_and_shown_nowhere(client: Client, chile: Company, settings: Any) -> None:
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    url = previewed(client, chile, b"serial_number,management_password\nA1,very-secret\nA2,\nA!,very-secret\n")
    page = client.get(url).content.decode()
    assert "<strong>1</strong> passwords set or changed" in page
    kept = [*InstallationFile.objects.values_list(), *InstallationRow.objects.values_list()]
    shown = [page, client.get(f"{url}errors/").content.decode(), confirm(client, url, only_good_rows="yes")]
    assert "very-secret" not in f"{shown} {kept}"
    assert not InstallationRow.objects.filter(password__isnull=False).exists()
    assert ManagementPassword.objects.get().concentrator.serial_number == "A1"
    export = client.get("/concentrators/?export=csv").getvalue().decode()
    assert "password" not in export
    assert "management_password" not in client.get("/concentrators/upload/template/").content.decode()
