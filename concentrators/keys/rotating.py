"""The keys of concentrators come under another one of CONFIGURATION_KEYS, and are missed if there is none (SEC-3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection
from django.utils.translation import ngettext

from concentrators.keys.encryption import NoKeyError, decrypted, encrypted, encrypted_anew, is_under_the_first
from concentrators.models import DeviceKeys

BATCH: Final = 500


def rotate_keys() -> int:
    """Encrypt all keys with the first of CONFIGURATION_KEYS; return how many concentrators have other texts now.

    It can be stopped and run again: what is under the first key already is left alone, and a change that comes
    between is not undone. Raises NoKeyError at the end if no key fits some of them; all others are done by then.
    Without CONFIGURATION_KEYS it raises that at once, even if nothing is stored.
    """
    encrypted(b"")
    count = lost = 0
    for row in _in_batches():
        try:
            count += _rotate(row)
        except NoKeyError:
            lost += 1
    if lost:
        told = ngettext(
            "No key in CONFIGURATION_KEYS decrypts the keys of %d concentrator.",
            "No key in CONFIGURATION_KEYS decrypts the keys of %d concentrators.",
            lost,
        )
        raise NoKeyError(told % lost)
    return count


def _in_batches() -> Iterator[DeviceKeys]:
    """All rows by their keys, so many at a time that a fleet fits into memory."""
    rows = DeviceKeys.objects.only("encrypted_unicast_key", "encrypted_authentication_key").order_by("pk")
    batch = list(rows[:BATCH])
    while batch:
        yield from batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])


def _rotate(row: DeviceKeys) -> int:
    """How many rows that changes: 1, or 0 for one that needs nothing or was changed meanwhile. Raises NoKeyError."""
    before = row.encrypted_unicast_key, row.encrypted_authentication_key
    if all(map(is_under_the_first, before)):
        return 0
    unicast, authentication = map(encrypted_anew, before)
    stored = DeviceKeys.objects.filter(
        pk=row.pk, encrypted_unicast_key=before[0], encrypted_authentication_key=before[1]
    )
    return stored.update(encrypted_unicast_key=unicast, encrypted_authentication_key=authentication)


@register(Tags.database)
def check_device_keys(*, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Looks at one concentrator: without its key nothing that it sends ciphered is read."""
    row = DeviceKeys.objects.order_by("pk").first() if databases and _is_there() else None
    if row is None:
        return []
    try:
        decrypted(row.encrypted_unicast_key)
    except NoKeyError:
        seen = "Keys of concentrators are stored, and none of CONFIGURATION_KEYS decrypts them."
        hint = "Set it to the keys that encrypted them; if these are lost, upload the keys of the concentrators again."
        return [Error(seen, hint=hint, id="concentrators.E002")]
    return []


def _is_there() -> bool:
    return DeviceKeys._meta.db_table in connection.introspection.table_names()
