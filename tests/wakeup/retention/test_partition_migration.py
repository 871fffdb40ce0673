"""From one table of messages to partitions and back: each message stays as it is (OPS-4)."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from concentrators.models import Concentrator
from profiles.models import SystemSettings
from smmeplus.dlms.kinds import Kind
from wakeup.models import Format, Message
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record
from wakeup.retention.packing import pack
from wakeup.retention.partitions import DEFAULT, partitions

__test__ = connection.vendor == "postgresql"
pytestmark = [pytest.mark.django_db, pytest.mark.time]

migration = import_module("wakeup.migrations.0004_messages_by_time")
later = import_module("wakeup.migrations.0021_packed_partitions")
BEFORE = "wakeup_message_before"
LATER = "ALTER TABLE wakeup_message ALTER elsewhere SET DEFAULT false"  # as a later migration has it
ONE_DAY = timedelta(days=1)


def back() -> None:
    with connection.schema_editor() as editor:
        later.back(None, editor)
        migration.join(None, editor)
        editor.execute(LATER)


def forth() -> None:
    with connection.schema_editor() as editor:
        migration.partition(None, editor)
        editor.execute(LATER)
        later.forth(None, editor)


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


def name_of(begin: date) -> str:
    """The partition from ``begin`` up to the end of its month (the settings of a new database go by months)."""
    end = begin.replace(day=monthrange(begin.year, begin.month)[1])
    return f"wakeup_message_{begin:%Y%m%d}" + (f"_{end:%Y%m%d}" if end != begin else "")


@pytest.mark.parametrize(
    ("today", "begins"),
    # ``begins`` is where the partitions of the next days begin: tomorrow, and the first of next month when that is
    # within the seven days that are always made ahead.
    [
        pytest.param(date(2027, 6, 15), [date(2027, 6, 16)], id="ordinary day"),
        pytest.param(date(2027, 6, 23), [date(2027, 6, 24)], id="next month a day too far"),
        pytest.param(date(2027, 6, 24), [date(2027, 6, 25), date(2027, 7, 1)], id="next month just near enough"),
        pytest.param(date(2026, 11, 29), [date(2026, 11, 30), date(2026, 12, 1)], id="last day but one of a month"),
        pytest.param(date(2026, 11, 30), [date(2026, 12, 1)], id="last day of a month"),
        pytest.param(date(2026, 12, 30), [date(2026, 12, 31), date(2027, 1, 1)], id="last day but one of a year"),
        pytest.param(date(2026, 12, 31), [date(2027, 1, 1)], id="last day of a year"),
        pytest.param(date(2027, 2, 27), [date(2027, 2, 28), date(2027, 3, 1)], id="last day but one of February"),
        pytest.param(date(2027, 2, 28), [date(2027, 3, 1)], id="last day of February"),
        pytest.param(date(2028, 2, 28), [date(2028, 2, 29), date(2028, 3, 1)], id="eve of a leap day"),
        pytest.param(date(2028, 2, 29), [date(2028, 3, 1)], id="leap day"),
    ],
)
@pytest.mark.parametrize("hour", [0, 23])
def test_messages_stay_where_they_are_and_later_ones_find_their_partition(
    in_field: Concentrator, today: date, begins: list[date], hour: int
) -> None:
    now = datetime.combine(today, time(hour, 30), UTC)
    with time_machine.travel(now, tick=False):
        back()
        send(in_field, datetime(1999, 1, 1, tzinfo=UTC), now, now + ONE_DAY, datetime(2099, 1, 1, tzinfo=UTC))
        before = stored()
        forth()
        assert stored() == before
        of_before, *of_next_days = partitions()
        assert (of_before.name, of_before.span.end) == (BEFORE, today + ONE_DAY)
        assert [each.name for each in of_next_days] == [name_of(begin) for begin in begins]
        assert tables() == [BEFORE, BEFORE, name_of(begins[0]), DEFAULT]
        send(in_field, now, now + 2 * ONE_DAY)
    day_after = max(begin for begin in begins if begin <= today + 2 * ONE_DAY)
    assert tables() == [BEFORE, BEFORE, BEFORE, name_of(begins[0]), name_of(day_after), DEFAULT]
    assert len({message.pk for message in Message.objects.all()}) == 6


def test_messages_that_are_kept_for_a_while_get_partitions_of_a_day(in_field: Concentrator) -> None:
    SystemSettings(messages_kept_days=100).save()
    now = datetime(2027, 2, 27, 12, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        back()
        send(in_field, now, now + 3 * ONE_DAY, now + 7 * ONE_DAY, now + 8 * ONE_DAY)
        forth()
    days = ["20270228", *(f"2027030{day}" for day in range(1, 7))]
    assert [each.name for each in partitions()] == [BEFORE, *(f"wakeup_message_{day}" for day in days)]
    assert tables() == [BEFORE, "wakeup_message_20270302", "wakeup_message_20270306", DEFAULT]


def test_back_in_one_table_they_are_the_same_and_the_next_number_follows(in_field: Concentrator) -> None:
    now = timezone.now()
    send(in_field, datetime(1999, 1, 1, tzinfo=UTC), now, now + timedelta(days=3))
    before, indexes_before = stored(), indexes()
    back()
    assert stored() == before
    assert indexes() - indexes_before == {"wakeup_message_pkey", "message_by_concentrator", "message_by_time"}
    assert not indexes_before - indexes()
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


def test_what_lay_there_before_there_were_partitions_is_packed_as_any_other(in_field: Concentrator) -> None:
    now = datetime(2027, 6, 15, 12, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        back()
        send(in_field, datetime(1999, 1, 1, tzinfo=UTC), datetime(2011, 5, 5, 5, 5, tzinfo=UTC), now)
        forth()
    before = stored()
    assert [old.partition.name for old in pack(now + 2 * ONE_DAY, None).packed] == [BEFORE]
    assert (stored(), set(tables())) == (before, {BEFORE})
