"""The list of listeners refreshes itself and moves nothing that the operator does (LIS-7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from wakeup.models import ListenerRun


@pytest.fixture
def listener(administrator: User) -> ListenerRun:
    now, later = timezone.now(), timezone.now() + timedelta(hours=1)
    return ListenerRun.objects.create(
        host="lis1", process_id=1, address="0.0.0.0", port=58_692, started_at=now, seen_at=later, message_count=17
    )


def test_rows_and_the_word_above_change_by_themselves_and_the_rest_stays(
    signed_in_page: Page, listener: ListenerRun
) -> None:
    page = signed_in_page
    page.clock.install()
    page.goto(reverse("listeners:list"))
    page.get_by_role("link", name="Host").click()
    expect(page.get_by_role("columnheader", name="Host")).to_have_attribute("aria-sort", "ascending")
    address = page.url
    assert address.endswith("sort=host")
    page.get_by_role("searchbox").focus()
    for messages, ended_at, said in (
        (18, None, "1 listener is running."),
        (19, timezone.now(), "No listener is running"),
    ):
        ListenerRun.objects.update(message_count=messages, ended_at=ended_at)
        page.clock.fast_forward(5_000)
        # Five seconds that pass before htmx has settled the new table start nothing. The clock runs on: the next do.
        expect(page.get_by_role("cell", name=str(messages), exact=True)).to_be_visible(timeout=20_000)
        expect(page.locator("#listeners-said")).to_contain_text(said)
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.get_by_role("columnheader", name="Host")).to_have_attribute("aria-sort", "ascending")
    assert page.url == address
