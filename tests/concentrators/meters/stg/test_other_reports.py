"""G02, S06 and S11, which add to what S24 lists; and reports that hold no meters (MET-2)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from concentrators.meters.lists import ListedMeter
from concentrators.meters.stg import StgError, read
from concentrators.models.meters import MeterSource
from tests.concentrators.meters.stg.documents import (
    CONCENTRATOR,
    DATE,
    OTHER,
    SANTIAGO,
    SHA256,
    answers,
    cnc,
    document,
    meter,
    received,
    s24,
)

G02 = 'Fh="20261129000000000S" Atime="1437" Nchanges="28" Aconc="1439" Atimeperc="99.93"'
S06 = 'Fh="20261129100000000S" Fab=" C" Mod="YK" Mac="40:40:22:99:00:0A"'


def test_g02_tells_the_availability_of_the_day_that_ends_at_its_date() -> None:
    found = received(answers("G02", [("cir2", G02.replace("29000000", "28000000")), ("CIR1", G02)]))
    assert (found.source, found.whole, found.listed_at) == (
        MeterSource.G02,
        False,
        datetime(2026, 11, 29, 3, tzinfo=UTC),
    )
    assert found.rows == (
        ListedMeter("CIR2", availability=99.93, changes=28, day=date(2026, 11, 27)),
        ListedMeter("CIR1", availability=99.93, changes=28, day=date(2026, 11, 28)),
    )
    assert found.bad_rows == ()


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("20270101000000000S", date(2026, 12, 31)),
        ("20261129235900000S", date(2026, 11, 29)),
        ("20261129070000000S", date(2026, 11, 29)),
        ("20270404000000000W", date(2027, 4, 3)),
        ("20270403230000000W", date(2027, 4, 3)),
        ("20270905010000000S", date(2027, 9, 4)),  # clocks skip midnight
        ("20270905000000000S", date(2027, 9, 4)),
        ("20270905000000000W", date(2027, 9, 4)),
        ("20270115000000000W", date(2027, 1, 14)),  # a clock that has not changed to summer
    ],
)
def test_the_day_of_a_date(written: str, day: date) -> None:
    found = received(answers("G02", [("CIR1", G02.replace("20261129000000000S", written))]))
    assert [row.day for row in found.rows] == [day]


@pytest.mark.parametrize(("written", "percent"), [("100.00", 100.0), ("0.00", 0.0), ("0", 0.0), ("99,75", 99.75)])
def test_the_percentage_is_as_given(written: str, percent: float) -> None:
    found = received(answers("G02", [("CIR1", G02.replace("99.93", written))]))
    assert ([row.availability for row in found.rows], found.bad_rows) == ([percent], ())


@pytest.mark.parametrize("written", ["100.01", "101", "-1", "", "nan", "inf", "1e1", "99.9.3", "٩٩", "1" * 400])
def test_what_is_no_percentage_is_no_row(written: str) -> None:
    found = received(answers("G02", [("CIR1", G02.replace("99.93", written)), ("CIR2", G02)]))
    assert [row.name for row in found.rows] == ["CIR2"]
    assert [(row.line, row.meter) for row in found.bad_rows] == [(3, "CIR1")]


@pytest.mark.parametrize("changes", ["-1", "x", str(2**31), "9" * 5000])
def test_changes_that_are_none_cost_only_themselves(changes: str) -> None:
    found = received(answers("G02", [("CIR1", G02.replace("28", changes))]))
    assert [(row.availability, row.changes) for row in found.rows] == [(99.93, None)]
    assert len(found.bad_rows) == 1


def test_a_day_that_comes_twice_is_a_fault_and_two_days_are_none() -> None:
    one, other = ("CIR1", G02), ("CIR1", G02.replace("29000000", "28000000"))
    found = received(answers("G02", [one, other, one]))
    assert len(found.rows) == 2
    assert [row.line for row in found.bad_rows] == [5]


def test_s06_joins_a_meter_with_its_mac() -> None:
    found = received(answers("S06", [("CIR1", S06), ("CIR2", S06.replace("40:40:22:99:00:0A", "0x40402299000b"))]))
    assert (found.source, found.whole, found.listed_at) == (
        MeterSource.S06,
        False,
        datetime(2026, 11, 29, 13, tzinfo=UTC),
    )
    assert found.rows == (
        ListedMeter("CIR1", mac="40402299000A", type="YK"),
        ListedMeter("CIR2", mac="40402299000B", type="YK"),
    )
    assert found.bad_rows == ()


def test_of_two_answers_of_a_meter_the_newer_counts() -> None:
    older = S06.replace("2910", "2810").replace("0A", "0B")
    for rows in ([("CIR1", S06), ("CIR1", older)], [("CIR1", older), ("CIR1", S06)]):
        found = received(answers("S06", rows))
        assert [row.mac for row in found.rows] == ["40402299000A"]
        assert len(found.bad_rows) == 1


@pytest.mark.parametrize(
    ("attribute", "value", "listed"),
    [
        ("Mac", "", ListedMeter("CIR1", type="YK")),
        ("Mac", "FF:FF:FF:FF:FF:FF", ListedMeter("CIR1", type="YK")),
        ("Mac", "40:40:22", ListedMeter("CIR1", type="YK")),
    ],
)
def test_a_field_that_nobody_has_filled_says_nothing(attribute: str, value: str, listed: ListedMeter) -> None:
    found = received(answers("S06", [("CIR1", S06.replace("40:40:22:99:00:0A", value))]))
    assert found.rows == (listed,)
    assert [(row.meter, row.seen) for row in found.bad_rows] == [("CIR1", value)]


@pytest.mark.parametrize("model", ["ÿÿÿÿ", "", "x" * 101, "\t"])
def test_a_model_that_is_no_text_is_none(model: str) -> None:
    found = received(answers("S06", [("CIR1", S06.replace("YK", model))]))
    assert [row.type for row in found.rows] == [""]


@pytest.mark.parametrize("kind", ["G02", "S06"])
def test_a_meter_that_has_not_answered_is_a_fault(kind: str) -> None:
    row = {"G02": G02, "S06": S06}[kind]
    silent = '<Cnt Id="CIR2" ErrCat="3" ErrCode="1"/>'
    content = document(cnc(f'<Cnt Id="CIR1"><{kind} {row}/></Cnt>', silent), kind=kind)
    found = received(content)
    assert [row.name for row in found.rows] == ["CIR1"]
    assert [(row.meter, row.seen) for row in found.bad_rows] == [("CIR2", "3/1")]
    assert read(content.encode()).reports[0].unknown == ()


@pytest.mark.parametrize("kind", ["S24", "G02", "S06", "S11"])
def test_a_report_of_nothing_is_no_list(kind: str) -> None:
    (found,) = read(document(cnc(), kind=kind).encode()).reports
    assert (found.source, found.is_there) == (kind, False)


def devices(*rows: str, date: str = DATE) -> str:
    return document(cnc(f'<S11 Fh="{date}">', *rows, "</S11>"), kind="S11")


def device(
    mac: str = "40:40:22:99:00:01", sid: str = "0", lsid: str = "255", level: str = "0", state: str = "1"
) -> str:
    return (
        f'<macListRegDevices regEntryID="{mac}" regEntryLNID="14001" regEntryState="{state}" regEntryLSID="{lsid}" '
        f'regEntrySID="{sid}" regEntryLevel="{level}"/>'
    )


def test_s11_tells_the_place_of_a_mac_in_the_tree() -> None:
    found = received(devices(device(), device("0x404022990002", sid="21", lsid="22", level="6", state="2")))
    assert (found.source, found.whole, found.listed_at) == (
        MeterSource.S11,
        False,
        datetime(2026, 11, 29, 15, tzinfo=UTC),
    )
    assert found.rows == (
        ListedMeter("", mac="404022990001", level=0, lnid=14001, sid=0, lsid=None),
        ListedMeter("", mac="404022990002", level=6, lnid=14001, sid=21, lsid=22),
    )
    assert found.bad_rows == ()


@pytest.mark.parametrize(
    ("sid", "lsid", "kept"),
    [("0", "255", (0, None)), ("255", "255", (None, None)), ("0", "0", (0, None)), ("5", "254", (5, 254))],
)
def test_255_is_no_switch_and_0_is_the_concentrator(sid: str, lsid: str, kept: tuple[int | None, int | None]) -> None:
    found = received(devices(device(sid=sid, lsid=lsid)))
    assert [(row.sid, row.lsid) for row in found.rows] == [kept]


@pytest.mark.parametrize("level", ["-1", "256", "x", "", "1.5"])
def test_a_level_that_is_none_costs_only_itself(level: str) -> None:
    found = received(devices(device(level=level)))
    assert [(row.level, row.lnid) for row in found.rows] == [(None, 14001)]
    assert [row.seen for row in found.bad_rows] == [level]


def test_the_concentrator_itself_is_no_meter() -> None:
    assert received(devices(device(state="3"))).rows == ()


def test_a_mac_that_is_none_or_comes_twice_is_a_fault() -> None:
    found = received(devices(device(""), device("x"), device(), device("404022990001")))
    assert [row.mac for row in found.rows] == ["404022990001"]
    assert [row.line for row in found.bad_rows] == [4, 5, 7]


def test_macs_may_be_decimal_numbers() -> None:
    texts = [str(0x404022990001), str(0x404022990002), "", "9" * 15]
    found = received(devices(*map(device, texts)))
    assert [row.mac for row in found.rows] == ["404022990001", "404022990002"]
    assert len(found.bad_rows) == 2
    digits = received(devices(device("404022990001"), device("404022990002")))
    assert [row.mac for row in digits.rows] == ["404022990001", "404022990002"]


@pytest.mark.parametrize(
    "content",
    [
        document(cnc(f'<x><y Fh="{DATE}">{device()}</y></x>'), kind="S11"),
        document(cnc(), f'<S11 Fh="{DATE}">{device()}</S11>', kind="S11"),
        f'<topology><S11 Fh="{DATE}">{device()}</S11></topology>',
        f'<topology Fh="{DATE}">{device()}</topology>',
        f"<list>{device()}</list>",
    ],
)
def test_s11_is_read_whatever_stands_around_its_devices(content: str) -> None:
    name = f"{CONCENTRATOR}_0_S11_0_20261129120000"
    (report,) = read(content.encode(), name).reports
    found = report.received(1, SANTIAGO, SHA256, "", None)
    assert found is not None
    assert (report.concentrator, found.listed_at) == (CONCENTRATOR, datetime(2026, 11, 29, 15, tzinfo=UTC))
    assert [row.mac for row in found.rows] == ["404022990001"]


def test_devices_of_nobody_are_refused() -> None:
    with pytest.raises(StgError, match="which concentrator"):
        read(f'<list Fh="{DATE}">{device()}</list>'.encode())


def test_one_file_may_hold_several_reports() -> None:
    g02 = f'<Cnt Id="CIR1"><G02 {G02}/></Cnt>'
    reports = read(
        f"<All>{document(cnc(s24(meter())))}{document(cnc(g02, of=OTHER), kind='G02')}</All>".encode()
    ).reports
    assert [(one.concentrator, one.source) for one in reports] == [(CONCENTRATOR, "S24"), (OTHER, "G02")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (document(cnc("<S05/>"), kind="S05"), "S05 holds no meters"),
        (document(cnc("<S12/>"), kind="s12"), "s12 holds no meters"),
        (document(cnc('<G01 Fh="20261129060000000S" Tot="117"/>'), kind="G01"), "G01 holds no meters"),
        (document(kind="S05"), "S05 holds no meters"),
        ('<Report IdRpt="S52"><Rtu Id="X"/></Report>', "S52 holds no meters"),
        (document(kind="S24"), "no element Cnc"),
        ("<Report/>", "no element Cnc"),
        (document(cnc("<S05/>"), kind=""), "does not say which one"),
        ("<html/>", "begins with <html>"),
        (document(cnc(s24(), of="")), "Line 2: it is not said which concentrator"),
        (document(cnc(s24(), of="x" * 65)), "Line 2"),
        (document(cnc(s24()), "<Cnc/>"), "Line 7"),
    ],
)
def test_what_holds_no_meters_is_refused_by_its_name(content: str, sentence: str) -> None:
    with pytest.raises(StgError, match=sentence):
        read(content.encode())
