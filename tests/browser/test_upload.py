"""Upload installation file in a browser: each sample through its preview to the result (CON-5, ACC-3)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Locator, Page, ViewportSize, expect

from concentrators.models import Company, Concentrator, State
from tests import ROOT
from tests.factories import CompanyFactory, ConcentratorFactory, ConcentratorTypeFactory, SpontaneousProfileFactory
from tests.smmeplus.users import make_operator
from tests.support.accessibility import check_accessible, check_still_accessible

SAMPLES = ROOT / "tests" / "samples"
CHILE = ROOT / "concentrators" / "demo" / "installation-chile.csv"
PHONE = ViewportSize(width=390, height=844)


@pytest.fixture
def chile(db: None) -> Company:
    SpontaneousProfileFactory.create(name="Wake up SMMePlus 10 min")
    ConcentratorTypeFactory.create()
    chile: Company = CompanyFactory.create(name="Chile")
    return chile


@pytest.fixture
def preview(page: Page, sign_in: Callable[[User], None], chile: Company) -> Callable[[Path], Page]:
    """Takes a file from the installation page to its preview, or to the sentence that there is none."""
    sign_in(make_operator(chile))

    def preview(file: Path) -> Page:
        page.goto(reverse("concentrators:installation"))
        page.get_by_role("link", name="Upload installation file").click()
        expect(page.get_by_label("Company")).to_have_value(str(chile.pk))
        page.get_by_label("Installation file").set_input_files(file)
        page.get_by_role("button", name="Preview").click()
        return page

    return preview


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def counts(page: Page) -> Locator:
    return page.locator(".counts li")


def test_the_file_of_chile_becomes_90_concentrators_whose_history_tells_of_it(
    preview: Callable[[Path], Page],
) -> None:
    page = preview(CHILE)
    expect(counts(page)).to_contain_text(["90 new", "0 changed", "0 unchanged", "0 rejected", "0 to install"])
    assert fits(page)
    check_still_accessible(page)
    assert not Concentrator.objects.exists()
    page.get_by_role("button", name="Write 90 rows").click()
    expect(page.get_by_text("Written: 90 new, 0 changed")).to_be_visible()
    assert fits(page)
    check_still_accessible(page)

    page.get_by_role("link", name="Show them").click()
    expect(page.locator(".total")).to_have_text("Total items: 90")
    page.get_by_label("Search").fill("36665")
    page.get_by_role("link", name="16CEC50610036665").click()
    added = page.get_by_role("region", name="History", exact=True).locator("tbody tr")
    expect(added).to_have_count(1)
    expect(added).to_contain_text("operator")
    expect(added).to_contain_text("together with 89 others")
    expect(added).to_contain_text("added")


def test_of_a_file_with_errors_a_phone_shows_each_one_and_only_the_good_rows_are_written(
    preview: Callable[[Path], Page], page: Page
) -> None:
    page.set_viewport_size(PHONE)
    preview(SAMPLES / "installation-errors.csv")
    expect(counts(page)).to_contain_text(["2 new", "0 changed", "0 unchanged", "6 rejected"])
    page.get_by_label("What").select_option(label="rejected")
    rejected = page.get_by_role("region", name="Rows").locator("tbody tr")
    expect(rejected.locator("td:first-child")).to_have_text(["3", "4", "5", "6", "7", "8"])
    expect(rejected.nth(3)).to_contain_text("An IPv4 address is four numbers from 0 to 255")
    assert fits(page)
    check_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all errors").click()
    assert download.value.suggested_filename == "errors.csv"
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert (lines[0], len(lines)) == ("line,column,value,reason", 9)

    expect(page.get_by_text("6 rows have errors and would be left out.")).to_be_visible()
    page.get_by_role("button", name="Write only the 2 good rows").click()
    expect(page.get_by_text("Written: 2 new, 0 changed")).to_be_visible()
    assert fits(page)
    check_accessible(page)
    written = Concentrator.objects.values_list("serial_number", flat=True)
    assert list(written) == ["16CEC50610036665", "16CEC50610099903"]


def test_the_file_of_excel_installs_three_and_their_history_tells_what_it_changed(
    preview: Callable[[Path], Page], chile: Company
) -> None:
    for serial in ("16CEC50610036665", "16CEC50610036655", "16CEC50610036798"):
        ConcentratorFactory.create(serial_number=serial, company=chile)
    page = preview(SAMPLES / "installation-excel.csv")
    expect(counts(page)).to_contain_text(["0 new", "3 changed", "0 unchanged", "0 rejected", "3 to install"])
    page.get_by_role("button", name="Write 3 rows").click()
    expect(page.get_by_text("Written: 0 new, 3 changed; 3 of them installed")).to_be_visible()
    assert Concentrator.objects.filter(state=State.IN_FIELD).count() == 3

    page.set_viewport_size(PHONE)
    page.goto(reverse("concentrator:page", args=["16CEC50610036655"]))
    newest = page.get_by_role("region", name="History", exact=True).locator("tbody tr").first
    for told in (
        "installation file, together with 2 others",
        "state: available → in field",
        "spontaneous profile: — → Wake up SMMePlus 10 min",
        "customers served: 0 → 192",
    ):
        expect(newest).to_contain_text(told)
    assert fits(page)
    check_still_accessible(page)


def test_a_file_of_something_else_is_told_what_is_right_and_leads_back(preview: Callable[[Path], Page]) -> None:
    page = preview(SAMPLES / "wakeups-sample.csv")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Unknown in the header: received_at, ip_address, port, kind.")
    expect(alert).to_contain_text("The first line names the columns: serial_number")
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_role("button", name="Preview")).to_be_visible()
