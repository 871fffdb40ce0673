"""Upload meter lists in a browser: from the menu through the preview to the result (MET-2)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from concentrators.meters.importing import import_content
from concentrators.models import Company, Sighting
from tests.browser.test_every_page import check
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.users import make_operator

BEFORE = b"concentrator;meter;state\nC1;M1;2\nC1;M2;1\n"
AFTER = "concentrator;meter;state;level\nC1;M1;0;1\nC1;M3;2;2\nC1;M4;soon;\nX1;M9;2;\n"


@pytest.fixture
def chile(db: None) -> Company:
    made: Company = CompanyFactory.create(name="Chile")
    ConcentratorFactory.create(serial_number="C1", company=made)
    import_content(BEFORE, "before.csv", company=made, user=None, now=timezone.now())
    return made


def test_a_list_is_looked_at_and_taken(
    page: Page, sign_in: Callable[[User], None], chile: Company, tmp_path: Path
) -> None:
    file = tmp_path / "after.csv"
    file.write_text(AFTER)
    sign_in(make_operator(chile))
    page.goto(reverse("concentrators:list"))
    page.get_by_role("link", name="Upload meter lists").click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_label("It has all meters").check()
    page.get_by_role("button", name="Preview").click()
    counts = page.locator(".counts li")
    expect(counts).to_contain_text(["2 new", "1 changed", "0 unchanged", "1 gone", "0 back", "1 faulty"])
    expect(page.locator("#list tbody tr").first).to_contain_text("gone")
    expect(page.get_by_text("State: active → permanent failure")).to_be_visible()
    expect(page.get_by_text("This concentrator is not known here")).to_contain_text("X1")
    check(page)
    page.get_by_label("Meter or concentrator").fill("m4")
    expect(page.locator("#list tbody tr")).to_have_count(2)  # what it is, and its fault
    page.get_by_role("button", name="Take 1 list").click()
    expect(page.get_by_text("Taken: 2 new, 1 changed, 1 gone, 0 back, 0 retired.")).to_be_visible()
    check(page)
    assert Sighting.objects.filter(in_list=True).count() == 3
    page.get_by_role("link", name="Unknown senders", exact=True).last.click()
    expect(page.get_by_role("row").filter(has_text="X1")).to_contain_text("meter list CSV after.csv")
