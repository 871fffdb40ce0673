"""The lock under which the desk's passes follow one another (STA-5)."""

from __future__ import annotations

from typing import Final

from django.db import connection

_DESK: Final = 58_695


def hold_desk() -> None:
    """Wait until no other pass of the desk is under way, and let none begin until the transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock({_DESK})")
