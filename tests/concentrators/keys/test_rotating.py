"""All keys come under a new one of CONFIGURATION_KEYS, and are missed without one (SEC-3)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from concentrators.keys import rotating
from concentrators.keys.encryption import NoKeyError
from concentrators.keys.rotating import check_device_keys, rotate_keys
from concentrators.keys.storing import keys_of, set_keys
from concentrators.models import DeviceKeys
from tests.factories import ConcentratorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

OLD, NEW, ANOTHER = (Fernet.generate_key().decode() for _ in range(3))
PAIRS = [(bytes(range(at, at + 16)), bytes(range(at + 100, at + 116))) for at in range(5)]


@pytest.fixture(autouse=True)
def five(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CONFIGURATION_KEYS = [OLD]
    monkeypatch.setattr(rotating, "BATCH", 2)
    for number, pair in enumerate(PAIRS):
        set_keys(ConcentratorFactory.create(), f"41705300000000{number:02X}", *pair, user=None, now=timezone.now())


def stored() -> list[tuple[bytes, bytes]]:
    return [keys_of(row) for row in DeviceKeys.objects.order_by("system_title")]


def test_all_are_under_the_new_key_and_the_old_one_can_go(settings: Any) -> None:
    settings.CONFIGURATION_KEYS = [NEW, OLD]
    assert rotate_keys() == 5
    settings.CONFIGURATION_KEYS = [NEW]
    assert stored() == PAIRS


def test_it_can_be_stopped_and_run_again(settings: Any) -> None:
    settings.CONFIGURATION_KEYS = [NEW, OLD]
    rotating._rotate(DeviceKeys.objects.order_by("pk")[0])
    assert rotate_keys() == 4
    before = list(DeviceKeys.objects.order_by("pk").values_list())
    assert rotate_keys() == 0
    assert list(DeviceKeys.objects.order_by("pk").values_list()) == before


def test_a_change_that_comes_between_is_not_undone(settings: Any) -> None:
    settings.CONFIGURATION_KEYS = [NEW, OLD]
    row = DeviceKeys.objects.select_related("concentrator").order_by("system_title")[0]
    changed = bytes(range(200, 216)), PAIRS[0][1]
    set_keys(row.concentrator, row.system_title, *changed, user=None, now=timezone.now())
    assert rotating._rotate(row) == 0
    assert stored()[0] == changed


def test_those_that_no_key_fits_are_counted_after_all_others_are_done(settings: Any) -> None:
    DeviceKeys.objects.filter(system_title__endswith="00").update(encrypted_unicast_key="of another key")
    settings.CONFIGURATION_KEYS = [NEW, OLD]
    with pytest.raises(NoKeyError, match="decrypts the keys of 1 concentrator"):
        rotate_keys()
    assert rotating._rotate(DeviceKeys.objects.get(system_title__endswith="04")) == 0


def test_one_command_rotates_them_with_the_passwords(settings: Any) -> None:
    settings.CONFIGURATION_KEYS = [NEW, OLD]
    out = io.StringIO()
    call_command("writeconfigurations", "--rotate-keys", stdout=out)
    assert "concentrators whose keys were encrypted with it: 5\n" in out.getvalue()
    settings.CONFIGURATION_KEYS = []
    with pytest.raises(CommandError, match="CONFIGURATION_KEYS is not set"):
        call_command("writeconfigurations", "--rotate-keys", stdout=out)


def test_the_system_check_finds_keys_that_cannot_be_decrypted(settings: Any) -> None:
    assert check_device_keys(databases=["default"]) == []
    for lost in ([], [ANOTHER]):
        settings.CONFIGURATION_KEYS = lost
        (error,) = check_device_keys(databases=["default"])
        assert error.id == "concentrators.E002"
    assert check_device_keys() == []
    DeviceKeys.objects.all().delete()
    assert check_device_keys(databases=["default"]) == []
