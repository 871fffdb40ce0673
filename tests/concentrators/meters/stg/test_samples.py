"""The samples, and what must come of each; see their README (MET-2)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from concentrators.meters.names import kind_of
from concentrators.meters.stg import ConcentratorReport, StgError, read
from concentrators.models.meters import MeterKind, MeterState
from tests.concentrators.meters.stg.documents import SANTIAGO, SHA256, received

SAMPLES = Path(__file__).parent / "samples"
REFUSED = "refused: "


def table() -> dict[str, list[str]]:
    """The cells behind the name of each file."""
    lines = (SAMPLES / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {name.strip("`"): cells for name, *cells in rows}


EXPECTED = table()


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def said_of(report: ConcentratorReport) -> tuple[str, str, str]:
    """The cells of one list."""
    found = report.received(1, SANTIAGO, SHA256, "", None)
    if found is None:
        return f"none {report.source} {report.concentrator}", "", ""
    said = f"{report.source} {report.concentrator} {found.listed_at:%Y-%m-%d %H:%M}"
    return said, str(len(found.rows)), str(len(found.bad_rows))


def test_each_sample_is_in_the_table() -> None:
    assert sorted(path.name for path in SAMPLES.iterdir() if path.name != "README.md") == sorted(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_what_comes_of_a_sample(name: str) -> None:
    lists, rows, bad, _why = EXPECTED[name]
    if lists.startswith(REFUSED):
        with pytest.raises(StgError) as error:
            read(sample(name))
        assert lists.removeprefix(REFUSED) in str(error.value)
        return
    found = [said_of(report) for report in read(sample(name)).reports]
    of_lists, of_rows, of_bad = zip(*found, strict=True)
    assert ["<br>".join(of_lists), *(", ".join(filter(None, cell)) for cell in (of_rows, of_bad))] == [lists, rows, bad]


def test_the_mix_counts_as_its_table_says() -> None:
    rows = received(sample("mix-of-89.xml")).rows
    assert Counter(row.state for row in rows) == {
        MeterState.ACTIVE: 86,
        MeterState.TEMPORARY_FAILURE: 2,
        MeterState.PERMANENT_FAILURE: 1,
    }
    assert [row.name for row in rows if kind_of(row.name) == MeterKind.SUPERVISOR] == ["CIR2081990001"]
    assert [row.name for row in rows if row.active is False] == ["CIR9900000088"]


def test_each_bad_row_is_told_with_what_stood_there() -> None:
    found = received(sample("bad-rows.xml"))
    assert [(row.line, row.meter, row.seen) for row in found.bad_rows] == [
        (5, "CIR9900000002", "A"),
        (6, "CIR9900000003", "FFFFFFFFFFFFFFFFFW"),
        (7, "CIR9900000004", "00000000000000000W"),
        (8, "CIR9900000005", ""),
        (9, "CIR9900000006", "00001228230000000W"),
        (11, "CIR9900000008", ""),
        (12, "CIR 99", "CIR 99"),
        (13, "CIR9900000001", "CIR9900000001"),
        (14, "CIR9900000009", "20261129125900000S"),
    ]


def test_a_packed_sample_is_the_same_list_as_a_plain_one() -> None:
    assert received(sample("packed.gz")).rows == received(sample("message.xml")).rows


def test_the_doubled_hour_is_told_by_its_letter() -> None:
    first, second = received(sample("doubled-hour-winter.xml")).rows
    assert first.last_seen is not None
    assert second.last_seen is not None
    assert (first.last_seen - second.last_seen).total_seconds() == 3600
