"""Days that are over take half the room, and nobody who reads or writes messages notices (PER-9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Max

from concentrators.models import Concentrator
from profiles.models import SystemSettings
from smmeplus.dlms.kinds import Kind
from wakeup.models import Format, Message, WakeupTotal
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record
from wakeup.retention import packing
from wakeup.retention.packing import SETTLED, pack, to_pack
from wakeup.retention.partitions import ensure_partitions, partitions

__test__ = connection.vendor == "postgresql"  # elsewhere the messages are one table, which is not packed
pytestmark = pytest.mark.django_db

DAY = datetime(2020, 9, 23, tzinfo=UTC)
PARTITION = "wakeup_message_20200923"
NOW = datetime(2020, 9, 24, 10, 18, 46, tzinfo=UTC)

FILL = """
INSERT INTO wakeup_message (concentrator_id, kind, received_at, device_time, source_ip, port, format, elsewhere)
SELECT one, CASE WHEN n %% 20 = 7 THEN 2 ELSE 1 END, at, CASE WHEN one %% 2 = 0 THEN at - interval '1 second' END,
    '10.60.0.0'::inet + one, CASE WHEN n %% 30 = 9 THEN 4061 ELSE 4059 END, 1, n %% 50 = 3
FROM generate_series(1, %(fleet)s) AS one, generate_series(0, %(each)s - 1) AS n,
    LATERAL (SELECT %(day)s + interval '1 day' * ((n + random()) / %(each)s) AS at) AS moments
