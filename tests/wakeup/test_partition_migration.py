"""From one table of messages to partitions and back: each message stays as it is (OPS-4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from wakeup.arrivals import Arrival
from wakeup.models import Format, Message
from wakeup.partitions import DEFAULT, partitions
from wakeup.recording import record

__test__ = connection.vendor == "postgresql"
pytestmark = pytest.mark.django_db

migration = import_module("wakeup.migrations.0004_messages_by_time")
BEFORE = "wakeup_message_before"


def back() -> None:
    with connection.schema_editor() as editor:
        migration.join(None, editor)


def forth() -> None:
    with connection.schema_editor() as editor:
        migration.partition(None, editor)


def send(concentrator: Concentrator, *moments: datetime) -> None:
    record([Arrival(concentrator.serial_number, Kind.BOOT, Format.PUSH, at, "10.60.0.1", 58_692) for at in moments])


def stored() -> list[object]:
    return list(Message.objects.order_by("pk").values())


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM wakeup_message ORDER BY received_at")
        return [name for (name,) in cursor.fetchall()]


def indexes() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, "wakeup_message"))


def test_messages_stay_where_they_are_and_later_ones_find_their_partition(in_field: Concentrator) -> None:
    now = timezone.now()
    back()
    send(in_field, datetime(1999, 1, 1, tzinfo=UTC), now, now + timedelta(days=1), datetime(2099, 1, 1, tzinfo=UTC))
    before = stored()
    forth()
    assert stored() == before
    tomorrow = next(each.name for each in partitions() if each.span.has(now.date() + timedelta(days=1)))
    assert tables() == [BEFORE, BEFORE, tomorrow, DEFAULT]
    send(in_field, now, now + timedelta(days=2))
    assert tables() == [BEFORE, BEFORE, BEFORE, tomorrow, tomorrow, DEFAULT]
    assert len({message.pk for message in Message.objects.all()}) == 6


def test_back_in_one_table_they_are_the_same_and_the_next_number_follows(in_field: Concentrator) -> None:
    now = timezone.now()
    send(in_field, datetime(1999, 1, 1, tzinfo=UTC), now, now + timedelta(days=3))
    before, indexes_before = stored(), indexes()
    back()
    assert stored() == before
    assert indexes() == indexes_before
    assert not partitions()
    send(in_field, now)
    last, new = Message.objects.order_by("pk").values_list("pk", flat=True)[2:]
    assert new == last + 1


def test_an_empty_table_leaves_nothing_behind() -> None:
    back()
    forth()
    with connection.cursor() as cursor:
        assert BEFORE not in connection.introspection.table_names(cursor)
    assert not any(each.name == BEFORE for each in partitions())
