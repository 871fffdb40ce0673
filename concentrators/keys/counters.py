"""Invocation counters that we cipher with, taken from the database before they are used (SEC-3).

A counter that was used twice under one key and title would give away what it protects. So whoever ciphers takes a block
of them first, in one statement that no two can share, and what is left of it is never used: neither after the end of a
conversation nor after a crash.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from django.db import connection

from concentrators.models import DeviceKeys
from concentrators.models.keys import LAST_COUNTER

# In the order of the keys: who takes those of many concentrators at once never waits for another one in a ring.
_RESERVE: Final = """
    UPDATE concentrators_devicekeys SET own_counter = own_counter + %s
    WHERE own_counter + %s <= %s AND concentrator_id IN (
        SELECT concentrator_id FROM concentrators_devicekeys WHERE concentrator_id IN ({}) ORDER BY concentrator_id {}
    )
    RETURNING concentrator_id, own_counter, system_title, encrypted_unicast_key, encrypted_authentication_key
"""


class Reserved(NamedTuple):
    """The keys of one concentrator as they are in the database, and the counters that whoever asked may use with them.

    The range is empty if there are not enough left before the last one.
    """

    system_title: str
    encrypted_unicast_key: str
    encrypted_authentication_key: str
    counters: range


def reserve(concentrators: Collection[int], each: int) -> dict[int, Reserved]:
    """``each`` counters for each of ``concentrators``, by primary keys, that has keys; the others are left out."""
    known = DeviceKeys.objects.filter(pk__in=concentrators).order_by("pk")
    columns = known.values_list("pk", "system_title", "encrypted_unicast_key", "encrypted_authentication_key")
    reserved = {
        key: Reserved(title, unicast, authentication, range(0)) for key, title, unicast, authentication in columns
    }
    if reserved:
        reserved |= _reserved(list(reserved), each)
    return reserved


def _reserved(concentrators: list[int], each: int) -> dict[int, Reserved]:
    """Those of them whose counters do not end before."""
    lock = "FOR UPDATE" if connection.features.has_select_for_update else ""
    places = ", ".join(["%s"] * len(concentrators))
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE.format(places, lock), [each, each, LAST_COUNTER + 1, *concentrators])
        # The keys are those that the counter belongs to, also if they have just been changed.
        return {
            key: Reserved(title, unicast, authentication, range(after - each, after))
            for key, after, title, unicast, authentication in cursor.fetchall()
        }
