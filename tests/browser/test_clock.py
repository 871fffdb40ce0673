"""The pages of the tests have the clock of the tests, wherever it is moved to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page


def test_it_is_the_clock_of_this_process(page: Page) -> None:
    before = datetime.now(UTC).timestamp()
    page.goto("/sign-in/")
    milliseconds = page.evaluate("[Date.now(), new Date().getTime()]")
    assert [each / 1000 for each in milliseconds] == [pytest.approx(before, abs=60)] * 2


def test_it_ticks_and_so_do_timers(page: Page) -> None:
    page.goto("/sign-in/")
    passed_ms = page.evaluate(
        "new Promise(after => { const before = Date.now(); setTimeout(() => after(Date.now() - before), 50) })"
    )
    assert 40 <= passed_ms < 10_000
