"""How the status changed, on the page of all, on that of a concentrator, and in the API (STA-3)."""

from __future__ import annotations

import csv
import io
from xml.etree.ElementTree import Element

import pytest
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator
from tests.factories import ConcentratorFactory
from tests.reports.arrivals import file_of, utc
from tests.smmeplus.api.asking import Api
from tests.smmeplus.translation.markup import parse, rows, text
from tests.smmeplus.users import client_of, make_user, make_viewer
from wakeup.models import StatusChange

pytestmark = pytest.mark.one_database

URL = reverse("changes:list")


@pytest.fixture
def changed(chile: Company) -> Concentrator:
    """Twice, and another company's once."""
    one, strange = ConcentratorFactory.create(company=chile, serial_number="ONE1"), ConcentratorFactory.create()
    for concentrator, at, before, after, reason in (
        (one, "12:00", "", "never called", "operator"),
        (one, "12:14", "never called", "unreachable", "silence"),
        (strange, "12:14", "reachable", "late", "silence"),
    ):
        StatusChange.objects.create(
            concentrator=concentrator,
            at=utc(f"2020-09-24 {at}"),
            from_status=before,
            to_status=after,
            reason=reason,
            verdict="field" if after == "unreachable" else None,
        )
    return one


SHOWN = [
    ["9/24/2020 12:14:00 PM", "never called", "unreachable", "silence"],
    ["9/24/2020 12:00:00 PM", "not in field", "never called", "operator"],
]


def table_of(page: Element, head: str) -> list[list[str]]:
    (part,) = (one for one in page.iter() if one.get("aria-labelledby") == head)
    return [[text(cell) for cell in row] for row in part.findall(".//tbody/tr")]


def test_the_latest_change_comes_first(client: Client, changed: Concentrator) -> None:
    assert rows(parse(client.get(URL))) == [
        ["ONE1", *row, verdict] for row, verdict in zip(SHOWN, ["field", "—"], strict=True)
    ]


def test_a_viewer_sees_it_and_who_has_no_role_does_not(chile: Company, changed: Concentrator) -> None:
    assert len(rows(parse(client_of(make_viewer(chile)).get(URL)))) == 2
    assert client_of(make_user("nobody", chile)).get(URL).status_code == 403


def test_the_export_is_for_programs(client: Client, changed: Concentrator) -> None:
    content = file_of(client.get(URL, {"export": "csv", "to_status": "unreachable"})).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(content))
    assert (row["concentrator_name"], row["from_status"], row["to_status"], row["reason"], row["verdict"]) == (
        "ONE1",
        "never called",
        "unreachable",
        "silence",
        "field",
    )


def test_the_page_of_a_concentrator_has_its_own(client: Client, changed: Concentrator) -> None:
    page = parse(client.get(reverse("concentrator:page", args=["ONE1"])))
    assert table_of(page, "changes-head") == SHOWN


def test_programs_follow_it(administrator: object, client: Client, changed: Concentrator) -> None:
    api = Api(make_viewer(changed.company))
    found = api.rows("status-changes/", concentrator="one1")
    assert [(row["changed_at"], row["from_status"], row["to_status"]) for row in found] == [
        ("2020-09-24T12:14:00.000000+00:00", "never called", "unreachable"),
        ("2020-09-24T12:00:00.000000+00:00", "", "never called"),
    ]
    assert api.rows("status-changes/") == found
    assert api.rows("status-changes/", changed_from="2020-09-24T12:14:00Z") == found[:1]
    assert api.rows("status-changes/", changed_to="2020-09-24T12:14:00Z") == found[1:]
