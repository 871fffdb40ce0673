"""Passwords of concentrators at rest (CFG-2)."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet

from concentrators.keys.encryption import NoKeyError, decrypted
from concentrators.keys.passwords import check_keys, rotate, set_password
from concentrators.models import Concentrator, ManagementPassword
from smmeplus.environment import IDS
from tests.factories import ConcentratorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def one(settings: Any) -> Concentrator:
    settings.CONFIGURATION_KEYS = [OLD]
    return ConcentratorFactory.create()


def stored() -> str:
    return ManagementPassword.objects.get().encrypted


def test_what_is_stored_does_not_show_the_password(one: Concentrator) -> None:
    set_password(one, "contraseña")
    assert "contraseña" not in stored()
    assert decrypted(stored()) == "contraseña".encode()


def test_another_password_takes_its_place_and_an_empty_one_removes_it(one: Concentrator) -> None:
    set_password(one, "first")
    set_password(one, "second")
    assert decrypted(stored()) == b"second"
    set_password(one, "")
    assert not ManagementPassword.objects.exists()


def test_a_new_key_is_listed_first_and_the_old_one_goes_after_the_rotation(one: Concentrator, settings: Any) -> None:
    set_password(one, "secret")
    settings.CONFIGURATION_KEYS = [NEW, OLD]
    assert decrypted(stored()) == b"secret"
    assert rotate() == 1
    settings.CONFIGURATION_KEYS = [NEW]
    assert decrypted(stored()) == b"secret"
    settings.CONFIGURATION_KEYS = [OLD]
    with pytest.raises(NoKeyError):
        decrypted(stored())


def test_without_a_key_no_password_is_taken(one: Concentrator, settings: Any) -> None:
    settings.CONFIGURATION_KEYS = []
    with pytest.raises(NoKeyError, match="CONFIGURATION_KEYS is not set"):
        set_password(one, "secret")


def test_the_system_check_finds_passwords_without_a_key(one: Concentrator, settings: Any) -> None:
    assert check_keys(databases=["default"]) == []
    set_password(one, "secret")
    assert check_keys(databases=["default"]) == []
    settings.CONFIGURATION_KEYS = []
    (error,) = check_keys(databases=["default"])
    assert error.id == "concentrators.E001"
    assert check_keys() == []


def test_both_variables_have_a_check_of_their_own() -> None:
    assert {"WRITER_NETWORKS", "CONFIGURATION_KEYS"} <= IDS.keys()
