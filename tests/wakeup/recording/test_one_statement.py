"""On PostgreSQL a batch is one statement, also on the slow path."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory
from wakeup.models import Format, Message
from wakeup.recording import libpq
from wakeup.recording.arrivals import MessageRow
from wakeup.recording.recorder import store_rows

__test__ = connection.vendor == "postgresql"  # elsewhere there is no such statement
pytestmark = pytest.mark.django_db

AT = datetime(2020, 9, 6, 4, tzinfo=UTC)


def test_a_batch_is_one_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    concentrator = ConcentratorFactory.create()
    row = MessageRow(concentrator.pk, Kind.BOOT, AT, None, "10.0.0.1", 1, Format.PUSH, date(2020, 9, 6))
    store_rows([row])  # the connection plans the statement
    sent: list[bytes] = []

    def send(raw: Any, words: bytes, through: Callable[..., Any] = libpq._execute) -> Any:
        sent.append(words)
        return through(raw, words)

    monkeypatch.setattr(libpq, "_execute", send)
    with CaptureQueriesContext(connection) as queries:
        store_rows([row] * 100)
    assert [words.count(b"EXECUTE") for words in sent] == [1]
    assert not queries.captured_queries
    assert Message.objects.count() == 101
