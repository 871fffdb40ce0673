"""The partitions of the messages on PostgreSQL: always one ahead, and none missing for any message (OPS-4)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from concentrators.models import Concentrator
from profiles.models import SystemSettings
from smmeplus.dlms.kinds import Kind
from wakeup.models import Format, Message
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record
from wakeup.retention import partitions
from wakeup.retention.partitions import DEFAULT, Partition, ensure_partitions, is_overtaken, make_room_for_history

__test__ = connection.vendor == "postgresql"  # elsewhere there are none; see test_prunemessages.py
pytestmark = [pytest.mark.django_db, pytest.mark.time]

NOW = datetime(2020, 9, 24, 10, 18, 46, tzinfo=UTC)
TODAY = NOW.date()
DAYS = [f"wakeup_message_202009{day}" for day in range(24, 31)] + ["wakeup_message_20201001"]


@pytest.fixture
def by_day(db: None) -> None:
    SystemSettings(messages_kept_days=30).save()


def send(concentrator: Concentrator, *moments: datetime) -> None:
    record([Arrival(concentrator.serial_number, Kind.BOOT, Format.PUSH, at, "10.60.0.1", 58_692) for at in moments])


def tables() -> list[str]:
    """The partition of each message, in their order of time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM wakeup_message ORDER BY received_at")
        return [name for (name,) in cursor.fetchall()]


def of_2020() -> list[Partition]:
    return [partition for partition in partitions.partitions() if partition.span.end < date(2022, 1, 1)]


def test_a_new_database_has_partitions_for_a_week_ahead() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT applied FROM django_migrations WHERE app = 'wakeup' AND name LIKE '0004%%'")
        migrated_on = cursor.fetchone()[0].astimezone(UTC).date()
    for n in range(8):
        day = migrated_on + timedelta(days=n)
        assert sum(partition.span.has(day) for partition in partitions.partitions()) == 1


def test_messages_kept_for_a_while_have_partitions_of_a_day(by_day: None, django_assert_num_queries: Any) -> None:
    assert ensure_partitions(NOW) == DAYS
    with django_assert_num_queries(2):
        assert ensure_partitions(NOW) == [], "nothing is done twice"
    assert ensure_partitions(NOW + timedelta(days=1)) == ["wakeup_message_20201002"]


@pytest.mark.parametrize("kept", [None, 101, 365])
def test_messages_kept_for_long_have_partitions_of_a_month(kept: int | None) -> None:
    SystemSettings(messages_kept_days=kept).save()
    assert ensure_partitions(NOW) == ["wakeup_message_20200924_20200930", "wakeup_message_20201001_20201031"]
    assert ensure_partitions(NOW + timedelta(days=30)) == []
    assert ensure_partitions(NOW + timedelta(days=31)) == ["wakeup_message_20201101_20201130"]


def test_another_setting_leaves_neither_gap_nor_overlap() -> None:
    ensure_partitions(NOW)
    SystemSettings(messages_kept_days=100).save()
    assert ensure_partitions(NOW + timedelta(days=33)) == [f"wakeup_message_2020110{n}" for n in (1, 2, 3)]
    SystemSettings(messages_kept_days=None).save()
    assert ensure_partitions(NOW + timedelta(days=40)) == ["wakeup_message_20201104_20201130"]
    spans = [partition.span for partition in of_2020()]
    assert [before.end for before in spans[:-1]] == [after.begin for after in spans[1:]]


def test_a_day_begins_at_midnight_utc(by_day: None, in_field: Concentrator) -> None:
    ensure_partitions(NOW)
    midnight = datetime(2020, 9, 25, tzinfo=UTC)
    send(in_field, midnight - timedelta(microseconds=1), midnight)
    assert tables() == ["wakeup_message_20200924", "wakeup_message_20200925"]


def test_the_day_is_that_of_utc_wherever_now_is(by_day: None) -> None:
    auckland = datetime.fromisoformat("2020-09-25T08:00:00+12:00")
    assert ensure_partitions(auckland)[0] == "wakeup_message_20200924"


def test_a_message_from_any_time_is_taken(in_field: Concentrator) -> None:
    send(in_field, datetime(1970, 1, 1, tzinfo=UTC), NOW, datetime(2099, 12, 31, tzinfo=UTC))
    assert tables() == [DEFAULT] * 3


def test_what_lay_in_default_moves_into_the_partition_of_its_day(by_day: None, in_field: Concentrator) -> None:
    sent = [NOW - timedelta(days=1), NOW, NOW + timedelta(days=2)]
    send(in_field, *sent)
    before = list(Message.objects.order_by("pk").values())
    assert ensure_partitions(NOW) == DAYS
    assert tables() == [DEFAULT, "wakeup_message_20200924", "wakeup_message_20200926"]
    assert list(Message.objects.order_by("pk").values()) == before


