"""The preview of an installation file in a browser: rows, filters and what is said of the file (CON-5, UI-6)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Locator, Page, ViewportSize, expect

from concentrators.models import Concentrator
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.users import make_operator
from tests.support.accessibility import check_accessible, check_still_accessible

PHONE = ViewportSize(width=390, height=844)


@pytest.fixture
def file(db: None, tmp_path: Path) -> Path:
    """An XLSX file of two sheets: 30 new rows, one to get another profile, one wrong, one hidden."""
    five, _ten = (SpontaneousProfileFactory.create(name=f"Wake up {number} min") for number in (5, 10))
    chile = CompanyFactory.create(name="Chile")
    ConcentratorFactory.create(serial_number="MOVED1", company=chile, in_field=True, profile=five, feeder="F1")
    ConcentratorFactory.create(serial_number="CHANGED1", company=chile, feeder="F1")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Chile"
    sheet.append(["serial_number", "profile", "feeder", "customers"])
    for number in range(30):
        sheet.append([f"NEW{number:02}", None, f"F{number}", number])
    sheet.append(["CHANGED1", None, "F2", None])
    sheet.append(["MOVED1", "Wake up 10 min", "F1", None])
    sheet.append(["WRONG1", None, "F1", "many"])
    sheet.row_dimensions[5].hidden = True
    book.create_sheet("Old")
    book.save(tmp_path / "file.xlsx")
    return tmp_path / "file.xlsx"


def rows(page: Page) -> Locator:
    return page.get_by_role("region", name="Rows").locator("tbody tr")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_an_operator_sees_what_changes_before_it_is_written(
    page: Page, sign_in: Callable[[User], None], file: Path
) -> None:
    company = Concentrator.objects.get(serial_number="MOVED1").company
    sign_in(make_operator(company))
    page.goto(reverse("concentrators:upload"))
    page.get_by_label("Installation file").set_input_files(file)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("The sheet “Chile” was read.")).to_contain_text("Passed over: Old.")
    expect(page.get_by_text("1 row is hidden in the sheet")).to_be_visible()
    expect(page.get_by_text("This may take a minute")).to_have_count(0)
    expect(rows(page).first).to_contain_text("Spontaneous profile: Wake up 5 min → Wake up 10 min")
    expect(rows(page).first.locator(".badge")).to_have_text("other profile")
    expect(rows(page)).to_have_count(25)
    assert fits(page)
    check_still_accessible(page)

    page.get_by_label("Column that changes").select_option(label="Feeder")
    expect(rows(page)).to_contain_text(["Feeder: F1 → F2"])
    page.get_by_label("Column that changes").select_option(label="All")
    page.get_by_label("What").select_option(label="rejected")
    expect(rows(page)).to_contain_text(["customers “many”: A whole number"])
    page.get_by_label("What").select_option(label="All")
    page.get_by_label("Serial number").fill("new29")
    expect(rows(page)).to_contain_text(["NEW29"])
    page.set_viewport_size(PHONE)
    assert fits(page)
    check_accessible(page)

    page.get_by_role("button", name="Write only the 32 good rows").click()
    expect(page.get_by_text("Written: 30 new, 2 changed")).to_be_visible()
    expect(rows(page)).to_contain_text(["WRONG1"])
    assert fits(page)


def test_what_is_said_of_waiting_goes_when_the_file_was_refused(
    page: Page, sign_in: Callable[[User], None], file: Path, tmp_path: Path
) -> None:
    sign_in(make_operator(Concentrator.objects.get(serial_number="MOVED1").company))
    (tmp_path / "no.csv").write_bytes(b"type\nCERCO1\n")
    page.goto(reverse("concentrators:upload"))
    page.get_by_label("Installation file").set_input_files(tmp_path / "no.csv")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("alert")).to_contain_text("Missing in the header: serial_number.")
    expect(page.get_by_text("This may take a minute")).to_be_hidden()
