"""The page of deliveries: a receiver is tested, and a delivery sent now, without leaving it (STA-7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from concentrators.models import Company
from tests.wakeup.monitoring.notifications.happenings import make_receiver
from wakeup.models import Receiver
from wakeup.monitoring.notifications.outbox import queue_test


@pytest.fixture
def receiver(chile: Company) -> Receiver:
    """One to which the last delivery has failed."""
    receiver = make_receiver(chile, name="Control room")
    queue_test(receiver, "somebody", timezone.now() - timedelta(hours=1))
    later = timezone.now() + timedelta(hours=1)
    receiver.deliveries.update(tries=3, reason="answered|500", next_try_at=later)
    return receiver


@pytest.mark.parametrize("signed_in_page", ["operator"], indirect=True)
def test_a_test_and_another_try_are_asked_for_in_a_dialog(
    receiver: Receiver, operator: User, signed_in_page: Page
) -> None:
    page = signed_in_page
    page.goto(reverse("deliveries:list"))
    expect(page.locator("#receivers-head + ul")).to_contain_text("not delivered since")
    page.get_by_role("link", name="Send now").click()
    page.get_by_role("dialog").get_by_role("button", name="Send now").click()
    expect(page.get_by_text("It is tried within seconds")).to_be_visible()
    assert receiver.deliveries.get().next_try_at <= timezone.now()
    page.get_by_role("link", name="Test Control room").click()
    page.get_by_role("dialog").get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("A test to Control room waits in the outbox.")).to_be_visible()
    expect(page.locator("#list tbody tr")).to_have_count(2)
