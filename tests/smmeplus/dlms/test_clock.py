"""The clocks of devices: COSEM date-times, and the local time of a text telegram."""

# ruff: noqa: DTZ001 - wall clocks without a zone are what is tested here

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smmeplus.dlms.clock import SIZE, UNSPECIFIED, Clock, decode_clock, encode_clock
from smmeplus.dlms.errors import FrameError

ROME = ZoneInfo("Europe/Rome")
SANTIAGO = ZoneInfo("America/Santiago")
KOLKATA = ZoneInfo("Asia/Kolkata")
ZONES = [UTC, ROME, SANTIAGO, KOLKATA, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Pago_Pago")]

SUMMER = 0x80
WINTER = 0x00
UNTOLD = 0xFF
NO_DEVIATION = -0x8000

moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.sampled_from(ZONES))


def date_time(
    local: str, deviation: int = NO_DEVIATION, status: int = UNTOLD, *, weekday: int = 0xFF, hundredths: int = 0
) -> bytes:
    """A COSEM date-time of ``YYYY-MM-DD HH:MM:SS`` which need not be a possible date."""
    day, time = local.split()
    year, month, day_of_month = map(int, day.split("-"))
    return (
        year.to_bytes(2, "big")
        + bytes((month, day_of_month, weekday, *map(int, time.split(":")), hundredths))
        + deviation.to_bytes(2, "big", signed=True)
        + bytes((status,))
    )


def utc_of(value: bytes, zone: ZoneInfo) -> str | None:
    clock = decode_clock(value)
    assert clock is not None
    moment = clock.to_utc(zone)
    return f"{moment:%Y-%m-%d %H:%M:%S %Z}" if moment else None


@pytest.mark.parametrize(
    ("deviation", "expected"),
    [
        (0, "2026-03-14 08:15:00 UTC"),
        (-60, "2026-03-14 07:15:00 UTC"),
        (240, "2026-03-14 12:15:00 UTC"),
        (-330, "2026-03-14 02:45:00 UTC"),
        (840, "2026-03-14 22:15:00 UTC"),
        (-840, "2026-03-13 18:15:00 UTC"),
    ],
)
def test_utc_is_local_time_plus_deviation_whatever_the_zone_and_season(deviation: int, expected: str) -> None:
    for status in (WINTER, SUMMER, UNTOLD):
        for zone in (ROME, SANTIAGO):
            assert utc_of(date_time("2026-03-14 08:15:00", deviation, status), zone) == expected


@pytest.mark.parametrize("deviation", [841, -841, 32767, -32767])
def test_a_deviation_that_no_zone_has_makes_the_time_unusable(deviation: int) -> None:
    assert decode_clock(date_time("2026-03-14 08:15:00", deviation)) is None


@pytest.mark.parametrize(
    ("local", "status", "zone", "expected"),
    [
        ("2025-01-15 12:00:00", WINTER, ROME, "2025-01-15 11:00:00 UTC"),
        ("2025-07-15 12:00:00", SUMMER, ROME, "2025-07-15 10:00:00 UTC"),
        ("2025-07-15 12:00:00", UNTOLD, ROME, "2025-07-15 10:00:00 UTC"),
        ("2025-01-15 12:00:00", SUMMER, SANTIAGO, "2025-01-15 15:00:00 UTC"),
        ("2025-07-15 12:00:00", WINTER, SANTIAGO, "2025-07-15 16:00:00 UTC"),
        ("2025-12-31 23:59:59", WINTER, ROME, "2025-12-31 22:59:59 UTC"),
        ("2026-01-01 00:30:00", WINTER, ROME, "2025-12-31 23:30:00 UTC"),
        ("2025-12-31 21:00:00", SUMMER, SANTIAGO, "2026-01-01 00:00:00 UTC"),
        # The hour that comes twice when summer time ends.
        ("2025-10-26 02:30:00", SUMMER, ROME, "2025-10-26 00:30:00 UTC"),
        ("2025-10-26 02:30:00", WINTER, ROME, "2025-10-26 01:30:00 UTC"),
        ("2025-10-26 02:30:00", UNTOLD, ROME, "2025-10-26 00:30:00 UTC"),
        ("2025-04-05 23:30:00", SUMMER, SANTIAGO, "2025-04-06 02:30:00 UTC"),
        ("2025-04-05 23:30:00", WINTER, SANTIAGO, "2025-04-06 03:30:00 UTC"),
        # The hour that is left out when it begins: the flag tells which side of it the device means.
        ("2025-03-30 02:30:00", WINTER, ROME, "2025-03-30 01:30:00 UTC"),
        ("2025-03-30 02:30:00", SUMMER, ROME, "2025-03-30 00:30:00 UTC"),
        ("2025-09-07 00:30:00", WINTER, SANTIAGO, "2025-09-07 04:30:00 UTC"),
        ("2025-09-07 00:30:00", SUMMER, SANTIAGO, "2025-09-07 03:30:00 UTC"),
        # Around the changes.
        ("2025-10-26 01:59:59", SUMMER, ROME, "2025-10-25 23:59:59 UTC"),
        ("2025-10-26 03:00:00", WINTER, ROME, "2025-10-26 02:00:00 UTC"),
        ("2025-03-30 03:00:00", SUMMER, ROME, "2025-03-30 01:00:00 UTC"),
        # Outside of these hours the calendar stands above the flag.
        ("2025-07-15 12:00:00", WINTER, ROME, "2025-07-15 10:00:00 UTC"),
    ],
)
def test_without_a_deviation_the_time_is_local_in_the_zone_and_the_flag_decides_where_it_is_ambiguous(
    local: str, status: int, zone: ZoneInfo, expected: str
) -> None:
    assert utc_of(date_time(local, status=status), zone) == expected


