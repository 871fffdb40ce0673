"""A conflict in a browser: decided by an operator, reopened by a list that brings a new fact (MET-5, UI-3)."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from concentrators.meters.lists import ListedMeter, ReceivedList
from concentrators.meters.storing import store_list
from concentrators.models import Company, Concentrator, Decision, MeterConflict, MeterSource, MeterState
from tests.factories import ConcentratorFactory
from tests.support.accessibility import check_accessible

METER = "CIR0141500017"
as_operator = pytest.mark.parametrize("signed_in_page", ["operator"], indirect=True)


def listed(one: Concentrator, at: datetime, state: MeterState = MeterState.ACTIVE) -> None:
    """A whole list of ``one`` has the meter, a minute after its contact."""
    row = ListedMeter(METER, state=state, last_seen=at - timedelta(minutes=1), level=1, repeater="CIR0141500001")
    sha256 = f"{one.pk:032}{at:%Y%m%d%H%M%S}".ljust(64, "0")
    store_list(ReceivedList(one.pk, MeterSource.CSV, at, True, sha256, [row]), at)


def look(page: Page, name: str) -> None:
    """Fail if the page is not accessible, or wider than its window, at a desk by day or on a phone by night."""
    for width, scheme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        check_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 800})


@as_operator
def test_a_conflict_is_decided_and_a_new_fact_reopens_it(signed_in_page: Page, chile: Company) -> None:
    page, now = signed_in_page, timezone.now()
    one, other = (
        ConcentratorFactory.create(company=chile, serial_number=serial, in_field=True) for serial in ("AP-1", "AP-2")
    )
    for hours in (6, 4, 2):
        listed(one, now - timedelta(hours=hours))
        listed(other, now - timedelta(hours=hours - 1))
    conflict = MeterConflict.objects.get()
    page.goto(reverse("conflicts:page", args=[conflict.pk]))
    expect(page.get_by_role("heading", level=1)).to_contain_text("live")
    look(page, "conflict")
    page.get_by_role("link", name="Keep at AP-1").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Decision")).to_have_value("keep")
    look(page, "deciding")
    dialog.get_by_label("Note").fill("Read at its door: it hangs on AP-1.")
    dialog.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Remove it at AP-2 (order B06).")).to_be_visible()
    look(page, "decided")
    listed(one, now, MeterState.PERMANENT_FAILURE)
    page.reload()
    expect(page.get_by_text("the meter has failed where it was to be kept")).to_be_visible()
    look(page, "reopened")
    page.get_by_role("link", name="Decide", exact=True).click()
    dialog.get_by_label("Decision").select_option(Decision.ALLOWED)
    dialog.get_by_label("Last day").fill(f"{now + timedelta(days=30):%Y-%m-%d}")
    dialog.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Both are allowed until")).to_have_count(2)
    page.get_by_role("link", name="Withdraw").click()
    expect(dialog).to_contain_text("Withdraw the decision?")
    look(page, "withdrawing")
    dialog.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("The decision was withdrawn.")).to_be_visible()
    conflict.refresh_from_db()
    assert conflict.decision == ""
