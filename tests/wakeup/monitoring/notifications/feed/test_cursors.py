"""Cursors are text of one form, which says what it was made of (API-3)."""

from __future__ import annotations

from uuid import UUID

import pytest

from wakeup.monitoring.notifications.feed.cursors import Cursor

UID = UUID("12345678-9abc-4def-8123-456789abcdef")


@pytest.mark.parametrize("number", [0, 1, 999, 10**18 - 1])
def test_a_cursor_is_read_as_it_was_written(number: int) -> None:
    cursor = Cursor.at(number, UID)
    assert str(cursor) == f"e{number}.12345678"
    assert Cursor.read(str(cursor)) == cursor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "e",
        "e1",
        "1.12345678",
        "e01.12345678",
        "e-1.12345678",
        "e1.1234567",
        "e1.123456789",
        "e1.1234567G",
        "e1.12345678\n",
        " e1.12345678",
        "e1000000000000000000.12345678",
        "e\u0661.12345678",
        "newest",
    ],
)
def test_nothing_else_is_one(text: str) -> None:
    assert Cursor.read(text) is None


def test_it_knows_its_event_by_the_beginning_of_its_id() -> None:
    assert Cursor.at(7, UID).is_of(UID)
    assert not Cursor.at(7, UID).is_of(UUID(int=7))


def test_nothing_is_known_of_what_is_not_kept_or_never_was() -> None:
    assert Cursor.at(7, UID).is_of(None)
    assert Cursor.at(0, None).is_of(UID)