@pytest.mark.parametrize(
    ("local", "is_summer", "zone", "expected"),
    [
        (datetime(2026, 3, 14, 8, 15), False, SANTIAGO, datetime(2026, 3, 14, 12, 15, tzinfo=UTC)),
        (datetime(2026, 3, 14, 8, 15), True, SANTIAGO, datetime(2026, 3, 14, 11, 15, tzinfo=UTC)),
        (datetime(2025, 7, 1), False, SANTIAGO, datetime(2025, 7, 1, 4, tzinfo=UTC)),
        (datetime(2025, 7, 1), True, SANTIAGO, datetime(2025, 7, 1, 3, tzinfo=UTC)),
        (datetime(2025, 12, 31, 23, 59, 59), False, ROME, datetime(2025, 12, 31, 22, 59, 59, tzinfo=UTC)),
        (datetime(2025, 1, 1), True, ROME, datetime(2024, 12, 31, 22, tzinfo=UTC)),
        (datetime(2025, 10, 26, 2, 30), True, ROME, datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),
        (datetime(2025, 10, 26, 2, 30), False, ROME, datetime(2025, 10, 26, 1, 30, tzinfo=UTC)),
        (datetime(2025, 7, 1), False, KOLKATA, datetime(2025, 6, 30, 18, 30, tzinfo=UTC)),
    ],
)
def test_the_season_of_a_telegram_stands_above_the_calendar(
    local: datetime, is_summer: bool, zone: ZoneInfo, expected: datetime
) -> None:
    assert Clock(local, is_summer=is_summer, by_season=True).to_utc(zone) == expected


@pytest.mark.parametrize("position", [slice(0, 2), 2, 3, 5, 6, 7])
def test_a_part_that_is_not_specified_makes_the_time_unusable(position: slice | int) -> None:
    value = bytearray(date_time("2026-03-14 08:15:00", -60, WINTER))
    assert decode_clock(bytes(value)) is not None
    value[position if isinstance(position, slice) else slice(position, position + 1)] = (
        b"\xff\xff" if isinstance(position, slice) else b"\xff"
    )
    assert decode_clock(bytes(value)) is None


def test_weekday_hundredths_and_status_may_be_unspecified() -> None:
    value = date_time("2026-03-14 08:15:00", 0, UNTOLD, weekday=0xFF, hundredths=0xFF)
    assert decode_clock(value) == Clock(datetime(2026, 3, 14, 8, 15), 0, None)


def test_hundredths_are_kept() -> None:
    value = date_time("2026-03-14 08:15:00", 0, hundredths=99)
    assert decode_clock(value) == Clock(datetime(2026, 3, 14, 8, 15, 0, 990_000), 0, None)


