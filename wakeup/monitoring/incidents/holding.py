"""The lock under which outages, incidents and alarms are followed and acted on: one transaction at a time."""

from __future__ import annotations

from typing import Final

from django.db import connection

_DESK: Final = 58_694


def hold_desk() -> None:
    """Wait until nobody else changes incidents or their members, and let nobody do so until the transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock({_DESK})")