def test_a_day_of_which_too_many_lie_in_default_stays_there(
    by_day: None, in_field: Concentrator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(partitions, "FEW", 2)
    send(in_field, *[NOW + timedelta(minutes=n) for n in range(3)], NOW + timedelta(days=1))
    assert ensure_partitions(NOW) == DAYS[1:]
    assert "too many to move" in caplog.text
    assert tables() == [DEFAULT] * 3 + ["wakeup_message_20200925"]


def test_a_month_of_which_too_many_lie_in_default_begins_after_them(
    in_field: Concentrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "FEW", 2)
    send(in_field, *[NOW + timedelta(days=n) for n in range(3)])
    assert ensure_partitions(NOW) == ["wakeup_message_20200927_20200930", "wakeup_message_20201001_20201031"]
    send(in_field, NOW + timedelta(days=3))
    assert tables() == [DEFAULT] * 3 + ["wakeup_message_20200927_20200930"]


def test_history_gets_partitions_of_its_months_up_to_today(by_day: None) -> None:
    ensure_partitions(NOW)
    days = [date(2019, 12, 31), date(2020, 1, 1), date(2020, 9, 1), TODAY, TODAY + timedelta(days=1)]
    made = ["wakeup_message_20191201_20191231", "wakeup_message_20200101_20200131", "wakeup_message_20200901_20200923"]
    assert make_room_for_history(days, NOW) == made
    assert make_room_for_history(days, NOW) == []


def test_history_between_partitions_gets_the_gap_alone(by_day: None) -> None:
    ensure_partitions(NOW - timedelta(days=20))  # of 4 to 11 September
    assert make_room_for_history([date(2020, 9, 3), date(2020, 9, 4)], NOW) == ["wakeup_message_20200901_20200903"]
    assert make_room_for_history([date(2020, 9, 12)], NOW) == ["wakeup_message_20200912_20200923"]


def test_of_very_many_months_only_the_newest_get_a_partition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "MAX_MONTHS", 2)
    made = make_room_for_history([date(2020, month, 5) for month in (3, 5, 7)], NOW)
    assert made == ["wakeup_message_20200501_20200531", "wakeup_message_20200701_20200731"]


def test_a_message_that_could_never_be_stored_is_not_taken_for_overtaken(in_field: Concentrator) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE wakeup_wakeuptotal ADD CHECK (port < 58692)")
    with pytest.raises(IntegrityError) as wrong, transaction.atomic():
        record([Arrival(in_field.serial_number, Kind.BOOT, Format.PUSH, NOW, "10.60.0.1", 58_692)])
    assert not is_overtaken(wrong.value)


class TestAtOnce:
    """With connections of their own, and transactions that really end."""

    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.fixture(autouse=True)
    def without_partitions_of_2020(self, transactional_db: None) -> Iterator[None]:
        SystemSettings(messages_kept_days=30).save()
        yield
        with connection.cursor() as cursor:
            for partition in of_2020():
                cursor.execute(f"DROP TABLE {partition.name}")

    def test_several_processes_make_each_partition_once(self) -> None:
        start = threading.Barrier(4)

        def make() -> list[str]:
            start.wait()
            return ensure_partitions(NOW)

        made = in_threads(make, make, make, make)
        assert sorted(name for names in made for name in names) == DAYS
        assert [partition.name for partition in of_2020()] == DAYS

    def test_who_holds_default_for_long_is_not_waited_for(
        self, monkeypatch: pytest.MonkeyPatch, in_field: Concentrator, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(partitions, "PAUSES_S", (0.0, 0.0))
        with transaction.atomic():
            send(in_field, NOW)
            assert in_threads(lambda: ensure_partitions(NOW)) == [[]]
        assert "in use" in caplog.text
        assert ensure_partitions(NOW) == DAYS
        assert tables() == DAYS[:1], "what came meanwhile is moved"

    def test_a_message_whose_day_gets_its_partition_on_the_way_into_default_finds_it_with_the_next_try(
        self, in_field: Concentrator
    ) -> None:
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                ensure_partitions(NOW)
                sending = pool.submit(closing, lambda: send(in_field, NOW))
                wait_until_it_waits(sending)
                assert not sending.done()
            with pytest.raises(IntegrityError) as overtaken:
                sending.result(30)
        assert is_overtaken(overtaken.value)
        send(in_field, NOW)
        assert tables() == DAYS[:1]

    def test_numbers_begin_anew_when_the_table_is_emptied(self, in_field: Concentrator) -> None:
        send(in_field, NOW)
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE wakeup_message RESTART IDENTITY")
        send(in_field, NOW)
        assert Message.objects.get().pk == 1


def in_threads(*works: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(30) for future in [pool.submit(closing, work) for work in works]]


def closing(work: Callable[[], Any]) -> Any:
    try:
        return work()
    finally:
        connection.close()


def wait_until_it_waits(work: Future[Any]) -> None:
    """Until a lock is waited for, or ``work`` has ended without."""
    with connection.cursor() as cursor:
        waits = False
        while not (waits or work.done()):
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            waits = cursor.fetchone()[0]
