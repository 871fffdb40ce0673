"""Concentrators with keys, in the database and simulated (SEC-3)."""

from __future__ import annotations

from django.utils import timezone

from concentrators.keys.encryption import encrypted
from concentrators.models import Concentrator, DeviceKeys
from concentrators.simulator.ciphering.pushes import Ciphering
from smmeplus.dlms.ciphering.keys import Keys

KEYS = Keys(b"unicast key 0001", b"authentication k")
OTHERS = Keys(b"unicast key 0002", b"authentication k")


def title_of(number: int) -> str:
    """Of the concentrator with that primary key, as the inventory has it."""
    return (b"EPL" + number.to_bytes(5, "big")).hex().upper()


def give_keys(one: Concentrator, keys: Keys = KEYS, *, title: str = "", counter: int = 1) -> DeviceKeys:
    return DeviceKeys.objects.create(
        concentrator=one,
        system_title=title or title_of(one.pk),
        encrypted_unicast_key=encrypted(keys.unicast),
        encrypted_authentication_key=encrypted(keys.authentication),
        ciphered_only=True,
        changed_at=timezone.now(),
        own_counter=counter,
    )


def ciphering_of(one: Concentrator, keys: Keys = KEYS, *, title: str = "") -> Ciphering:
    """The same in the device."""
    return Ciphering(keys, bytes.fromhex(title or title_of(one.pk)), ciphered_only=True)
