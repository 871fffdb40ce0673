"""The concentrators that cipher, with their keys (SEC-3)."""

from __future__ import annotations

import logging
from collections.abc import Collection

from concentrators.keys.encryption import NoKeyError, decrypted
from concentrators.models import DeviceKeys
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.errors import FrameError
from wakeup.formats.seals import KeyedDevice

log = logging.getLogger(__name__)


def keyed_devices(titles: Collection[str] = (), serials: Collection[str] = ()) -> list[KeyedDevice]:
    """Those with one of the system ``titles`` or ``serials``. Raises Django's database errors.

    Left out, with a line in the log, are those whose keys cannot be decrypted.
    """
    rows: list[DeviceKeys] = []
    every = DeviceKeys.objects.select_related("concentrator")
    if titles:
        rows += every.filter(system_title__in=titles)
    if serials:
        rows += every.filter(concentrator__serial_number__in=serials)
    return [device for row in rows if (device := device_of(row)) is not None]


def keys_of(row: DeviceKeys) -> Keys | None:
    """None, with a line in the log, if they cannot be decrypted."""
    try:
        return Keys(decrypted(row.encrypted_unicast_key), decrypted(row.encrypted_authentication_key))
    except (NoKeyError, FrameError) as error:
        log.error("the keys of system title %s cannot be used: %s", row.system_title, error)  # noqa: TRY400 - none of ours
        return None


def device_of(row: DeviceKeys) -> KeyedDevice | None:
    """None, with a line in the log, if its keys cannot be decrypted."""
    keys = keys_of(row)
    if keys is None:
        return None
    accepted = -1 if row.accepted_counter is None else row.accepted_counter
    return KeyedDevice(row.concentrator.serial_number, row.system_title, keys, row.changed_at, accepted)
