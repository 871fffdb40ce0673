"""Planned work is uploaded: what a file would do is shown, and done when it is confirmed (STA-8)."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, PlannedWork
from concentrators.planned.files import steps
from tests import ROOT
from tests.concentrators.planned.making import HOUR, NOW, added, local
from tests.concentrators.planned.test_calendars import calendar, event
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.translation.markup import field, parse, text, with_class
from tests.smmeplus.users import client_of, make_viewer

pytestmark = pytest.mark.one_database

HEAD = "scope,serial_number,substation,feeder,title,begin,end,rule,uid\n"
ROW = "feeder,,,F1,Work,2027-03-02 02:00,2027-03-02 06:00,,k1\n"
URL = reverse("planned:upload")


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def upload(client: Client, company: Company, content: bytes | str, name: str = "work.csv") -> Any:
    content = content if isinstance(content, bytes) else content.encode()
    return parse(client.post(URL, {"company": company.pk, "file": SimpleUploadedFile(name, content)}))


def confirm(client: Client, page: Any) -> Any:
    return client.post(URL, {name: field(page, name).get("value") for name in ("kept", "seen")})


def kinds(page: Any) -> list[str]:
    return [text(row[1]) for row in page.findall(".//tbody/tr")]


def said(page: Any) -> str:
    return " ".join(text(one) for name in ("errorlist", "alert-danger") for one in with_class(page, name))


def test_a_table_is_shown_and_then_stored(client: Client, chile: Company) -> None:
    ConcentratorFactory.create(company=chile, serial_number="A1", feeder="F1", in_field=True)
    rows = ",A1,,,One,2027-03-02T02:00Z,2027-03-02T06:00Z,FREQ=DAILY,\n"
    rows += "company,,,,All,3/5/2027 2:00:00 PM,2027-03-05 16:00,,\n"
    page = upload(client, chile, HEAD + ROW.replace("F1", "f1") + rows)
    assert not PlannedWork.objects.exists()
    shown = [[text(cell) for cell in row][:6] for row in page.findall(".//tbody/tr")]
    assert shown == [
        ["2", "new", "Work", "feeder F1", "1", "3/2/2027 2:00:00 AM"],
        ["3", "new", "One", "A1", "1", "3/1/2027 11:00:00 PM"],
        ["4", "new", "All", "all of Chile", "1", "3/5/2027 2:00:00 PM"],
    ]
    assert confirm(client, page).status_code == 302
    feeder, one, everything = PlannedWork.objects.order_by("begin").order_by("pk")
    assert (feeder.uid, feeder.feeder, feeder.source, feeder.begin) == ("k1", "F1", "file", local("2027-03-02 02:00"))
    assert (one.concentrator is not None, one.windows.count() > 400) == (True, True)
    assert everything.history.get().history_user.username == "operator"


def test_the_same_file_again_changes_nothing(client: Client, chile: Company) -> None:
    content = HEAD + ROW + ROW.replace("k1", "").replace("Work", "Other")
    confirm(client, upload(client, chile, content))
    page = upload(client, chile, content)
    assert kinds(page) == ["unchanged", "unchanged"]
    assert "nothing to store" in text(page)
    assert PlannedWork.objects.count() == 2


def test_a_key_that_comes_again_changes_its_work(client: Client, chile: Company) -> None:
    confirm(client, upload(client, chile, HEAD + ROW))
    page = upload(client, chile, HEAD + ROW.replace("06:00", "07:00"))
    assert kinds(page) == ["changed"]
    confirm(client, page)
    work = PlannedWork.objects.get()
    assert [one.end for one in work.windows.all()] == [local("2027-03-02 07:00")]


def test_a_calendar_is_shown_stored_changed_and_cancelled(client: Client, chile: Company) -> None:
    series = {"RRULE": "FREQ=WEEKLY;COUNT=3", "EXDATE": "20270410T020000"}
    page = upload(client, chile, calendar(event(**series)), "any.name")
    assert kinds(page) == ["new"]
    confirm(client, page)
    work = PlannedWork.objects.get()
    assert (work.source, work.windows.count()) == ("calendar", 2)
    assert kinds(upload(client, chile, calendar(event(**series)))) == ["unchanged"]
    confirm(client, upload(client, chile, calendar(event(RRULE="FREQ=WEEKLY;COUNT=3"))))
    assert work.windows.count() == 3
    page = upload(client, chile, calendar(event(STATUS="CANCELLED")))
    assert kinds(page) == ["cancelled"]
    confirm(client, page)
    work.refresh_from_db()
    assert (work.cancelled_at, work.windows.count()) == (NOW, 0)
    assert kinds(upload(client, chile, calendar(event(STATUS="CANCELLED")))) == ["unchanged"]
    assert kinds(upload(client, chile, calendar(event()))) == ["changed"]


def test_what_is_over_is_passed_over(client: Client, chile: Company) -> None:
    content = HEAD + ROW.replace("2027-03", "2027-01") + ROW.replace("k1", "k2")
    page = upload(client, chile, content)
    assert sorted(kinds(page)) == ["new", "over already"]
    confirm(client, page)
    assert PlannedWork.objects.get().uid == "k2"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW.replace("Work", ""), "blank"),
        (ROW.replace("F1", ""), "Name the feeder"),
        (ROW.replace("feeder,", "town,"), "scope “town”"),
        (ROW.replace("feeder,,,F1", ",,,"), "Name a serial_number"),
        (ROW.replace("feeder,,", ",A9,"), "no concentrator “A9”"),
        (ROW.replace("feeder,,", ",B1,"), "no concentrator “B1”"),
        (ROW.replace("2027-03-02 02:00", "2027-03-02"), "begin “2027-03-02”: A date and a time"),
        (ROW.replace("2027-03-02 02:00", "soon"), "begin “soon”"),
        (ROW.replace("2027-03-02 02:00", "2027-09-05 00:30").replace("2027-03-02", "2027-09-06"), "does not exist"),
        (ROW.replace("02:00", "07:00"), "after the beginning"),
        (ROW.replace(",,k1", ",FREQ=HOURLY,k1"), "at most by days"),
        (ROW.replace("k1", "k" * 256), "255"),
    ],
)
def test_a_wrong_row_is_named_and_the_good_ones_are_stored(
    client: Client, chile: Company, row: str, reason: str
) -> None:
    ConcentratorFactory.create(company=CompanyFactory.create(name="Italy"), serial_number="B1")
    page = upload(client, chile, HEAD + row + ROW.replace("k1", "good"))
    first = page.findall(".//tbody/tr")[0]
    assert (text(first[0]), text(first[1])) == ("2", "rejected")
    assert reason in text(first[-1])
    confirm(client, page)
    assert PlannedWork.objects.get().uid == "good"


def test_a_file_with_more_times_than_can_be_stored_at_once_is_refused(
    client: Client, chile: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = HEAD + ROW.replace(",,k1", ",FREQ=DAILY,k1")
    monkeypatch.setattr(steps, "MOST_TIMES_OF_FILE", 400)
    assert "too many times" in said(upload(client, chile, content))
    monkeypatch.setattr(steps, "MOST_TIMES_OF_FILE", 500)
    page = upload(client, chile, content)
    assert kinds(page) == ["new"]
    monkeypatch.setattr(steps, "LONGEST_S", -1.0)
    assert confirm(client, page)["Location"] == URL
    assert "too many times" in said(upload(client, chile, content))


def test_a_key_twice_in_a_file_is_refused(client: Client, chile: Company) -> None:
    assert kinds(upload(client, chile, HEAD + ROW + ROW)) == ["rejected", "new"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("title,begin\nx,y\n", "Missing in the header: end."),
        ("title,begin,end,when\nx,y,z,1\n", "Unknown in the header: when."),
        ("title,begin,end,title\nx,y,z,1\n", "Twice in the header: title."),
        (HEAD, "below"),
        (HEAD + ROW * 1_001, "at most 1000 works"),
        (b"\x00\x01\x02", ""),
        (b"x" * (2**20 + 1), "at most 1 MB"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR", "no event"),
        ("", "The file is empty."),
    ],
)
def test_what_is_no_such_file_is_refused_in_words(
    client: Client, chile: Company, content: str | bytes, reason: str
) -> None:
    page = upload(client, chile, content)
    assert said(page)
    assert reason in said(page)


def test_what_has_changed_since_the_preview_is_shown_again(client: Client, chile: Company) -> None:
    work = added(chile, uid="k1", begin=local("2027-03-02 02:00"))
    page = upload(client, chile, HEAD + ROW)
    PlannedWork.objects.update(title="By another")
    again = parse(confirm(client, page))
    assert "has changed since" in said(again)
    work.refresh_from_db()
    assert work.title == "By another"
    assert confirm(client, again).status_code == 302


def test_an_export_is_an_upload_that_changes_nothing(client: Client, chile: Company) -> None:
    added(chile, rule="FREQ=DAILY")
    added(chile, scope="company", uid="k")
    added(chile, scope="concentrator", concentrator=ConcentratorFactory.create(company=chile), begin=NOW - HOUR)
    response = client.get(reverse("planned:list"), {"export": "csv"})
    assert kinds(upload(client, chile, b"".join(response))) == ["unchanged"] * 3


def test_rows_of_another_company_are_refused(client: Client, chile: Company) -> None:
    page = upload(client, chile, "company," + HEAD + "Italy," + ROW)
    assert "This row is of “Italy”." in text(page)


def test_what_was_shown_is_not_bent(client: Client, chile: Company) -> None:
    page = upload(client, chile, HEAD + ROW)
    kept = field(page, "kept").get("value", "")
    assert client.post(URL, {"kept": kept[:-1] + "x", "seen": ""}).status_code == 403
    chile.users.clear()
    assert confirm(client, page).status_code == 403
    assert not PlannedWork.objects.exists()


def test_a_viewer_uploads_nothing_and_nobody_for_others(client: Client, chile: Company) -> None:
    assert client_of(make_viewer(chile)).get(URL).status_code == 403
    page = upload(client, CompanyFactory.create(name="Italy"), HEAD + ROW)
    assert "Select a valid choice" in said(page)


def test_the_template_is_a_file_that_is_taken(client: Client, chile: Company) -> None:
    page = upload(client, chile, client.get(reverse("planned:template")).content)
    assert kinds(page) == ["new"]


def test_the_examples_of_the_documentation_are_taken(client: Client, chile: Company) -> None:
    ConcentratorFactory.create(company=chile, serial_number="16CEC50610036665")
    pieces = (ROOT / "docs" / "planned-work.md").read_text(encoding="utf-8").split("```")
    table, events = (next(one for one in pieces if one.startswith(kind)).partition("\n")[2] for kind in ("csv", "ics"))
    assert kinds(upload(client, chile, table)) == ["new", "new"]
    assert kinds(upload(client, chile, events)) == ["new"]
