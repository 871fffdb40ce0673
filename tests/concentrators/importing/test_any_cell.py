"""Whatever a cell says, what is imported is what its sheet shows, or the cell is refused (CON-5)."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.exceptions import IllegalCharacterError

from concentrators.importing import Plan, UnreadableFile, check
from concentrators.importing.columns import ATTRIBUTES
from concentrators.models import Company, ConcentratorType, RowKind
from smmeplus.common.exporting.streamed_sheet import xlsx_blocks
from smmeplus.common.spreadsheets import cage, reading
from tests.plugins.effort import examples

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

IN_CI = 200
HEADER = ("serial_number", "substation", "customers")

#: What people paste, what programs make of it, and what is near to both.
PIECES = [
    *"'=+-@#!?\"\\,;.:/%_ \t\n\r0179eEñÑÃ±âÂ€",
    *("\u00a0", "\u200b", "\ufeff", "\u2028", "\u202e", "\u0301", "\x85", "\x07", "\ufffd", "\u3000", "\U0001f600"),
    *("E+15", "1.5", "2,5", "225.0", "#N/A", "#¡REF!", "Err:502", "Total", "007", "_x000D_", "&amp;", "<b>", "TRUE"),
]

texts = st.lists(st.sampled_from(PIECES) | st.characters(codec="utf-8"), max_size=8).map("".join)
numbers = (
    st.integers(-10, 10**17)
    | st.floats(-1e3, 1e18, allow_nan=False)
    | st.integers(0, 10**9).map(lambda number: number / 100)
)
FORMATS = ["General", "0", "000000", "@", "#,##0", "0.00", "0%", "0.00E+00", '"N-"0', "yyyy-mm-dd", "0;-0;", "# ?/?"]


@pytest.fixture(autouse=True, scope="module")
def _read_here() -> Iterator[None]:
    """A process for each example would take minutes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cage, "read_rows", reading.read_rows)
        yield


def as_csv(cells: list[Any], _code: str) -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=";").writerows([HEADER, cells])
    return target.getvalue().encode()


def as_export(cells: list[Any], _code: str) -> bytes:
    return b"".join(xlsx_blocks([cells], HEADER))


def as_openpyxl(cells: list[Any], code: str) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(HEADER)
    for place, value in enumerate(cells, start=1):
        cell = book.active.cell(2, place, value)
        if isinstance(value, str):
            cell.data_type = "s"  # also what begins like a formula
        else:
            cell.number_format = code
    book.save(target := io.BytesIO())
    return target.getvalue()


def imported(content: bytes) -> dict[str, Any] | None:
    """The values of the only row, without what is not said; None if it is refused."""
    company, _new = Company.objects.get_or_create(name="Chile", defaults={"time_zone": "America/Santiago"})
    ConcentratorType.objects.get_or_create(name="CERCO1")
    try:
        plan: Plan = check(io.BytesIO(content), company)
    except UnreadableFile:
        return None
    assert plan.new + plan.rejected == 1
    for row in plan.file.rows.filter(kind=RowKind.NEW):
        said = {name: getattr(row, name) for name in (*ATTRIBUTES, "serial_number")}
        return {name: value for name, value in said.items() if value is not None and name in HEADER}
    return None


def seen(text: str) -> str:
    """What somebody reads who sees ``text`` in a cell. An apostrophe marks it as a text, in our exports, too."""
    if re.match("'[=+@-]", text):
        text = text[1:]
    visible = "".join(one for one in text if unicodedata.category(one) != "Cf")
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", visible)).strip()


@settings(max_examples=examples(IN_CI))
@given(texts, st.sampled_from([as_csv, as_export, as_openpyxl]))
def test_a_text_is_imported_as_it_is_seen_or_refused(text: str, write: Callable[[list[Any], str], bytes]) -> None:
    try:
        found = imported(write(["AB1", text, 5], "General"))
    except (IllegalCharacterError, UnicodeEncodeError):
        return  # openpyxl writes no such text
    shown = seen(text.strip())
    assert found is None or found == {"serial_number": "AB1", "customers": 5} | ({"substation": shown} if shown else {})


@settings(max_examples=examples(IN_CI))
@given(texts, st.sampled_from([as_csv, as_export]))
def test_a_serial_number_is_imported_as_it_is_seen_or_refused(
    text: str, write: Callable[[list[Any], str], bytes]
) -> None:
    found = imported(write([text, "x", ""], "General"))
    assert found is None or found == {"serial_number": seen(text.strip()).upper(), "substation": "x"}


@settings(max_examples=examples(IN_CI))
@given(numbers, st.sampled_from(FORMATS))
def test_a_number_among_texts_is_imported_as_it_is_shown_or_refused(number: float, code: str) -> None:
    found = imported(as_openpyxl(["AB1", number, 5], code))
    assert found is None or found["substation"] in _shown(number, code)


@settings(max_examples=examples(IN_CI))
@given(numbers, st.sampled_from(FORMATS))
def test_a_number_of_customers_is_imported_as_it_is_or_refused(number: float, code: str) -> None:
    found = imported(as_openpyxl(["AB1", "x", number], code))
    assert found is None or found["customers"] == number


def _shown(number: float, code: str) -> set[str]:
    """What spreadsheets show of ``number`` under those of FORMATS that leave it readable."""
    exact = Decimal(repr(number))
    whole = exact == exact.to_integral_value() and abs(exact) < 10**15
    plain = f"{exact.normalize():f}"
    match code:
        case "General" | "@":
            return {plain} if whole or len(plain) <= 12 else {f"{Decimal(f'{number:.10g}').normalize():f}"}
        case "0" | "0;-0;":
            return {plain} if whole else set()
        case "000000":
            return {f"{number:07.0f}" if number < 0 else f"{number:06.0f}"} if whole else set()
        case "#,##0":
            return {f"{number:,.0f}"}
        case "0.00":
            return {f"{number:.2f}"}
    return set()
