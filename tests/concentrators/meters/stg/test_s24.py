"""S24, the meter list: four attributes a row, of which any may be faulty (MET-2)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from concentrators.meters.lists import BadRow, ListedMeter
from concentrators.meters.stg import StgError, read
from concentrators.meters.stg.sheet import MOST_BAD_ROWS
from concentrators.models.meters import MeterSource, MeterState
from tests.concentrators.meters.stg.documents import (
    CONCENTRATOR,
    OTHER,
    SANTIAGO,
    SHA256,
    cnc,
    document,
    meter,
    received,
    s24,
)

NOON = datetime(2026, 11, 29, 15, tzinfo=UTC)


def rows_of(*rows: str) -> tuple[list[ListedMeter], list[BadRow]]:
    found = received(document(cnc(s24(*rows))))
    return list(found.rows), list(found.bad_rows)


def test_a_list_says_whose_it_is_and_of_when() -> None:
    file = read(document(cnc(s24(meter()), of="cir9990000001"), request="4711").encode())
    (found,) = file.reports
    assert (found.concentrator, found.source, found.version, found.request_id, found.is_there) == (
        CONCENTRATOR,
        MeterSource.S24,
        "3.1.c",
        4711,
        True,
    )
    whole = found.received(7, SANTIAGO, SHA256, "a file", 3)
    assert whole is not None
    assert (whole.concentrator_id, whole.source, whole.listed_at, whole.whole) == (7, MeterSource.S24, NOON, True)
    assert (whole.sha256, whole.file_name, whole.received_by) == (SHA256, "a file", 3)
    assert (whole.version, whole.request_id) == ("3.1.c", 4711)


def test_a_row_says_state_activity_and_last_contact_and_nothing_else() -> None:
    rows, bad = rows_of(meter("CIR9900000001", "2", "20261129115900000S", "Y"))
    seen = datetime(2026, 11, 29, 14, 59, tzinfo=UTC)
    assert rows == [ListedMeter("CIR9900000001", MeterState.ACTIVE, True, last_seen=seen)]
    assert bad == []


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("2", MeterState.ACTIVE),
        ("1", MeterState.TEMPORARY_FAILURE),
        ("0", MeterState.PERMANENT_FAILURE),
        (" 2 ", MeterState.ACTIVE),
    ],
)
def test_two_is_good_and_zero_is_dead(status: str, state: MeterState) -> None:
    rows, bad = rows_of(meter(status=status))
    assert ([row.state for row in rows], bad) == ([state], [])


@pytest.mark.parametrize("status", ["A", "3", "", "-1", "02", "2.0", "²"])
def test_another_status_keeps_the_meter_and_its_contact(status: str) -> None:
    rows, bad = rows_of(meter(status=status), meter("CIR9900000002"))
    assert [row.name for row in rows] == ["CIR9900000001", "CIR9900000002"]
    assert (rows[0].state, rows[0].active) == (None, True)
    assert rows[0].last_seen is not None
    assert [(row.line, row.meter, row.seen) for row in bad] == [(4, "CIR9900000001", status)]
    assert "ComStatus" in bad[0].reason


@pytest.mark.parametrize(
    "date",
    [
        "FFFFFFFFFFFFFFFFFW",
        "FFFFFFFFFFFFFFFFFFFFFFFF",
        "00000000000000000W",
        "",
        "00001228230000000W",
        "19010101000000000W",
        "19991231235959000S",
        "20261332120000000S",
        "20261129246000000S",
        "20261129",
        "2026-11-29T12:00:00",
        "07EA0B1D",
        "٢٠٢٦١١٢٩١١٥٩٠٠",
        "never",
    ],
)
def test_what_is_no_date_keeps_the_meter_and_its_state(date: str) -> None:
    rows, bad = rows_of(meter(date=date))
    assert [(row.name, row.state, row.last_seen) for row in rows] == [("CIR9900000001", MeterState.ACTIVE, None)]
    assert [(row.meter, row.seen) for row in bad] == [("CIR9900000001", date)]


@pytest.mark.parametrize(
    ("date", "seen"),
    [
        ("20261129115900000S", (14, 59)),
        ("20261129115900S", (14, 59)),
        ("20261129115900", (14, 59)),
        ("20261129115900000", (14, 59)),
        ("20261129115900000s", (14, 59)),
        ("07EA0B1DFF0B3B000080FF80", None),  # a deviation that is none
        ("07EA0B1DFF0B3B0000800000", (14, 59)),
        ("07ea0b1dff0b3b0000800080", (14, 59)),
        ("07EA0B1DFF0B3B0000FFC400", (10, 59)),  # an hour ahead of UTC: it says so itself
    ],
)
def test_a_date_is_local_time_in_several_forms(date: str, seen: tuple[int, int] | None) -> None:
    rows, bad = rows_of(meter(date=date))
    if seen is None:
        assert (rows[0].last_seen, len(bad)) == (None, 1)
    else:
        assert (rows[0].last_seen, bad) == (datetime(2026, 11, 29, *seen, tzinfo=UTC), [])


def test_each_missing_attribute_is_a_fault_of_a_row_that_stays() -> None:
    rows, bad = rows_of('<Meter MeterId="CIR9900000001"/>')
    assert rows == [ListedMeter("CIR9900000001")]
    assert len(bad) == 3


@pytest.mark.parametrize("name", ["", " ", "CIR 99", "CIR-99", "A" * 33, "CIRÿ9900000001", "ßIR9900000001", "٣"])
def test_a_row_without_a_name_is_lost_alone(name: str) -> None:
    rows, bad = rows_of(meter(name), meter("CIR9900000002"))
    assert [row.name for row in rows] == ["CIR9900000002"]
    assert [(row.line, row.meter) for row in bad] == [(4, name)]


@pytest.mark.parametrize("name", [" cir9900000001 ", "cir9900000001", "1", "A" * 32])
def test_names_are_upper_case_without_blanks_around(name: str) -> None:
    rows, bad = rows_of(meter(name))
    assert ([row.name for row in rows], bad) == ([name.strip().upper()], [])


def test_of_the_same_meter_the_newest_contact_counts() -> None:
    old, new, none = (meter(date=date) for date in ("20261129100000S", "20261129110000S", ""))
    for order in ((old, new, none), (new, none, old), (none, old, new)):
        rows, bad = rows_of(*order)
        assert [row.last_seen for row in rows] == [datetime(2026, 11, 29, 14, tzinfo=UTC)]
        more_than_once = [row.line for row in bad if "more than once" in row.reason]
        assert sorted(more_than_once) == [line for line, row in enumerate(order, 4) if row is not new]


@pytest.mark.parametrize(("date", "holds"), [("20261129121000000S", True), ("20261129121001000S", False)])
def test_a_contact_later_than_the_list_is_none(date: str, holds: bool) -> None:
    rows, bad = rows_of(meter(date=date))
    assert (rows[0].last_seen is not None, len(bad)) == (holds, 0 if holds else 1)


def test_an_empty_list_is_a_list() -> None:
    found = received(document(cnc(s24())))
    assert (found.rows, found.bad_rows, found.whole) == ((), (), True)


@pytest.mark.parametrize("inside", ["", '<S24 Fh="20261129120000000S" ErrCat="2" ErrCode="1"/>'])
def test_no_list_is_no_empty_list(inside: str) -> None:
    (found,) = read(document(cnc(inside)).encode()).reports
    assert (found.concentrator, found.source, found.is_there) == (CONCENTRATOR, MeterSource.S24, False)
    assert found.received(1, SANTIAGO, SHA256, "", None) is None


def test_several_concentrators_and_several_lists_of_one() -> None:
    older = s24(meter(), date="20261129110000000S")
    file = read(document(cnc(older, s24(meter())), cnc(s24(meter(), meter("CIR2"))), cnc(of=OTHER)).encode())
    found = [(one.concentrator, one.is_there) for one in file.reports]
    assert found == [(CONCENTRATOR, True), (CONCENTRATOR, True), (CONCENTRATOR, True), (OTHER, False)]


def test_pieces_of_one_list_are_one_list() -> None:
    found = received(document(cnc(s24(meter("CIR1")), s24(meter("CIR2"), meter("CIR1")))))
    assert [row.name for row in found.rows] == ["CIR1", "CIR2"]
    assert len(found.bad_rows) == 1


@pytest.mark.parametrize("date", ["", "FFFFFFFFFFFFFFFFFW", "00000000000000000W", "99991231235959000W"])
def test_a_list_without_a_date_has_that_of_the_files_name_or_refuses_the_file(date: str) -> None:
    content = document(cnc(s24(meter()), of=OTHER), cnc(s24(meter(), date=date))).encode()
    with pytest.raises(StgError, match=rf"Line 8: the S24 of {CONCENTRATOR} has no date"):
        read(content)
    _other, one = read(content, "CIR9990000001_0_S24_0_20261129120000").reports
    found = one.received(1, SANTIAGO, SHA256, "", None)
    assert found is not None
    assert found.listed_at == NOON
    assert [(row.line, row.meter, row.seen) for row in found.bad_rows] == [(8, "", date)]


def test_attributes_that_nobody_knows_are_named() -> None:
    row = '<Meter MeterId="CIR1" ComStatus="2" Date="20261129115900000S" Active="Y" Rssi="3" x:Level="1" xmlns:x="u"/>'
    (found,) = read(document(cnc(s24(row))).encode()).reports
    assert found.unknown == ("Rssi",)
    assert received(document(cnc(s24(row)))).bad_rows == ()


def test_faults_are_counted_when_there_are_too_many_to_list() -> None:
    rows, bad = rows_of(*(meter(f"CIR{number}", status="A") for number in range(MOST_BAD_ROWS + 5)))
    assert len(rows) == MOST_BAD_ROWS + 5
    assert len(bad) == MOST_BAD_ROWS + 1
    assert bad[-1].reason.startswith("5 more")


@pytest.mark.parametrize(
    ("written", "request_id"), [("0", 0), ("1609188", 1609188), ("", None), ("18FF", None), ("9" * 19, None)]
)
def test_the_request_is_a_decimal_number_that_a_database_can_hold(written: str, request_id: int | None) -> None:
    (found,) = read(document(cnc(s24(meter())), request=written).encode()).reports
    assert found.request_id == request_id