ORDER BY at
"""


@pytest.fixture
def by_day(db: None) -> None:
    SystemSettings(messages_kept_days=30).save()
    ensure_partitions(DAY)


def send(concentrator: Concentrator, *moments: datetime) -> None:
    record([Arrival(concentrator.serial_number, Kind.BOOT, Format.PUSH, at, "10.60.0.1", 58_692) for at in moments])


def fill(fleet: int, each: int) -> int:
    """Messages of ``DAY``, ``each`` of every concentrator of a ``fleet``; how many."""
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"fleet": fleet, "each": each, "day": DAY})
    return fleet * each


def stored() -> list[Any]:
    return list(Message.objects.order_by("pk").values())


def names(done: list[Any]) -> list[str]:
    return [old.partition.name for old in done]


def place_of_all() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tableoid::regclass::text FROM wakeup_message")
        return {name for (name,) in cursor.fetchall()}


def bytes_of(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s::regclass)", [table])
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize(("fleet", "each"), [(1, 1), (1, 3), (7, 30), (3, 200)])
def test_each_message_is_as_it_was_and_where_it_was(by_day: None, fleet: int, each: int) -> None:
    fill(fleet, each)
    before, spans = stored(), partitions()
    assert names(pack(NOW, None).packed) == [PARTITION]
    assert stored() == before
    assert (place_of_all(), partitions()) == ({PARTITION}, spans)


def test_every_kind_of_message_is_kept(by_day: None) -> None:
    at = iter(DAY + n * timedelta(minutes=7) for n in range(1_000))
    Message.objects.bulk_create(
        Message(
            concentrator_id=2**40, kind=kind, received_at=moment, device_time=clock, source_ip=address, port=port,
            format=form, elsewhere=elsewhere,
        )
        for kind in Kind
        for form in (Format.PUSH, Format.SESSION)
        for port in (1, 65_535)
        for elsewhere in (False, True)
        for address in ("10.60.0.1", "2001:db8::1")
        for moment in [next(at)]
        for clock in (None, moment, datetime(1, 1, 1, tzinfo=UTC))
    )  # fmt: skip
    before = stored()
    pack(NOW, None)
    assert stored() == before


@pytest.mark.parametrize(("fleet", "each"), [(150, 144), (10_000, 5)])
def test_it_takes_80_bytes_a_message_with_all_indexes_and_twice_as_much_before(
    by_day: None, fleet: int, each: int
) -> None:
    count = fill(fleet, each)
    assert bytes_of(PARTITION) / count > 150
    pack(NOW, None)
    assert bytes_of(PARTITION) / count <= 80


def test_the_day_of_a_concentrator_is_found_by_an_index(by_day: None) -> None:
    fill(200, 144)
    pack(NOW, None)
    of_day = Message.objects.filter(concentrator=77, received_at__gte=DAY, received_at__lt=DAY + timedelta(days=1))
    assert of_day.count() == 144
    plan = of_day.order_by("-received_at").explain()
    assert "concentrator_id_idx" in plan
    assert "Seq Scan" not in plan
    in_a_minute = Message.objects.filter(received_at__gte=DAY, received_at__lt=DAY + timedelta(minutes=1))
    assert "received_at_id_idx" in in_a_minute.explain()


def test_what_is_packed_or_empty_is_left_alone(by_day: None) -> None:
    ensure_partitions(DAY - timedelta(days=2))
    assert names(to_pack(NOW, None)) == []
    fill(1, 1)
    assert names(pack(NOW, None).packed) == [PARTITION]
    assert pack(NOW, None) == packing.Packed()


@pytest.mark.parametrize(("since_end", "is_packed"), [(SETTLED - timedelta(microseconds=1), False), (SETTLED, True)])
def test_a_day_is_packed_when_it_has_been_over_for_an_hour(by_day: None, since_end: timedelta, is_packed: bool) -> None:
    fill(1, 1)
    end = DAY + timedelta(days=1)
    assert bool(pack(end + since_end, None).packed) is is_packed


def test_what_is_to_be_dropped_is_not_packed_before(by_day: None) -> None:
    fill(1, 1)
    end = DAY + timedelta(days=1)
    assert to_pack(NOW, end) == []
    assert names(to_pack(NOW, end - timedelta(microseconds=1))) == [PARTITION]


def test_late_messages_find_their_packed_day_and_are_counted(by_day: None, in_field: Concentrator) -> None:
    send(in_field, DAY, DAY + timedelta(hours=5))
    pack(NOW, None)
    late = DAY + timedelta(hours=3)
    send(in_field, late)
    assert place_of_all() == {PARTITION}
    assert (
        Message.objects.filter(concentrator=in_field).aggregate(n=Max("pk"))["n"]
        == Message.objects.get(received_at=late).pk
    )
    call_command("rebuildcounts", dry_run=True)
    assert WakeupTotal.objects.get().wakeup_count == 3


def test_the_nightly_job_packs_and_says_so_and_a_packed_day_is_dropped_in_time(
    by_day: None, in_field: Concentrator, capsys: pytest.CaptureFixture[str]
) -> None:
    send(in_field, DAY)
    call_command("prunemessages", dry_run=True, days=36_500)
    announced = capsys.readouterr().out
    call_command("prunemessages", days=36_500)
    assert f"{PARTITION} (about 1 messages, " in announced
    assert "would be packed" in announced
    assert "KB): packed" in capsys.readouterr().out.replace("\xa0", " ")
    call_command("prunemessages", days=30)
    assert f"{PARTITION} (about 1 messages, " in capsys.readouterr().out
    assert not Message.objects.exists()


def test_the_way_back_gives_a_packed_day_its_indexes(by_day: None) -> None:
    fill(20, 20)
    pack(NOW, None)
    before, migration = stored(), import_module("wakeup.migrations.0021_packed_partitions")
    with connection.schema_editor() as editor:
        migration.back(None, editor)
    assert stored() == before
    with connection.cursor() as cursor:
        of_whole = connection.introspection.get_constraints(cursor, "wakeup_message")
        of_day = connection.introspection.get_constraints(cursor, PARTITION)
    assert {"wakeup_message_pkey", "message_by_concentrator", "message_by_time"} <= of_whole.keys()
    assert any(facts["primary_key"] for facts in of_day.values())
    with connection.schema_editor() as editor:
        migration.forth(None, editor)
    assert (stored(), to_pack(NOW, None)[0].partition.name) == (before, PARTITION)
