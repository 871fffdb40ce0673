"""What every workbook of a list keeps, so that it can be handed on (REP-9)."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.contrib.auth.models import User
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from smmeplus.common.lists import ListPage
from tests.smmeplus.common.all_lists import LISTS, List, list_views
from tests.smmeplus.users import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database("postgresql")]

VIEWS = list_views()
KEYS = {"roll_out", "audit_id", "serial_number", "concentrator_name", "other_device"}
LISTED = [one for one in LISTS if issubclass(VIEWS[one.view], ListPage)]
#: Without any file: the others must have one.
NOT_EXPORTED = {"profiles:list", "procedures:list", "wakeup:strays", "listeners:list"}
#: Of these a row is not about one concentrator.
OF_NO_CONCENTRATOR = {"incidents:list", "alarms:list"}


def workbook(user: User, listed: List) -> Worksheet | None:
    response = client_of(user).get(listed.url(export="xlsx"))
    if not response.streaming:
        return None
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    (sheet,) = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    return sheet


@pytest.mark.parametrize("listed", LISTED, ids=str)
def test_a_workbook_tells_times_numbers_and_keys_apart(filled: User, listed: List) -> None:
    sheet = workbook(filled, listed)
    assert (sheet is None) == (listed.view in NOT_EXPORTED)
    if sheet is None:
        return
    names = [str(cell.value) for cell in sheet[1]]
    assert len(names) == len(set(names))
    assert sheet.title == str(VIEWS[listed.view].title)[:31]  # type: ignore[attr-defined]
    assert sheet.max_row > 1
    for row in sheet.iter_rows(min_row=2):
        for name, cell in zip(names, row, strict=True):
            assert isinstance(cell, Cell)
            is_time = cell.is_date and cell.number_format.endswith("ss")
            assert is_time <= name.endswith(("_utc", "_local")), name
            assert cell.value is None or isinstance(cell.value, str) or name not in KEYS, name


@pytest.mark.parametrize("listed", LISTED, ids=str)
def test_a_workbook_says_whose_its_rows_are(filled: User, listed: List) -> None:
    sheet = workbook(filled, listed)
    wanted = {"company"} if listed.view in OF_NO_CONCENTRATOR else {"company", "state"}
    if sheet is not None:
        assert wanted <= {cell.value for cell in sheet[1]}
