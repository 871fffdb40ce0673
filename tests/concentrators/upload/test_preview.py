"""The preview of an uploaded file shows its rows, from what to what (CON-5)."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from concentrators.importing import check
from concentrators.importing.columns import ATTRIBUTES
from concentrators.models import (
    Company,
    Concentrator,
    ConcentratorType,
    InstallationFile,
    InstallationRow,
    RowKind,
    State,
)
from profiles.models import SpontaneousProfile
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.users import client_of, make_operator

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ROW = re.compile(
    r'<td class="number">(\d+)</td><td[^>]*>([^<]*)</td><td[^>]*><span[^>]*>([^<]*)</span></td>(.*?)</tr>', re.DOTALL
)


@pytest.fixture
def chile() -> Company:
    ConcentratorFactory.create(serial_number="SEED1")
    return CompanyFactory.create(name="Chile")


@pytest.fixture
def operator(chile: Company) -> Client:
    return client_of(make_operator(chile, name="operator"))


def previewed(chile: Company, *lines: str) -> str:
    """The address of the preview of such a file, which the operator has uploaded."""
    user = User.objects.get(username="operator")
    file = InstallationFile.objects.create(user=user, company=chile, name="file.csv")
    check(io.BytesIO("\n".join(lines).encode()), chile, file=file)
    return f"/concentrators/upload/{file.pk}/"


def rows(client: Client, url: str, **wanted: Any) -> list[tuple[str, str, str, str]]:
    """Line, serial number, kind and what it says, in words, of the rows that the page shows."""
    text = client.get(url, wanted).content.decode()
    found = []
    for line, serial, kind, said in ROW.findall(text):
        found.append((line, serial, kind, "; ".join(re.findall(r"<li>([^<]*)</li>", said))))
    return found


def test_each_row_says_what_it_would_do_and_changes_of_profiles_come_first(chile: Company, operator: Client) -> None:
    five, ten = (SpontaneousProfileFactory.create(name=name) for name in ("Five", "Ten"))
    ConcentratorFactory.create(serial_number="A1", company=chile, feeder="F1")
    ConcentratorFactory.create(serial_number="A2", company=chile)
    ConcentratorFactory.create(serial_number="A3", company=chile, in_field=True, profile=five)
    ConcentratorFactory.create(serial_number="A4", company=chile)
    lines = ("N1,,F9,!", "A1,,F2,", "N2,Ten,F3,", "A2,ten,,", "A3,Ten,F4,", "A4,,,")
    url = previewed(chile, "serial_number,profile,feeder,customers", *lines)
    assert rows(operator, url) == [
        ("6", "A3", "other profile", "Spontaneous profile: Five → Ten; Feeder: — → F4"),
        ("5", "A2", "installed", "State: available → in field; Spontaneous profile: — → Ten"),
        ("3", "A1", "changed", "Feeder: F1 → F2"),
        ("4", "N2", "new", f"Spontaneous profile: {ten}; Type: {ConcentratorType.objects.get()}; Feeder: F3"),
        ("2", "N1", "rejected", "customers “!”: A whole number from 0 to 2147483647."),
    ]
    page = operator.get(url).content.decode()
    assert "1 concentrator in field would get another profile." in page
    assert "badge text-bg-warning" in page


def test_rows_are_filtered_by_what_they_do_the_column_that_changes_and_the_serial_number(
    chile: Company, operator: Client
) -> None:
    for number in range(3):
        ConcentratorFactory.create(serial_number=f"A{number}", company=chile, feeder="F1", region="R1")
    url = previewed(chile, "serial_number,feeder,region", "A0,F2,R1", "A1,F1,R2", "A2,F2,R2", "N1,F1,", "N2,,")

    def lines(**wanted: Any) -> list[str]:
        return [row[0] for row in rows(operator, url, **wanted)]

    assert lines() == ["2", "3", "4", "5", "6"]
    assert lines(kind=RowKind.NEW.value) == ["5", "6"]
    assert lines(column="feeder") == ["2", "4"]
    assert lines(column="region") == ["3", "4"]
    assert lines(column="feeder", q=" a2") == ["4"]
    assert lines(q="n") == ["5", "6"]
    assert lines(q="x") == []
    for wrong in ({"kind": "9"}, {"kind": RowKind.UNCHANGED.value}, {"column": "customers"}, {"column": "id"}):
        assert "Select a valid choice" in operator.get(url, wrong).content.decode()


def test_only_columns_that_change_can_be_chosen(chile: Company, operator: Client) -> None:
    ConcentratorFactory.create(serial_number="A1", company=chile)
    page = operator.get(previewed(chile, "serial_number,feeder,region", "A1,F1,")).content.decode()
    assert '<option value="feeder">Feeder</option>' in page
    assert '<option value="region">' not in page


def test_pages_hold_what_does_not_fit_and_htmx_gets_the_table_alone(chile: Company, operator: Client) -> None:
    url = previewed(chile, "serial_number", *(f"A{number}" for number in range(60)))
    assert len(rows(operator, url)) == 25
    assert [row[0] for row in rows(operator, url, page=3)] == [str(line) for line in range(52, 62)]
    part = operator.get(url, headers={"HX-Request": "true"})
    assert "<h1" not in part.content.decode()
    assert "HX-Request" in part["Vary"]
    assert operator.get(url, {"count": "exact"}).content == b"60"


def test_rows_that_change_nothing_are_only_counted(chile: Company, operator: Client) -> None:
    ConcentratorFactory.create(serial_number="A1", company=chile)
    url = previewed(chile, "serial_number", "A1")
    assert rows(operator, url) == []
    assert "<strong>1</strong> unchanged" in operator.get(url).content.decode()


def test_what_a_file_says_is_shown_as_text(chile: Company, operator: Client) -> None:
    url = previewed(chile, "serial_number,feeder", "A1,<script>alert(1)</script>", "<b>,")
    page = operator.get(url).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "&lt;b&gt;" in page


@pytest.mark.parametrize("text", ["\\", "a\\nb", "\\N", "\\.", "ñ b", "it's", '"', "%s", "{}", "\\\\x"])
def test_any_text_of_one_line_comes_through_staging_as_it_is(chile: Company, operator: Client, text: str) -> None:
    quoted = text.replace('"', '""')
    previewed(chile, "serial_number,feeder,region", f'A1,"{quoted}",R', f'A!,"{quoted}",R')
    good, wrong = InstallationRow.objects.order_by("line")
    assert good.feeder == text
    assert wrong.serial_number == "A!"


@pytest.mark.parametrize("wanted", [{}, {"kind": 4}, {"column": "feeder"}, {"q": "A1"}, {"page": 2}])
def test_a_page_asks_fewer_than_ten_questions(chile: Company, operator: Client, wanted: dict[str, Any]) -> None:
    ten = SpontaneousProfileFactory.create(name="Ten")
    for number in range(30):
        ConcentratorFactory.create(serial_number=f"A{number}", company=chile, in_field=True, profile=ten)
    SpontaneousProfileFactory.create(name="Five")
    url = previewed(chile, "serial_number,profile,feeder", *(f"A{number},Five,F1" for number in range(30)), "N1,,")
    with CaptureQueriesContext(connection) as captured:
        assert operator.get(url, wanted).status_code == 200
    assert len(captured) < 10, "\n".join(query["sql"][:150] for query in captured)


def test_facts_of_the_file_are_said(chile: Company, operator: Client) -> None:
    url = previewed(chile, "serial_number", "A1")
    InstallationFile.objects.update(
        facts={
            "sheet": "Chile",
            "other_sheets": ["Perú", "Old (hidden)"],
            "hidden_rows": 1,
            "cautions": [[2, "feeder", "1E5", "May have been a number."]],
        }
    )
    page = operator.get(url).content.decode()
    for said in (
        "The sheet “Chile” was read.",
        "Passed over: Perú, Old (hidden).",
        "1 row is hidden in the sheet; it is read like any other.",
        "May have been a number.",
    ):
        assert said in page


def test_every_column_of_a_file_can_be_staged_and_is_named() -> None:
    names = {field.attname for field in InstallationRow._meta.fields}
    assert set(ATTRIBUTES) <= names


def test_names_of_what_was_deleted_meanwhile_are_left_out(chile: Company, operator: Client) -> None:
    SpontaneousProfileFactory.create(name="Ten")
    url = previewed(chile, "serial_number,profile", "A1,Ten")
    SpontaneousProfile.objects.all().delete()
    assert rows(operator, url)[0][3].startswith("Spontaneous profile: —")


def test_after_writing_the_rejected_rows_stay_to_be_seen(chile: Company, operator: Client) -> None:
    url = previewed(chile, "serial_number,customers", "A1,1", "A2,many")
    InstallationRow.objects.exclude(kind=RowKind.REFUSED).delete()
    InstallationFile.objects.update(
        written_at=timezone.now(),
        counts={
            **InstallationFile.objects.get().counts,
            "written": {"new": 1, "changed": 0, "installed": 0, "modified": 0},
        },
    )
    assert [row[1] for row in rows(operator, url)] == ["A2"]
    assert "Rows that were written are not kept" in operator.get(url).content.decode()
    assert not Concentrator.objects.filter(state=State.IN_FIELD).exists()
