"""Messages are kept for so many days, their counts for ever (OPS-4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from concentrators.models import Concentrator
from profiles.models import SystemSettings
from smmeplus.dlms.kinds import Kind
from wakeup import history
from wakeup.models import DailyCount, Format, Message, Retention, WakeupTotal
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record
from wakeup.retention import pruning
from wakeup.retention.partitions import ensure_partitions, make_room_for_history, partitions

pytestmark = pytest.mark.django_db

NOW = datetime(2020, 9, 24, 10, 18, 46, tzinfo=UTC)
LIMIT = datetime(2020, 9, 14, tzinfo=UTC)  # 10 days before
INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)
IS_PARTITIONED = connection.vendor == "postgresql"


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def kept_10_days(db: None) -> None:
    SystemSettings(messages_kept_days=10).save()


@pytest.fixture(params=["in partitions of days", "in no partition"])
def place(request: pytest.FixtureRequest, kept_10_days: None) -> str:
    """Where the messages lie on PostgreSQL."""
    if request.param == "in partitions of days":
        for n in (20, 12, 4):
            ensure_partitions(NOW - n * DAY)
    return str(request.param)


def send(concentrator: Concentrator, *moments: datetime) -> None:
    record([Arrival(concentrator.serial_number, Kind.BOOT, Format.PUSH, at, "10.60.0.1", 58_692) for at in moments])


def kept() -> list[datetime]:
    return list(Message.objects.order_by("received_at").values_list("received_at", flat=True))


def names() -> set[str]:
    return {partition.name for partition in partitions()}


def test_what_is_older_goes_and_what_came_at_the_limit_stays(in_field: Concentrator, place: str) -> None:
    send(in_field, LIMIT - 5 * DAY, LIMIT - INSTANT, LIMIT, LIMIT + INSTANT, NOW)
    counts = list(WakeupTotal.objects.values()), list(DailyCount.objects.values())
    call_command("prunemessages")
    assert kept() == [LIMIT, LIMIT + INSTANT, NOW]
    assert Retention.pruned_until() == LIMIT
    assert (list(WakeupTotal.objects.values()), list(DailyCount.objects.values())) == counts
    call_command("rebuildcounts", dry_run=True)
    call_command("rebuildcounts")
    assert (list(WakeupTotal.objects.values()), list(DailyCount.objects.values())) == counts


def test_a_dry_run_says_the_same_and_writes_nothing(
    in_field: Concentrator, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    send(in_field, LIMIT - 5 * DAY, LIMIT - INSTANT, LIMIT, NOW)
    before = kept(), names()
    call_command("prunemessages", dry_run=True)
    announced = capsys.readouterr().out
    assert (kept(), names(), Retention.pruned_until()) == (*before, None)
    call_command("prunemessages")
    said = capsys.readouterr().out.splitlines()
    assert announced.replace("would be ", "").splitlines() == [line for line in said if not line.endswith("made")]


def test_it_says_what_it_does(in_field: Concentrator, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    send(in_field, LIMIT - INSTANT, LIMIT - INSTANT, NOW)
    call_command("prunemessages")
    said = capsys.readouterr().out
    if IS_PARTITIONED and place == "in partitions of days":
        assert "wakeup_message_20200913 (about 2 messages, " in said
        assert "0 messages of wakeup_message_default deleted" in said
    else:
        assert "2 messages" in said
    assert "Messages from 2020-09-14 00:00 UTC on are kept." in said


def test_a_second_run_finds_nothing_to_do(
    in_field: Concentrator, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    send(in_field, LIMIT - INSTANT, NOW)
    call_command("prunemessages")
    capsys.readouterr()
    call_command("prunemessages")
    said = capsys.readouterr().out
    assert said.startswith("0 messages")
    assert len(said.splitlines()) == 2


def test_nothing_is_noted_as_pruned_while_all_is_there(in_field: Concentrator, place: str) -> None:
    send(in_field, LIMIT, NOW)
    call_command("prunemessages")
    assert Retention.pruned_until() is None
    assert len(kept()) == 2


def test_without_a_setting_messages_are_kept_for_ever_and_it_says_where_to_change_that(
    in_field: Concentrator, capsys: pytest.CaptureFixture[str]
) -> None:
    send(in_field, datetime(1999, 1, 1, tzinfo=UTC))
    call_command("prunemessages")
    said = capsys.readouterr().out
    assert "kept for ever" in said
    assert "messages are kept for days" in said
    assert str(SystemSettings._meta.get_field("messages_kept_days").verbose_name) in said
    assert len(kept()) == 1


def test_days_may_be_given_instead_of_the_setting(in_field: Concentrator, kept_10_days: None) -> None:
    send(in_field, LIMIT - DAY, LIMIT)
    call_command("prunemessages", days=11)
    assert len(kept()) == 2
    call_command("prunemessages", days=2)
    assert kept() == []
    assert Retention.pruned_until() == datetime(2020, 9, 22, tzinfo=UTC)


@pytest.mark.parametrize("days", [1, 0, -1])
def test_too_few_days_are_refused(in_field: Concentrator, days: int) -> None:
    send(in_field, NOW - 30 * DAY)
    with pytest.raises(CommandError, match="for 2 days or more"):
        call_command("prunemessages", days=days)
    assert len(kept()) == 1


def test_what_was_pruned_once_stays_noted_when_more_days_are_kept_later(in_field: Concentrator) -> None:
    send(in_field, LIMIT - 30 * DAY, LIMIT - INSTANT)
    call_command("prunemessages", days=10)
    send(in_field, LIMIT - 30 * DAY)
    call_command("prunemessages", days=20)
    assert Retention.pruned_until() == LIMIT
    assert kept() == []


def test_many_are_deleted_in_batches_oldest_first(
    in_field: Concentrator, kept_10_days: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "BATCH", 2)
    monkeypatch.setattr(pruning, "REST_S", 0.0)
    left: list[int] = []
    delete = pruning._delete_batch

    def watched(limit: datetime) -> int:
        deleted = delete(limit)
        left.append(len(kept()))
        assert Retention.pruned_until() == LIMIT, "noted in the transaction of the first batch"
        return deleted

    monkeypatch.setattr(pruning, "_delete_batch", watched)
    send(in_field, *[LIMIT - n * DAY for n in (3, 1, 5, 2, 4)], LIMIT)
    assert pruning.prune(LIMIT).rows == 5
    assert left == [4, 2, 1, 1]


def test_the_messages_of_tomorrow_have_their_partition_afterwards(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("prunemessages", dry_run=True)
    assert ("no partition for tomorrow" in capsys.readouterr().err) == IS_PARTITIONED
    call_command("prunemessages")
    printed = capsys.readouterr()
    assert not printed.err
    assert ("wakeup_message_20200924_20200930: made" in printed.out) == IS_PARTITIONED
    assert any(partition.span.has(date(2020, 9, 25)) for partition in partitions()) == IS_PARTITIONED


def test_a_partition_goes_as_a_whole_or_not_at_all(in_field: Concentrator) -> None:
    """A month that the limit divides stays as long as a message of it has to; elsewhere there are no months."""
    ensure_partitions(NOW)
    make_room_for_history([date(2020, 8, 1), date(2020, 9, 1)], NOW)
    august, early, late = datetime(2020, 8, 31, tzinfo=UTC), LIMIT - DAY, LIMIT + DAY
    send(in_field, august, early, late)
    call_command("prunemessages", days=10)
    assert kept() == ([early, late] if IS_PARTITIONED else [late])
    call_command("rebuildcounts", dry_run=True)
    with time_machine.travel(datetime(2020, 10, 4, tzinfo=UTC)):
        call_command("prunemessages", days=10)
    assert kept() == []


def test_history_from_before_the_limit_is_refused_after_the_pruning(
    in_field: Concentrator, kept_10_days: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("history") / "history.csv"
    lines = [f"{in_field.serial_number},{at.isoformat()},10.60.0.1,58692,boot" for at in (LIMIT, LIMIT - 20 * DAY)]
    file.write_text("\n".join(["serial_number,received_at,ip_address,port,kind", *lines]))
    call_command("importwakeups", file)
    call_command("prunemessages")
    with pytest.raises(CommandError, match="1 errors"):
        call_command("importwakeups", file)
    assert WakeupTotal.objects.get().wakeup_count == 2
    assert kept() == [LIMIT]


def test_history_that_is_pruned_while_it_is_imported_again_is_not_counted_twice(
    in_field: Concentrator,
    kept_10_days: None,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path_factory.mktemp("history") / "history.csv"
    line = f"{in_field.serial_number},{(LIMIT - 20 * DAY).isoformat()},10.60.0.1,58692,boot"
    file.write_text(f"serial_number,received_at,ip_address,port,kind\n{line}\n")
    call_command("importwakeups", file)
    monkeypatch.setattr(history, "make_room_for_history", lambda days, now: pruning.prune(LIMIT))
    with pytest.raises(CommandError, match="1 errors"):
        call_command("importwakeups", file)
    assert WakeupTotal.objects.get().wakeup_count == 1
    assert kept() == []
