"""Exports in a browser: how far they are, and what becomes of those that fail (REP-6)."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import StreamingHttpResponse
from django.urls import reverse
from playwright.sync_api import Download, Locator, Page, expect

from concentrators.models import Company
from smmeplus.common.exporting import export
from smmeplus.common.lists import ListTable
from tests.factories import ConcentratorFactory
from tests.smmeplus.users import make_viewer
from tests.support.accessibility import check_accessible

ROWS = 30
PATIENCE_S = 10


class SlowExports:
    """In place of exports: half of the file comes at once, the rest when it may, or never."""

    def __init__(self) -> None:
        self.go_on = Event()
        self.breaks_off = False

    def __call__(self, *args: Any, **kwargs: Any) -> StreamingHttpResponse:
        whole = export(*args, **kwargs)
        assert isinstance(whole, StreamingHttpResponse)
        return StreamingHttpResponse(self.halves(b"".join(whole)), headers=whole.headers)

    def halves(self, whole: bytes) -> Iterator[bytes]:
        lines = whole.splitlines(keepends=True)
        half = (len(lines) + 1) // 2
        yield b"".join(lines[:half])
        assert self.go_on.wait(PATIENCE_S)
        if self.breaks_off:
            raise ConnectionError("the database is away")
        yield b"".join(lines[half:])


@pytest.fixture
def exports(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowExports]:
    exports = SlowExports()
    monkeypatch.setattr("smmeplus.common.lists.export", exports)
    yield exports
    exports.go_on.set()


@pytest.fixture
def listed(page: Page, sign_in: Callable[[User], None], chile: Company) -> Page:
    """The inventory, with ROWS concentrators."""
    for number in range(ROWS):
        ConcentratorFactory.create(company=chile, serial_number=f"A{number:02}")
    sign_in(make_viewer(chile))
    page.goto(reverse("concentrators:list"))
    return page


def link(page: Page, file_format: str) -> Locator:
    return page.get_by_role("link", name=file_format, exact=True)


def rows_in(download: Download) -> int:
    with download.path().open(encoding="utf-8-sig", newline="") as file:
        return len(list(csv.DictReader(file)))


def test_a_long_export_shows_how_far_it_is_while_the_list_goes_on(listed: Page, exports: SlowExports) -> None:
    link(listed, "CSV").click()
    words = listed.locator(".export-words")
    expect(words).to_have_text("CSV: 15 of 30 rows")
    assert listed.get_by_role("progressbar").evaluate("bar => [bar.value, bar.max]") == [15, 30]
    listed.set_viewport_size({"width": 390, "height": 800})
    check_accessible(listed)
    listed.get_by_label("Search").fill("A01")
    expect(listed.locator("tbody tr")).to_have_count(1)
    expect(listed.get_by_role("status").filter(has_text="CSV: 15 of 30 rows")).to_be_attached()
    listed.wait_for_url("**q=A01**")
    listed.go_back()
    expect(listed.locator("tbody tr")).to_have_count(25)
    with listed.expect_download() as downloading:
        exports.go_on.set()
    assert downloading.value.suggested_filename.endswith(".csv")
    assert rows_in(downloading.value) == ROWS
    expect(words).to_have_text(f"{downloading.value.suggested_filename} is complete.")
    expect(listed.get_by_role("progressbar")).to_be_hidden()
    listed.get_by_role("button", name="Close").click()
    expect(words).to_have_count(0)


def test_a_workbook_shows_its_bytes_and_may_be_given_up(listed: Page, exports: SlowExports) -> None:
    saved: list[Download] = []
    listed.on("download", lambda download: saved.append(download))
    link(listed, "XLSX").click()
    expect(listed.locator(".export-words")).to_have_text("XLSX: 0.0 MB so far")
    listed.get_by_role("button", name="Cancel").click()
    expect(listed.locator(".export")).to_have_count(0)
    expect(link(listed, "XLSX")).to_be_focused()
    exports.go_on.set()
    link(listed, "JSON").click()
    listed.wait_for_event("download")
    assert [download.suggested_filename.rpartition(".")[2] for download in saved] == ["json"]


def test_a_file_that_breaks_off_is_not_saved_and_can_be_had_again(listed: Page, exports: SlowExports) -> None:
    saved: list[Download] = []
    listed.on("download", lambda download: saved.append(download))
    exports.breaks_off = True
    exports.go_on.set()
    for number, file_format in enumerate(("CSV", "XLSX", "JSON"), 1):
        link(listed, file_format).click()
        failed = listed.locator(".export.failed .export-words")
        expect(failed).to_have_text(["The file broke off on its way. Nothing was saved."] * number)
    assert saved == []
    exports.breaks_off = False
    with listed.expect_download() as downloading:
        listed.get_by_role("button", name="Try again").first.click()
    assert rows_in(downloading.value) == ROWS
    expect(listed.locator(".export.complete")).to_contain_text("is complete.")


def test_a_short_export_shows_nothing_but_the_file(listed: Page) -> None:
    with listed.expect_download() as downloading:
        link(listed, "CSV").click()
    assert rows_in(downloading.value) == ROWS
    expect(listed.locator(".export")).to_have_count(0)


def test_a_server_that_cannot_is_told_from_one_that_is_away(
    listed: Page, monkeypatch: pytest.MonkeyPatch, problems: list[str]
) -> None:
    monkeypatch.setattr("smmeplus.common.lists.export", None)
    link(listed, "CSV").click()
    expect(listed.locator(".export-words")).to_have_text("The server could not make the file. Nothing was saved.")
    listed.route("**/*", lambda route: route.abort())
    listed.get_by_role("button", name="Try again").click()
    expect(listed.locator(".export-words")).to_have_text("The server cannot be reached. Nothing was saved.")
    assert problems
    problems.clear()


def test_who_has_been_signed_out_is_led_to_the_sign_in_and_back_to_the_list(listed: Page) -> None:
    listed.context.clear_cookies()
    link(listed, "CSV").click()
    listed.wait_for_url(f"**{reverse('login')}?next={reverse('concentrators:list')}")


def test_what_is_too_long_for_a_page_is_an_ordinary_download(listed: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ListTable, "total", 2_000_001)
    with listed.expect_download() as downloading:
        link(listed, "CSV").click()
    assert not downloading.value.url.startswith("blob:")
    assert rows_in(downloading.value) == ROWS


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_scripts_an_export_is_an_ordinary_download(listed: Page) -> None:
    with listed.expect_download() as downloading:
        link(listed, "CSV").click()
    assert rows_in(downloading.value) == ROWS
