"""What a concentrator's page says of its own log of power failures (STA-11, CON-6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from concentrators.models import Company, Concentrator, ConcentratorType, PowerFailure, PowerLog
from tests.factories import ConcentratorFactory
from tests.smmeplus.translation.markup import parse, text
from tests.smmeplus.users import client_of, make_viewer
from tests.wakeup.at_noon import NOW, SERIAL

pytestmark = [pytest.mark.usefixtures("noon"), pytest.mark.one_database]

URL = reverse("concentrator:page", args=[SERIAL])
MINUTE = timedelta(minutes=1)


@pytest.fixture
def one(noon: Any, chile: Company) -> Concentrator:
    return ConcentratorFactory.create(serial_number=SERIAL, company=chile, in_field=True)


@pytest.fixture
def client(noon: Any, operator: User) -> Client:
    return client_of(operator)


def log_of(one: Concentrator, **values: Any) -> PowerLog:
    return PowerLog.objects.create(concentrator=one, booted_at=NOW, **values)


def failed(one: Concentrator, number: int = 1, **values: Any) -> None:
    PowerFailure.objects.bulk_create(
        PowerFailure(concentrator=one, ended_at=NOW - back * MINUTE, read_at=NOW, **{"duration_s": 90} | values)
        for back in range(number)
    )


def panel(client: Client) -> list[str]:
    """The words of the panel and of each row of its table; nothing where it is not there."""
    page = parse(client.get(URL))
    found = page.find(".//section[@aria-labelledby='power-log-head']")
    return [] if found is None else [text(found), *(text(row) for row in found.iterfind(".//tbody/tr"))]


def test_one_that_has_never_booted_has_none(client: Client, one: Concentrator) -> None:
    assert panel(client) == []


def test_a_type_without_a_log_shows_what_was_read_before(client: Client, one: Concentrator) -> None:
    ConcentratorType.objects.update(power_log_object="")
    log = log_of(one)
    assert panel(client) == []
    log.read_at = NOW
    log.save()
    assert panel(client)


def test_before_it_is_read_it_says_so(client: Client, one: Concentrator) -> None:
    log_of(one, due_at=NOW)
    said, row = panel(client)
    assert "Not read yet. It is read as soon as the writer comes to it." in said
    assert row == "Nothing is known of it yet."


def test_a_log_that_is_empty_is_no_failure(client: Client, one: Concentrator) -> None:
    log_of(one, read_at=NOW)
    said, row = panel(client)
    assert "Last read on 9/24/2020" in said
    assert row == "The log has no power failure."


@pytest.mark.parametrize(("number", "shown"), [(1, 1), (20, 20), (21, 20)])
def test_the_last_twenty_entries_are_shown_the_latest_first(
    client: Client, one: Concentrator, number: int, shown: int
) -> None:
    log_of(one, read_at=NOW)
    failed(one, number)
    _said, *rows = panel(client)
    assert len(rows) == shown
    assert rows[0] == "9/24/2020 3:00:00 PM 9/24/2020 12:00:00 PM 1 min 30 s"


@pytest.mark.parametrize(("wrong", "is_shown"), [(timedelta(seconds=59), False), (MINUTE, True), (-60 * MINUTE, True)])
def test_a_wrong_clock_is_shown_beside(client: Client, one: Concentrator, wrong: timedelta, is_shown: bool) -> None:
    log_of(one, read_at=NOW)
    failed(one, device_at=NOW + wrong)
    assert ("By its clock (UTC)" in panel(client)[0]) == is_shown


def test_why_it_could_not_be_read_and_what_comes_next(client: Client, one: Concentrator) -> None:
    log = log_of(one, failure="other device: EPL<1>", tries=2, due_at=NOW)
    said = panel(client)[0]
    assert "not read another device answers (EPL<1>). Tries since the boot: 2. Next try: 9/24/2020" in said
    log.due_at = None
    log.save()
    assert "It is not tried again before the next boot." in panel(client)[0]


@pytest.mark.parametrize(("number", "words"), [(1, "1 entry could not be read"), (3, "3 entries could not be read")])
def test_what_could_not_be_read_is_counted(client: Client, one: Concentrator, number: int, words: str) -> None:
    log_of(one, read_at=NOW, skipped=number)
    assert words in panel(client)[0]


def test_a_viewer_sees_it_and_it_costs_one_query(one: Concentrator) -> None:
    viewer = client_of(make_viewer(one.company))
    with CaptureQueriesContext(connection) as without:
        viewer.get(URL)
    log_of(one, read_at=NOW)
    failed(one, 20)
    with CaptureQueriesContext(connection) as with_log:
        assert b"power-log-head" in viewer.get(URL).content
    assert len(with_log) == len(without) + 1