@pytest.mark.parametrize(
    "local",
    [
        "2025-02-29 00:00:00",
        "2026-02-30 00:00:00",
        "2026-04-31 00:00:00",
        "2026-00-10 00:00:00",
        "2026-13-10 00:00:00",
        "2026-10-00 00:00:00",
        "2026-253-10 00:00:00",
        "2026-10-254 00:00:00",
        "2026-10-10 24:00:00",
        "2026-10-10 00:60:00",
        "2026-10-10 00:00:60",
        "0-01-01 00:00:00",
        "10000-01-01 00:00:00",
    ],
)
def test_an_impossible_date_or_time_is_unusable(local: str) -> None:
    assert decode_clock(date_time(local, 0)) is None


def test_impossible_hundredths_are_unusable() -> None:
    assert decode_clock(date_time("2026-10-10 00:00:00", 0, hundredths=100)) is None


def test_a_leap_day_is_a_day() -> None:
    assert utc_of(date_time("2024-02-29 00:30:00", -60), ROME) == "2024-02-28 23:30:00 UTC"


def test_a_time_that_the_device_itself_calls_invalid_is_unusable() -> None:
    assert decode_clock(date_time("2000-01-01 00:00:00", 0, 0x01)) is None
    assert decode_clock(date_time("2026-03-14 08:15:00", 0, 0x02)) is not None  # doubtful only


@pytest.mark.parametrize(
    "value", [UNSPECIFIED, b"", bytes(SIZE), b"\xff" * SIZE, bytes(SIZE - 1), b"123456789012", bytes(SIZE + 1)]
)
def test_what_is_no_time_is_unusable(value: bytes) -> None:
    assert decode_clock(value) is None


@pytest.mark.parametrize("deviation", [0, 840, -840, NO_DEVIATION])
@pytest.mark.parametrize("local", ["1-01-01 00:00:00", "9999-12-31 23:59:59"])
def test_a_moment_at_the_end_of_time_is_none_in_every_zone(local: str, deviation: int) -> None:
    clock = decode_clock(date_time(local, deviation, SUMMER))
    assert clock is not None
    assert [clock.to_utc(zone) for zone in ZONES] == [None] * len(ZONES)
    assert clock._replace(deviation=None, by_season=True).to_utc(ROME) is None


@settings(derandomize=True)
@given(st.binary(min_size=SIZE, max_size=SIZE), st.sampled_from(ZONES))
def test_any_12_bytes_give_a_moment_that_every_zone_can_show_or_none(value: bytes, zone: ZoneInfo) -> None:
    clock = decode_clock(value)
    moment = clock and clock.to_utc(zone)
    if moment:
        assert all(moment.astimezone(any_zone) == moment for any_zone in ZONES)


@settings(derandomize=True)
@given(moments, st.sampled_from(ZONES))
def test_a_moment_that_is_encoded_is_the_same_moment_in_utc_to_the_hundredth(moment: datetime, zone: ZoneInfo) -> None:
    value = encode_clock(moment)
    clock = decode_clock(value)
    assert len(value) == SIZE
    assert clock is not None
    expected = moment.astimezone(UTC)
    difference = expected - (clock.to_utc(zone) or datetime.min.replace(tzinfo=UTC))
    assert timedelta(0) <= difference < timedelta(milliseconds=10)


def test_a_moment_is_encoded_in_its_own_zone_with_its_weekday_and_season() -> None:
    assert encode_clock(datetime(2026, 3, 14, 8, 15, tzinfo=ROME)).hex() == "07ea030e06080f0000ffc400"
    assert encode_clock(datetime(2026, 7, 12, 8, 15, 1, 239_999, ROME)).hex() == "07ea070c07080f0117ff8880"
    assert encode_clock(datetime(2026, 7, 13, 8, 15, tzinfo=SANTIAGO)).hex() == "07ea070d01080f000000f000"


def test_a_historic_offset_with_seconds_still_gives_the_exact_moment() -> None:
    moment = datetime(1900, 6, 1, 12, tzinfo=SANTIAGO)
    assert (moment.utcoffset() or timedelta(0)) % timedelta(minutes=1)
    clock = decode_clock(encode_clock(moment))
    assert clock is not None
    assert clock.to_utc(ROME) == moment


@pytest.mark.parametrize(
    "moment", [datetime(2026, 3, 14, 8, 15), datetime(2026, 3, 14, tzinfo=timezone(timedelta(hours=15)))]
)
def test_a_moment_without_a_zone_or_too_far_from_utc_is_not_encoded(moment: datetime) -> None:
    with pytest.raises(FrameError, match="zone"):
        encode_clock(moment)
