"""Files of sightings, cell by cell and as lists (MET-2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from concentrators.importing.errors import UnreadableFile
from concentrators.meters.spreadsheets.sightings import Place, Sheet, SheetList, read_sightings
from concentrators.meters.spreadsheets.tables import open_table
from concentrators.models import MeterKind, MeterState

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
SANTIAGO = ZoneInfo("America/Santiago")


def places(serials: Collection[str]) -> Mapping[str, Place]:
    """All but those that begin with X."""
    return {serial: Place(1, SANTIAGO, NOW) for serial in serials if not serial.startswith("X")}


def read(text: str | bytes) -> Sheet:
    content = text if isinstance(text, bytes) else text.encode()
    return read_sightings(open_table(content), places)


def only(text: str | bytes) -> SheetList:
    (found,) = read(text).lists.values()
    return found


def cell(column: str, text: str) -> object:
    """What ``text`` in ``column`` means, or why it is refused."""
    found = only(f"concentrator\tmeter\t{column}\nC1\tM1\t{text}\n")
    assert [row.name for row in found.rows] == ["M1"]  # whatever stands in another column
    return found.bad_rows[0].reason if found.bad_rows else getattr(found.rows[0], column)


def test_two_columns_are_enough() -> None:
    found = only("concentrator,meter\nc1,cir0141000001\n")
    assert (found.concentrator, found.listed_at, found.is_whole(by_default=False)) == ("C1", NOW, False)
    assert [(row.name, row.state, row.last_seen) for row in found.rows] == [("CIR0141000001", None, None)]


@pytest.mark.parametrize(
    "head",
    [
        "Concentrador;Medidor;Estado",
        "NÚMERO DE SERIE;contador;estado",
        "Concentratore;Contatore;Stato",
        "concentrator name;meter name;State",
        "sep=;\nconcentrator;meter;state",
    ],
)
def test_columns_are_called_as_each_language_calls_them(head: str) -> None:
    assert only(f"{head}\nC1;M1;2\n").rows[0].state == MeterState.ACTIVE


@pytest.mark.parametrize(
    ("column", "text", "meant"),
    [
        ("state", "2", MeterState.ACTIVE),
        ("state", "Temporary failure", MeterState.TEMPORARY_FAILURE),
        ("state", "fallo permanente", MeterState.PERMANENT_FAILURE),
        ("active", "Sí", True),
        ("active", "N", False),
        ("level", "0", 0),
        ("level", "3.0", 3),  # as pandas writes a column with gaps
        ("mac", "40:40:22:00:a1:b2", "40402200A1B2"),
        ("mac", "0x40402200A1B2", "40402200A1B2"),
        ("repeater", "cir0141000009", "CIR0141000009"),
        ("repeater", "40-40-22-00-A1-B2", "40402200A1B2"),
        ("lsid", "255", None),
        ("lsid", "0", 0),
        ("availability", "99,93", 99.93),
        ("availability", "100 %", 100.0),
        ("snr", "-3,5", -3.5),
        ("kind", "Supervisor", MeterKind.SUPERVISOR),
        ("phase", "L1", "L1"),
        ("manufacturer", "Señales", "Señales"),
        ("last_seen", "2027-03-01T09:00:00-03:00", NOW),
        ("last_seen", "2027-03-01 12:00Z", NOW),
        ("last_seen", "2027-03-01 09:00", NOW),  # by the clocks of the company
        ("last_seen", "2027-03-01 09:00:00.5", NOW + timedelta(seconds=0.5)),
    ],
)
def test_a_cell_means(column: str, text: str, meant: object) -> None:
    assert cell(column, text) == meant


@pytest.mark.parametrize(
    ("column", "text", "why"),
    [
        ("state", "3", "One of"),
        ("level", "-1", "whole number from 0 to 255"),
        ("level", "1e3", "whole number"),
        ("level", "٣", "whole number"),
        ("mac", "4.04E+11", "power of ten"),
        ("mac", "40402200A1B", "12 or 16"),
        ("mac", "00:00:00:00:00:00", "12 or 16"),
        ("availability", "101", "from 0 to 100"),
        ("availability", "nan", "from 0 to 100"),
        ("rx_level", "1,200", "such as 12.5"),
        ("snr", "inf", "such as 12.5"),
        ("phase", "L1 L2 L3 N", "At most 8"),
        ("manufacturer", "SeÃ±ales", "Letters are lost"),
        ("manufacturer", "=1+1", "A formula"),
        ("type", "#N/A", "error of the spreadsheet"),
        ("repeater", "four words are no", "MAC"),
        ("last_seen", "01/03/2027 09:00", "2027-04-03"),
        ("last_seen", "2027-03-01", "2027-04-03"),
        ("last_seen", "2027-02-30 10:00", "2027-04-03"),
        ("last_seen", "2027-03-01 24:30", "2027-04-03"),
        ("last_seen", "1901-01-01 00:00", "from 2000 to 2100"),
        ("last_seen", "2027-03-01 13:00Z", "Later than the list"),
        ("first_seen", "2027-03-01 12:30Z", "Later than the list"),
        ("last_seen", "2026-04-04 23:30", "twice, or never"),  # in Santiago
        ("last_seen", "2026-09-06 00:30", "twice, or never"),
    ],
)
def test_a_spoilt_cell_is_refused_and_its_row_kept(column: str, text: str, why: str) -> None:
    assert why in str(cell(column, text))


def test_ten_minutes_after_the_list_are_the_clocks() -> None:
    assert cell("last_seen", "2027-03-01 12:10Z") == NOW + timedelta(minutes=10)


def test_first_contact_after_the_last_one_is_refused() -> None:
    found = only("concentrator,meter,first_seen,last_seen\nC1,M1,2027-02-02 10:00Z,2027-02-01 10:00Z\n")
    assert (found.rows[0].first_seen, found.rows[0].last_seen) == (None, datetime(2027, 2, 1, 10, tzinfo=UTC))
    assert "last contact" in found.bad_rows[0].reason


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "every row needs a meter"),
        ("CIR-1", "1 to 32 letters"),
        ("2.08151E+12", "power of ten"),
        ("Total", "total"),
    ],
)
def test_a_row_without_a_readable_meter_is_kept_and_leaves_the_list_partial(name: str, why: str) -> None:
    found = only(f"concentrator,meter\nC1,M1\nC1,{name}\n")
    assert [row.name for row in found.rows] == ["M1"]
    assert [(row.line, why in row.reason) for row in found.bad_rows] == [(3, True)]
    assert not found.is_whole(by_default=True)


def test_a_meter_twice_in_a_list_counts_once() -> None:
    found = only("concentrator,meter,state\nC1,M1,2\nC1,m1,0\n")
    assert [(row.name, row.state) for row in found.rows] == [("M1", MeterState.ACTIVE)]
    assert (found.bad_rows[0].meter, found.bad_rows[0].reason) == ("M1", "Twice in the list; first in line 2.")
    assert found.is_whole(by_default=True)


def test_each_concentrator_and_date_is_a_list_and_the_oldest_comes_first() -> None:
    sheet = read(
        "concentrator,meter,list_date\nC2,M1,\nC1,M1,2027-02-02 10:00Z\n"
        "C1,M2,2027-02-01 07:00\nC1,M1,2027-02-01T10:00Z\n"
    )
    found = [(one.concentrator, one.listed_at.day, sorted(one.lines)) for one in sheet.in_order]
    assert found == [("C1", 1, ["M1", "M2"]), ("C1", 2, ["M1"]), ("C2", 1, ["M1"])]


@pytest.mark.parametrize(
    ("said", "by_default", "is_whole"),
    [(("", ""), False, False), (("", ""), True, True), (("yes", ""), False, True), (("no", "no"), True, False),
     (("yes", "no"), True, False)],
)  # fmt: skip
def test_rows_say_more_of_their_list_than_the_file_does(
    said: tuple[str, str], by_default: bool, is_whole: bool
) -> None:
    found = only("concentrator,meter,whole\n" + "".join(f"C1,M{number},{one}\n" for number, one in enumerate(said)))
    assert found.is_whole(by_default) is is_whole


def test_rows_that_belong_to_no_list_are_faults_of_the_file() -> None:
    sheet = read("concentrator,meter,list_date\n,M1,\nC 1,M1,\nC1,M1,yesterday\nX1,M1,\nX1,M2,\n")
    assert [(one.line, one.column) for one in sheet.faults] == [
        (2, "concentrator"),
        (3, "concentrator"),
        (4, "list_date"),
    ]
    assert (sheet.lists, sheet.passed_over) == ({}, {"X1": 2})


def test_cells_beyond_the_header_are_told_and_the_row_is_kept() -> None:
    found = only("concentrator,meter\nC1,M1,2\n")
    assert (len(found.rows), found.bad_rows[0].reason) == (1, "3 cells, but the header names 2 columns.")


def test_windows_letters_are_read_and_that_is_said() -> None:
    table = open_table("concentrator;meter;type\nC1;M1;Señal\n".encode("cp1252"))
    found = read_sightings(table, places)
    assert next(iter(found.lists.values())).rows[0].type == "Señal"
    assert "Windows-1252" in table.facts.cautions[0].reason


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "empty"),
        ("concentrator,meter\n", "names no meter"),
        ("meters,substation\nM1,S1\n", "concentrator, meter are needed"),
        ("concentrator,meter,supply_point\nC1,M1,S1\n", "Unknown in the header: supply_point"),
        ("concentrator,serial number,meter\nC1,C1,M1\n", "Twice in the header: concentrator"),
        ("\0\1\2", "neither a CSV nor an XLSX"),
        ("PK\3\4 and so on", "XLSX"),
        ('concentrator,meter\nC1,"M1\n', "quotation mark"),
        ("concentrator,meter\n" + "C1,M1" + ",x" * 300, "no file of meters"),
    ],
)
def test_what_is_no_table_of_meters_is_refused_in_words(content: str, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        read(content)


def test_a_file_that_names_no_concentrator_is_a_master_file() -> None:
    table = open_table(b"meter;tipo;concentrador esperado\nM1;T;C1\n")
    assert (table.is_master, table.columns) == (True, ("meter", "type", "expected_concentrator"))
