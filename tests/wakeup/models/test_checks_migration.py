"""PostgreSQL parses the checks of a table with each statement: those of what the listener writes are gone (PER-3)."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from concentrators.models import Concentrator
from smmeplus.dlms.kinds import Kind
from wakeup.models import Format, Message
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

__test__ = connection.vendor == "postgresql"
pytestmark = [pytest.mark.django_db, pytest.mark.time]

by_time = import_module("wakeup.migrations.0004_messages_by_time")
without = import_module("wakeup.migrations.0006_numbers_without_checks")


def forth() -> None:
    with connection.schema_editor() as editor:
        without.drop(None, editor)


def back() -> None:
    with connection.schema_editor() as editor:
        without.add(None, editor)


def checks() -> set[tuple[str, str]]:
    """All of the tables that a message is written to, with their partitions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c'"
            " AND conrelid::regclass::text ~ '^wakeup_(message|wakeuptotal|dailycount)'"
        )
        return set(cursor.fetchall())


def test_there_are_none_and_the_way_back_brings_all_of_them() -> None:
    assert checks() == set()
    back()
    names = {
        "wakeup_message_kind_check",
        "wakeup_message_port_check",
        "wakeup_message_format_check",
        "wakeup_wakeuptotal_wakeup_count_check",
        "wakeup_wakeuptotal_port_check",
        "wakeup_dailycount_wakeup_count_check",
    }
    assert {name for _table, name in checks()} == names
    wrong = Message(concentrator_id=1, kind=1, received_at=timezone.now(), source_ip="10.60.0.1", port=-1, format=1)
    with pytest.raises(IntegrityError, match="wakeup_message_port_check"), transaction.atomic():
        Message.objects.bulk_create([wrong])
    forth()
    assert checks() == set()


LATER = "ALTER TABLE wakeup_message ALTER elsewhere SET DEFAULT false"  # as a later migration has it


def test_the_table_that_became_a_partition_loses_its_own_ones_too(in_field: Concentrator) -> None:
    with connection.schema_editor() as editor:
        by_time.join(None, editor)
        editor.execute(LATER)
    back()
    now = timezone.now()
    record([Arrival(in_field.serial_number, Kind.BOOT, Format.PUSH, now, "10.60.0.1", 58_692)])
    connection.check_constraints()  # due at the end of the transaction, before which no table could be altered
    with connection.schema_editor() as editor:
        by_time.partition(None, editor)
        editor.execute(LATER)
    assert ("wakeup_message_before", "wakeup_message_port_check") in checks()
    forth()
    assert checks() == set()
    record([Arrival(in_field.serial_number, Kind.BOOT, Format.PUSH, now + timedelta(1), "10.60.0.1", 58_692)])
    assert Message.objects.count() == 2
