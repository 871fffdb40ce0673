"""The dialogs of procedure profiles in a browser (PRC-1, PRO-4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from profiles.models import ProcedureProfile
from tests.smmeplus.users import make_operator


@pytest.fixture
def listed(page: Page, sign_in: Callable[[User], None]) -> Page:
    """The list of procedure profiles, as an operator sees it."""
    sign_in(make_operator())
    page.goto(reverse("procedures:list"))
    return page


def test_one_is_added_after_its_errors_and_made_the_default(listed: Page) -> None:
    listed.get_by_role("link", name="Add").click()
    dialog = listed.get_by_role("dialog", name="Add procedure profile")
    dialog.get_by_label("Name").fill("Night")
    dialog.get_by_label("Waves").fill("10, 100")
    dialog.get_by_label("Writes begin from").fill("22:00")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.locator("label.wrong")).to_have_text(["Waves *", "Writes begin until"])
    expect(dialog.get_by_label("Waves")).to_be_focused()
    expect(dialog.get_by_label("Writes begin from")).to_have_value("22:00")
    dialog.get_by_label("Waves").fill("10, 100, all")
    dialog.get_by_label("Writes begin until").fill("05:00")
    dialog.get_by_role("button", name="Add").dblclick()
    row = listed.get_by_role("row", name="Night 10, 100, all 10 % 22:00\N{EN DASH}05:00")
    expect(row).to_be_visible()
    row.get_by_role("link", name="Make default").click()
    listed.get_by_role("dialog").get_by_role("button", name="Make default").click()
    expect(listed.get_by_role("status")).to_have_text("“Night” is the default now.")
    expect(listed.get_by_role("row", name="Night default")).to_be_visible()
    night = ProcedureProfile.objects.default()
    assert (night.name, night.begin_hour, night.end_hour) == ("Night", time(22), time(5))
    assert ProcedureProfile.objects.count() == 2
