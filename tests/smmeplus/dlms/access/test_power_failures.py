"""What is read out of a log of power failures, and what is not (STA-11)."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from smmeplus.dlms import data as d
from smmeplus.dlms.access.attributes import Attribute, logical_name
from smmeplus.dlms.access.power_failures import (
    CERCO1,
    LONGEST_S,
    MOST_ENTRIES,
    Layout,
    Log,
    clock_in,
    failures_in,
    layout_of,
    unit_of,
)
from smmeplus.dlms.access.profile_generic import CLOCK, Column
from smmeplus.dlms.errors import FrameError
from tests.smmeplus.dlms.test_data import SCALARS, containers_of

#: 3 April 2027, 23:30:05 UTC, by the clocks of Santiago on their last day of summer time (deviation 180).
AT = "07eb0403 06 141e0500 00b4 80"
SANTIAGO = ZoneInfo("America/Santiago")


def octets(text: str) -> d.Data:
    return d.OCTET_STRING, bytes.fromhex(text)


def entry(clock: d.Data, duration: d.Data = (d.DOUBLE_LONG_UNSIGNED, 60)) -> d.Data:
    return d.STRUCTURE, [clock, duration]


def log_of(*entries: d.Data) -> Log:
    return failures_in((d.ARRAY, list(entries)))


def column(class_id: int, name: str, number: int = 2) -> Column:
    return Column(Attribute(class_id, logical_name(name), number))


CLOCK_COLUMN = Column(CLOCK)
LONGEST = column(3, "0-0:96.7.19.255")


def test_the_buffer_of_cerco1_is_read() -> None:
    first, second = AT + "06 00000258", "07eb0404 06 01000000 0000 00" + "06 00000005"
    value, _end = d.decode(bytes.fromhex(f"0102 0202 090c {first} 0202 090c {second}"))
    log = failures_in(value)
    assert log.skipped == 0
    assert [(one.clock.to_utc(UTC), one.duration_s) for one in log.failures] == [
        (datetime(2027, 4, 3, 23, 30, 5, tzinfo=UTC), 600),
        (datetime(2027, 4, 4, 1, 0, tzinfo=UTC), 5),
    ]


@pytest.mark.parametrize(
    "duration",
    [
        (d.UNSIGNED, 60),
        (d.LONG_UNSIGNED, 60),
        (d.DOUBLE_LONG_UNSIGNED, 60),
        (d.LONG64_UNSIGNED, 60),
        (d.DOUBLE_LONG, 60),
        (d.LONG64, 60),
        (d.INTEGER, 60),
    ],
)
def test_a_duration_is_a_whole_number_of_any_type(duration: d.Data) -> None:
    assert [one.duration_s for one in log_of(entry(octets(AT), duration)).failures] == [60]


@pytest.mark.parametrize("seconds", [0, 1, LONGEST_S])
def test_a_duration_is_from_0_to_20_years(seconds: int) -> None:
    assert log_of(entry(octets(AT), (d.LONG64_UNSIGNED, seconds))).failures[0].duration_s == seconds


@pytest.mark.parametrize(
    "spoilt",
    [
        entry((d.NULL, None)),
        entry((d.DOUBLE_LONG_UNSIGNED, 1_806_708_605)),
        entry((d.OCTET_STRING, b"")),
        entry((d.OCTET_STRING, bytes(13))),
        entry((d.VISIBLE_STRING, bytes.fromhex(AT))),
        entry(octets("ffff ff ff ff ff ff ff ff 8000 ff")),
        entry(octets("07eb021e 06 141e0500 00b4 80")),  # 30 February
        entry(octets("07eb0403 06 141e0500 00b4 81")),  # invalid
        entry(octets("07eb0403 06 141e0500 00b4 82")),  # doubtful
        entry(octets("07eb0403 06 141e0500 7000 80")),  # no deviation of this world
        entry(octets(AT), (d.NULL, None)),
        entry(octets(AT), (d.DOUBLE_LONG_UNSIGNED, 2**32 - 1)),
        entry(octets(AT), (d.LONG64_UNSIGNED, 2**64 - 1)),
        entry(octets(AT), (d.DOUBLE_LONG, -1)),
        entry(octets(AT), (d.FLOAT64, 60.0)),
        entry(octets(AT), (d.FLOAT64, float("nan"))),
        entry(octets(AT), (d.BOOLEAN, True)),
        entry(octets(AT), (d.ENUM, 60)),
        entry(octets(AT), (d.OCTET_STRING, b"60")),
        (d.STRUCTURE, [octets(AT)]),
        (d.STRUCTURE, [octets(AT), (d.UNSIGNED, 1), (d.UNSIGNED, 1)]),
        (d.STRUCTURE, []),
        (d.ARRAY, [octets(AT), (d.UNSIGNED, 1)]),
        (d.NULL, None),
    ],
)
def test_an_entry_that_cannot_be_read_is_counted_and_not_guessed(spoilt: d.Data) -> None:
    good = entry(octets(AT))
    log = log_of(good, spoilt, good)
    assert (len(log.failures), log.skipped) == (2, 1)


@pytest.mark.parametrize("status", ["ff", "00", "80", "04", "08"])
def test_another_status_of_the_clock_leaves_the_time_as_it_is(status: str) -> None:
    assert log_of(entry(octets("07eb0403 06 141e0500 00b4" + status))).skipped == 0


def test_without_a_deviation_the_zone_of_the_device_counts_and_its_summer_time() -> None:
    """At 23:30 on 3 April 2027 the clocks of Santiago show the time for the first of two times."""
    summer, winter = (clock_in(octets(f"07eb0403 06 171e0000 8000 {status}")) for status in ("80", "00"))
    assert summer is not None
    assert winter is not None
    assert summer.to_utc(SANTIAGO) == datetime(2027, 4, 4, 2, 30, tzinfo=UTC)
    assert winter.to_utc(SANTIAGO) == datetime(2027, 4, 4, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize("number", [0, 1, MOST_ENTRIES])
def test_as_many_entries_are_read_as_a_log_may_have(number: int) -> None:
    assert len(log_of(*[entry(octets(AT))] * number).failures) == number


def test_a_log_that_is_longer_is_refused() -> None:
    with pytest.raises(FrameError, match="10001 entries, where at most 10000"):
        log_of(*[entry(octets(AT))] * (MOST_ENTRIES + 1))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ([CLOCK_COLUMN, LONGEST], (0, 1, 2)),
        ([LONGEST, CLOCK_COLUMN], (1, 0, 2)),
        ([column(8, "0-0:1.0.1.255"), column(1, "0-0:94.39.1.255")], (0, 1, 2)),
        ([CLOCK_COLUMN, column(1, "0-0:96.10.7.255"), LONGEST], (0, 2, 3)),
        ([column(1, "0-0:96.7.15.255"), LONGEST, CLOCK_COLUMN], (2, 1, 3)),
        ([CLOCK_COLUMN, column(4, "0-0:96.7.19.255", 5), column(4, "0-0:96.7.19.255")], (0, 2, 3)),
        ([CLOCK_COLUMN, LONGEST, CLOCK_COLUMN], (0, 1, 3)),
    ],
)
def test_the_capture_objects_say_which_column_is_what(columns: list[Column], expected: tuple[int, int, int]) -> None:
    layout = layout_of(columns)
    assert layout[:3] == expected
    assert layout.duration_of == columns[layout.duration].attribute
    assert layout.clock_of == columns[layout.clock].attribute


@pytest.mark.parametrize(
    "columns",
    [
        [],
        [LONGEST],
        [CLOCK_COLUMN],
        [column(8, "0-0:1.0.0.255", 3), LONGEST],
        [CLOCK_COLUMN, column(1, "0-0:96.10.7.255"), column(1, "0-0:96.11.0.255")],
    ],
)
def test_columns_that_do_not_tell_are_refused(columns: list[Column]) -> None:
    with pytest.raises(FrameError, match="the log has no column"):
        layout_of(columns)


def test_the_columns_are_read_in_their_order() -> None:
    reverse = Layout(clock=2, duration=0, width=3)
    value: d.Data = (d.STRUCTURE, [(d.UNSIGNED, 7), (d.NULL, None), octets(AT)])
    assert failures_in((d.ARRAY, [value]), reverse).failures[0].duration_s == 7
    assert failures_in((d.ARRAY, [value]), CERCO1).skipped == 1


@pytest.mark.parametrize(
    ("scaler", "unit", "seconds"), [(0, 7, 60), (0, 6, 3_600), (1, 7, 600), (-1, 7, 6), (0, 5, 216_000)]
)
def test_a_register_says_in_what_it_counts(scaler: int, unit: int, seconds: int) -> None:
    of_60 = unit_of((d.STRUCTURE, [(d.INTEGER, scaler), (d.ENUM, unit)]))
    (failure,) = failures_in((d.ARRAY, [entry(octets(AT))]), CERCO1, of_60).failures
    assert failure.duration_s == seconds


def test_a_duration_in_another_unit_keeps_to_the_same_limit() -> None:
    days = (d.DOUBLE_LONG_UNSIGNED, LONGEST_S // 86_400 + 1)
    assert failures_in((d.ARRAY, [entry(octets(AT), days)]), CERCO1, Fraction(86_400)).skipped == 1


@pytest.mark.parametrize(
    "value",
    [
        (d.NULL, None),
        (d.STRUCTURE, []),
        (d.STRUCTURE, [(d.INTEGER, 0)]),
        (d.STRUCTURE, [(d.UNSIGNED, 0), (d.ENUM, 7)]),
        (d.STRUCTURE, [(d.INTEGER, 0), (d.ENUM, 30)]),
        (d.STRUCTURE, [(d.INTEGER, 127), (d.ENUM, 7)]),
    ],
)
def test_a_unit_that_is_no_time_is_refused(value: d.Data) -> None:
    with pytest.raises(FrameError):
        unit_of(value)


@given(containers_of(SCALARS))
def test_any_value_is_read_counted_or_refused(value: d.Data) -> None:
    try:
        log = failures_in(value)
    except FrameError:
        return
    assert len(log.failures) + log.skipped == len(value[1])
