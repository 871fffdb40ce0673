"""Lists of serial numbers that are pasted into a search (REP-6)."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from concentrators.models import Company
from tests.factories import ConcentratorFactory
from tests.smmeplus.users import make_operator
from tests.support.accessibility import check_accessible

#: As a paste does: a field of one line makes blanks of its line breaks.
PASTE = "(field, text) => { field.focus(); document.execCommand('insertText', false, text); }"


def test_a_column_of_a_spreadsheet_is_pasted_and_the_page_says_what_is_missing(
    page: Page, sign_in: Callable[[User], None], chile: Company
) -> None:
    for number in range(30):
        ConcentratorFactory.create(company=chile, serial_number=f"A{number:02}")
    sign_in(make_operator(chile))
    page.goto("/concentrators/")
    field = page.get_by_label("Search", exact=True)
    field.evaluate(PASTE, "A01\nA02\nXY-1\n")
    expect(page.get_by_role("status").filter(has_text="1 of the 3")).to_contain_text("not in this list: XY-1.")
    expect(page.locator("tbody tr")).to_have_count(2)
    check_accessible(page)
    field.fill(" ".join([f"X{number:04}" for number in range(3_000)] + ["A07"]))
    expect(page.get_by_role("status").filter(has_text="3000 of the 3001")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(field).to_have_value(re.compile("^list:"))
    address = page.url
    assert len(address) < 500
    page.goto(address)
    expect(page.get_by_role("link", name="A07")).to_be_visible()
    field.fill(" ".join(f"X{number:05}" for number in range(10_001)))
    expect(page.locator("#messages")).to_contain_text("at most 10000 serial numbers")
    page.goto("/concentrators/installation/")
    page.locator("#c-q").fill(", ".join([f"X{number:04}" for number in range(3_000)] + ["A08"]))
    expect(page.get_by_role("button", name="Select all 1 that match")).to_be_visible()
