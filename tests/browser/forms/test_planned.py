"""Planned work in a browser: shown before it is stored, and a file after that (STA-8, UI-6)."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from concentrators.models import Company, PlannedWork
from tests.browser.test_every_page import check
from tests.factories import ConcentratorFactory


def test_planned_work_is_added_after_its_preview_and_called_off(signed_in_page: Page, chile: Company) -> None:
    ConcentratorFactory.create(company=chile, feeder="F1", in_field=True)
    page, day = signed_in_page, f"{timezone.now() + timedelta(days=3):%Y-%m-%d}"
    page.goto(reverse("planned:list"))
    page.get_by_role("link", name="Add", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Feeder").fill("f1")
    dialog.get_by_label("Title").fill("Transformer 3")
    dialog.get_by_label("From").fill(f"{day}T12:00")
    dialog.locator("[name=end]").fill(f"{day}T14:00")
    dialog.get_by_label("Recurs").select_option("FREQ=WEEKLY")
    dialog.get_by_role("button", name="Preview").click()
    expect(dialog.get_by_role("status")).to_contain_text("1 concentrator in field is covered.")
    expect(dialog.get_by_role("status")).to_be_in_viewport()
    check(page)
    dialog.get_by_role("button", name="Add").click()
    row = page.get_by_role("row").filter(has_text="Transformer 3")
    expect(row).to_contain_text("every week")
    check(page)
    row.get_by_role("link", name="Call off").click()
    expect(dialog).to_contain_text("Call it off?")
    check(page)
    dialog.get_by_role("button", name="Call off").click()
    expect(row).to_contain_text("cancelled")
    assert PlannedWork.objects.get().cancelled_at


def test_a_file_is_shown_on_a_phone_before_it_is_stored(signed_in_page: Page, chile: Company) -> None:
    page, day = signed_in_page, f"{timezone.now() + timedelta(days=3):%Y-%m-%d}"
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(reverse("planned:upload"))
    check(page)
    row = f"feeder,F1,Work,{day} 12:00,{day} 14:00\nfeeder,,Wrong,{day} 12:00,{day} 14:00\n"
    content = f"scope,feeder,title,begin,end\n{row}".encode()
    page.get_by_label("File").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("row").filter(has_text="Wrong")).to_contain_text("Name the feeder.")
    check(page)
    page.get_by_role("button", name="Store 1 work").click()
    expect(page.get_by_role("row").filter(has_text="Work")).to_contain_text("feeder F1")
