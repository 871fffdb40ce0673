"""The list of alarms refreshes itself and moves nothing that the operator does (STA-9, UI-2)."""

from __future__ import annotations

import re

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from concentrators.models import Company
from tests.wakeup.monitoring.alarms.stored import make_alarm
from wakeup.models import Alarm

RELOADED = 20_000  # ms: seconds that pass before htmx has settled a new table start nothing


def test_new_alarms_come_by_themselves_and_the_rest_stays(
    signed_in_page: Page, administrator: User, chile: Company
) -> None:
    page = signed_in_page
    make_alarm(chile, timezone.now(), place="S · F1")
    page.clock.install()
    page.goto(reverse("alarms:list"))
    page.get_by_role("link", name="Where").click()
    expect(page).to_have_url(re.compile("sort=place"))
    address = page.url
    page.get_by_role("link", name="Acknowledge").focus()
    make_alarm(chile, timezone.now(), place="S · F2")
    page.clock.fast_forward(15_000)
    expect(page.get_by_role("cell", name="S · F2", exact=True)).to_be_visible(timeout=RELOADED)
    expect(page.locator("#list-total")).to_have_text("Total items: 2")
    expect(page.get_by_role("link", name="Acknowledge").first).to_be_focused()
    page.get_by_role("searchbox").focus()
    page.get_by_role("link", name="Shelve").first.click()
    page.get_by_label("Reason").fill("half a reason")
    Alarm.objects.update(ended_at=timezone.now())
    page.clock.fast_forward(15_000)
    expect(page.get_by_role("cell", name="S · F2", exact=True)).to_be_hidden(timeout=RELOADED)
    expect(page.get_by_label("Reason")).to_have_value("half a reason")
    assert page.url == address
