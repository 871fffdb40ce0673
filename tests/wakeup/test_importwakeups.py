"""History from an older system (LIS-9)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from concentrators.models import Company
from profiles.models import SystemSettings
from tests import ROOT
from tests.factories import ConcentratorFactory
from wakeup.models import DailyCount, Format, Message, WakeupTotal

pytestmark = [pytest.mark.django_db, pytest.mark.time]

SAMPLE = ROOT / "tests" / "samples" / "wakeups-sample.csv"
HEADER = "serial_number,received_at,ip_address,port,kind"
GOOD = "16CEC50610036665,2020-09-22T23:58:46+00:00,10.60.0.10,58692,keepalive"
A, B, C = "16CEC50610036665", "16CEC50610036655", "16CEC50610036798"

Days = dict[tuple[str, date], int]


@pytest.fixture(autouse=True)
def known(chile: Company) -> None:
    for serial in (A, B, C):
        ConcentratorFactory.create(serial_number=serial, company=chile)


def write(folder: Path, *lines: str) -> Path:
    file = folder / "history.csv"
    file.write_text("\n".join([HEADER, *lines]) + "\n")
    return file


def days() -> Days:
    return {
        (count.concentrator.serial_number, count.day): count.wakeup_count
        for count in DailyCount.objects.select_related("concentrator")
    }


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (
            "UTC",
            {
                (A, date(2020, 9, 22)): 1,
                (A, date(2020, 9, 23)): 2,
                (B, date(2020, 9, 6)): 2,
                (C, date(2020, 9, 23)): 1,
            },
        ),
        (
            "America/Santiago",
            {
                (A, date(2020, 9, 22)): 3,
                (B, date(2020, 9, 5)): 1,
                (B, date(2020, 9, 6)): 1,
                (C, date(2020, 9, 22)): 1,
            },
        ),
        (
            "Europe/Rome",
            {(A, date(2020, 9, 23)): 3, (B, date(2020, 9, 6)): 2, (C, date(2020, 9, 23)): 1},
        ),
    ],
)
def test_the_days_of_the_sample_come_out_right(zone: str, expected: Days) -> None:
    SystemSettings(reporting_zone=zone).save()
    call_command("importwakeups", SAMPLE)
    assert days() == expected
    call_command("rebuildcounts", dry_run=True)


def test_totals_and_messages_of_the_sample(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("importwakeups", SAMPLE)
    total = WakeupTotal.objects.get(concentrator__serial_number=A)
    assert total.wakeup_count == 3
    assert total.first_wakeup_at == datetime(2020, 9, 22, 23, 58, 46, tzinfo=UTC)
    assert total.last_wakeup_at == datetime(2020, 9, 23, 2, 10, 2, tzinfo=UTC)
    assert WakeupTotal.objects.get(concentrator__serial_number=C).last_gasp_at == datetime(
        2020, 9, 23, 13, 18, 46, tzinfo=UTC
    )
    assert set(Message.objects.values_list("format", flat=True)) == {Format.IMPORT}
    assert "7 messages recorded, 0 were recorded before" in capsys.readouterr().out


def test_the_same_file_again_counts_nothing_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("importwakeups", SAMPLE)
    before = days()
    call_command("importwakeups", SAMPLE)
    assert days() == before
    assert "0 messages recorded, 7 were recorded before" in capsys.readouterr().out
    call_command("importwakeups", write(tmp_path, GOOD, GOOD.replace("46+", "47+")))
    assert Message.objects.count() == 8


def test_every_wrong_row_is_named_at_once_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    file = write(
        tmp_path,
        GOOD,
        "NOSUCH1,2020-09-22T23:58:46+00:00,10.60.0.10,58692,keepalive",
        f"{A},2020-09-22T23:58:46,10.60.0.10,58692,keepalive",
        f"{A},yesterday,10.60.300.1,99999,hello",
        f"{A},{tomorrow},10.60.0.10,58692,keepalive",
        f"{A},2020-09-22T23:58:46+00:00",
        GOOD,
    )
    with pytest.raises(CommandError, match="9 errors; nothing was written"):
        call_command("importwakeups", file)
    said = capsys.readouterr().err
    for sentence in (
        "line 3, serial_number “NOSUCH1”: there is no such concentrator",
        "line 4, received_at “2020-09-22T23:58:46”: a time is written like",
        "line 5, received_at “yesterday”",
        "line 5, ip_address “10.60.300.1”",
        "line 5, port “99999”",
        "line 5, kind “hello”: a kind is one of keepalive, boot, lastgasp, other",
        "line 6, received_at",
        "line 7: 2 columns where 5 are due",
        "line 8: the same message as on line 2",
    ):
        assert sentence in said
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (HEADER.encode(), "holds no message"),
        (b"serial,when\nA,B\n", "The first line must be: serial_number,received_at"),
        (HEADER.encode() + b"\n\xff\xfe\n", "not in UTF-8"),
        (HEADER.encode() + b'\n"A,B\n', "cannot be cut into cells"),
    ],
)
def test_what_is_no_history_is_refused_in_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    file = tmp_path / "history.csv"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        call_command("importwakeups", file)


def test_a_missing_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"Cannot read .*No such file"):
        call_command("importwakeups", tmp_path / "none.csv")


def test_more_rows_than_are_written_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wakeup.history.ROWS_AT_ONCE", 7)
    start = datetime(2020, 1, 1, tzinfo=UTC)
    lines = [f"{A},{(start + timedelta(minutes=100 * n)).isoformat()},10.60.0.10,58692,keepalive" for n in range(50)]
    call_command("importwakeups", write(tmp_path, *lines))
    assert WakeupTotal.objects.get(concentrator__serial_number=A).wakeup_count == 50
    call_command("rebuildcounts", dry_run=True)
