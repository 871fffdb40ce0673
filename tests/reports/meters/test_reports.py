"""The five reports on meters: their columns, rows, filters and files (MET-4)."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, ConcentratorMeters, MeterConflict, MeterTally, Repeater
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.reports.arrivals import file_of, send, utc
from tests.reports.meters.making import AT, DAY, count_lists, make_meter, sight
from tests.smmeplus.translation.markup import headers, links, parse, rows, text, with_class
from tests.smmeplus.users import client_of, make_user

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]

FIELD, COUNTS = "reports:meters", "reports:meter-counts-by-concentrator"
CONFLICTS, TALLY, REPEATERS = "reports:meter-conflicts", "reports:meter-counts", "reports:repeaters"
COLUMNS = {
    FIELD: "meter name · manufacturer · type · concentrator name · substation · state · first seen date utc · "
    "last seen date utc · last seen date local · level · repeater · phase · availability % · conflict · list date utc",
    COUNTS: "concentrator name · ipaddress · substation · meters · active · temporary failure · permanent failure · "
    "supervisor · repeaters · deepest level · availability % · customers served · difference · in conflict · list date "
    "utc · list date local",
    CONFLICTS: "meter name · kind · concentrators · concentrator name · state · first seen date utc · "
    "last seen date utc · availability % · changes a day · level · repeater · list date utc · preferred · reason · "
    "expected concentrator · decision · decided by · open since",
    TALLY: "manufacturer · type · state · meters · share %",
    REPEATERS: "concentrator name · repeater · level · LSID · meters behind it directly · behind it in all · deepest "
    "level behind · availability % · state · last seen date utc · share of its meters % · without parent",
}


def shown(client: Client, view: str, **query: str) -> list[dict[str, str]]:
    """The rows of the page, by the heads of their columns."""
    page = parse(client.get(reverse(view), query))
    return [dict(zip(headers(page), row, strict=True)) for row in rows(page)]


@pytest.mark.parametrize("view", COLUMNS)
def test_a_report_has_the_columns_of_the_specification(client: Client, one: Concentrator, view: str) -> None:
    page = parse(client.get(reverse(view)))
    assert headers(page) == COLUMNS[view].split(" · ")
    assert text(with_class(page, "description")[0]).startswith("This report shows ")


def test_a_meter_in_field_is_one_row_where_it_counts(
    client: Client, chile: Company, one: Concentrator, two: Concentrator
) -> None:
    meter = make_meter(chile, "CIR1", type="4CTI")
    sight(meter, one, level=2, repeater="CIR9", phase="R", availability=99.5, last_seen=utc("2027-04-04 02:30"))
    sight(meter, two, chosen=False, state=0)
    sight(make_meter(chile, "CIR2"), two, chosen=False, in_list=False, gone_at=AT)
    make_meter(chile, "CIR3", master=True)
    count_lists(chile)
    assert shown(client, FIELD) == [
        {
            "meter name": "CIR1",
            "manufacturer": "CIR",
            "type": "4CTI",
            "concentrator name": "ONE",
            "substation": "Six",
            "state": "active",
            "first seen date utc": "3/19/2020 10:00:00 AM",
            "last seen date utc": "4/4/2027 2:30:00 AM",
            "last seen date local": "4/3/2027 11:30:00 PM",
            "level": "2",
            "repeater": "CIR9",
            "phase": "R",
            "availability %": "99.5",
            "conflict": "—",
            "list date utc": "3/20/2020 10:00:00 AM",
        }
    ]


@pytest.mark.parametrize(
    ("moment", "local"),
    [
        ("2027-04-04 02:59:59", "4/3/2027 11:59:59 PM"),  # the last second of summer, and an hour later its repetition
        ("2027-04-04 03:59:59", "4/3/2027 11:59:59 PM"),
        ("2027-04-04 04:00:00", "4/4/2027 12:00:00 AM"),
        ("2027-09-05 03:59:59", "9/4/2027 11:59:59 PM"),
        ("2027-09-05 04:00:00", "9/5/2027 1:00:00 AM"),  # midnight is left out
        ("2027-01-01 02:30:00", "12/31/2026 11:30:00 PM"),
    ],
)
def test_local_times_are_those_of_the_company_around_its_changes_of_the_clock(
    client: Client, chile: Company, one: Concentrator, moment: str, local: str
) -> None:
    sight(make_meter(chile, "CIR1"), one, last_seen=utc(moment))
    count_lists(chile, utc(moment))
    assert shown(client, FIELD)[0]["last seen date local"] == local
    assert shown(client, COUNTS)[0]["list date local"] == local


def test_without_a_list_a_concentrator_has_no_numbers_and_comes_last_both_ways(
    client: Client, chile: Company, one: Concentrator, two: Concentrator
) -> None:
    ConcentratorFactory.create(company=chile, serial_number="AVAILABLE")
    none = ConcentratorFactory.create(company=chile, serial_number="A-NONE", in_field=True, customers=7)
    for number in range(3):
        sight(make_meter(chile, f"CIR{number}"), one)
    sight(make_meter(chile, "ZIV1", kind="supervisor"), one)
    sight(make_meter(chile, "CIR9"), two)
    count_lists(chile)
    send(one, "2020-03-20 09:00:00")
    found = {row["concentrator name"]: row for row in shown(client, COUNTS)}
    assert list(found) == ["A-NONE", "ONE", "TWO"]
    empty = {name for name, value in found[none.serial_number].items() if value == "—"}
    assert found["A-NONE"]["list date utc"] == "no list yet"
    assert found["A-NONE"]["customers served"] == "7"
    assert {"meters", "active", "supervisor", "difference", "in conflict", "availability %"} <= empty
    row = found["ONE"]
    assert (row["meters"], row["supervisor"], row["difference"], row["ipaddress"]) == ("3", "1", "0", "10.60.0.7")
    for sort in ("meters", "difference", "list_utc", "active"):
        for sign in ("", "-"):
            assert shown(client, COUNTS, sort=sign + sort)[-1]["concentrator name"] == "A-NONE", sign + sort
    assert [row["concentrator name"] for row in shown(client, COUNTS, listed="no")] == ["A-NONE"]
    note = text(with_class(parse(client.get(reverse(COUNTS))), "note")[-1])
    assert "larger than the number of meters of the company" in note


def test_a_conflict_has_a_row_a_concentrator_live_ones_first(
    client: Client, chile: Company, one: Concentrator, two: Concentrator
) -> None:
    removed = ConcentratorFactory.create(company=chile, serial_number="OLD", state="removed")
    for name, kind in (("CIR1", 2), ("CIR2", 1), ("CIR3", 3)):
        meter = make_meter(chile, name, expected_concentrator=one)
        sight(meter, one, changes=3)
        sight(meter, two, chosen=False, state=1)
        sight(meter, removed, chosen=False)
        facts: dict[str, Any] = {"preferred": one, "reason": "state"} if kind == 2 else {}
        MeterConflict.objects.create(company=chile, meter=meter, kind=1, lists=2, opened_at=AT - DAY, closed_at=AT)
        MeterConflict.objects.create(company=chile, meter=meter, kind=kind, lists=2, opened_at=AT, **facts)
    count_lists(chile)
    found = shown(client, CONFLICTS)
    assert [(row["kind"], row["meter name"], row["concentrator name"]) for row in found] == [
        ("live", "CIR2", "ONE"),
        ("live", "CIR2", "TWO"),
        ("moved", "CIR1", "ONE"),
        ("moved", "CIR1", "TWO"),
        ("stale", "CIR3", "ONE"),
        ("stale", "CIR3", "TWO"),
    ]
    named = ("concentrators", "state", "changes a day", "preferred", "reason", "expected concentrator")
    assert [found[2][name] for name in named] == ["2", "active", "3", "ONE", "better state", "ONE"]
    assert found[0]["preferred"] == found[0]["reason"] == "—"
    assert {row["meter name"] for row in shown(client, CONFLICTS, kind="moved")} == {"CIR1"}
    MeterConflict.objects.filter(meter__name="CIR1", closed_at=None).update(decision="keep")
    assert {row["meter name"] for row in shown(client, CONFLICTS, decision="undecided")} == {"CIR2", "CIR3"}
    assert {row["decision"] for row in shown(client, CONFLICTS, decision="keep")} == {"keep at one"}


def test_a_repeater_says_how_many_are_behind_it_and_the_orphans_have_a_row(
    client: Client, chile: Company, one: Concentrator, two: Concentrator
) -> None:
    near = sight(make_meter(chile, "CIR1"), one, state=0, availability=80.0, lsid=128)
    far = sight(make_meter(chile, "CIR2"), one, level=2, parent=near)
    lost = sight(make_meter(chile, "CIR3"), two, level=4)
    count_lists(chile)
    Repeater.objects.create(concentrator=one, sighting=near, direct=1, behind=2, deepest=3)
    Repeater.objects.create(concentrator=one, sighting=far, direct=1, behind=1, deepest=3)
    Repeater.objects.create(concentrator=two, sighting=lost, direct=4, behind=4, deepest=5)
    Repeater.objects.create(concentrator=two, direct=9, behind=9)
    found = shown(client, REPEATERS)
    assert [row["repeater"] for row in found] == ["parent unknown", "CIR3", "CIR1", "CIR2"], "most behind it first"
    assert [row["without parent"] for row in found] == ["yes", "yes", "—", "—"]
    named = ("state", "LSID", "behind it in all", "share of its meters %", "availability %")
    assert [found[2][name] for name in named] == ["permanent failure", "128", "2", "100.0", "80.0"]
    assert [found[0][name] for name in ("state", "level", "last seen date utc")] == ["—", "—", "—"]
    assert [row["repeater"] for row in shown(client, REPEATERS, orphans="yes")] == ["parent unknown"]
    assert [row["repeater"] for row in shown(client, REPEATERS, state="permanent failure")] == ["CIR1"]


@pytest.mark.usefixtures("several")
def test_files_have_the_columns_of_the_page_and_words_for_states(client: Client) -> None:
    for view, columns in COLUMNS.items():
        answer = client.get(reverse(view), {"export": "csv"})
        found = list(csv.DictReader(io.StringIO(file_of(answer).decode("utf-8-sig"))))
        names = columns.replace("%", "percent").replace("LSID", "lsid").replace("of its meters ", "").split(" · ")
        if found:
            assert list(found[0]) == [name.replace(" ", "_") for name in names], view
        assert int(answer["X-Total-Rows"]) == len(found), view
    answer = client.get(reverse(FIELD), {"export": "json", "q": "ZIV4"})
    assert b'"state":"unknown"' in file_of(answer)


def test_nobody_sees_meters_of_another_company(client: Client, chile: Company, one: Concentrator) -> None:
    peru = CompanyFactory.create(name="Peru")
    theirs = ConcentratorFactory.create(company=peru, serial_number="THEIRS", in_field=True)
    sighting = sight(make_meter(peru, "ZIV1"), theirs)
    MeterConflict.objects.create(company=peru, meter=sighting.meter, kind=1, lists=2, opened_at=AT)
    Repeater.objects.create(concentrator=theirs, sighting=sighting, direct=1, behind=1)
    count_lists(peru)
    for view in COLUMNS:
        for query in ({}, {"company": str(peru.pk)}, {"q": "ZIV1"}):
            page = client.get(reverse(view), query).content.decode()
            assert "THEIRS" not in page
            assert ">ZIV1<" not in page
            assert ">ZIV<" not in page


def test_a_report_needs_its_permission(chile: Company) -> None:
    nobody = client_of(make_user("nobody", chile))
    only_meters = client_of(make_user("meters", chile, permissions=("concentrators.view_meter",)))
    for view in COLUMNS:
        assert nobody.get(reverse(view)).status_code == 403
        assert only_meters.get(reverse(view)).status_code == (403 if view == CONFLICTS else 200)


def test_a_user_without_a_company_is_told_so(db: None) -> None:
    permissions = ("concentrators.view_meter", "concentrators.view_meterconflict")
    lonely = client_of(make_user("lonely", permissions=permissions))
    for view in COLUMNS:
        assert b"You belong to no company yet" in lonely.get(reverse(view)).content


def test_what_is_stored_is_the_total_and_is_not_counted(client: Client, chile: Company, one: Concentrator) -> None:
    sight(make_meter(chile, "CIR1"), one)
    MeterTally.objects.create(company=chile, manufacturer="CIR", kind="customer", state=2, meters=32_000_000)
    page = client.get(reverse(FIELD)).content.decode()
    assert "more than 10000" in page.replace(",", "")
    assert client.get(reverse(FIELD), {"count": "exact"}).content.decode().replace(",", "") == "32000000"
    assert client.get(reverse(FIELD), {"count": "exact", "level": "0"}).content == b"1"


def test_links_lead_to_the_concentrator(client: Client, chile: Company, one: Concentrator) -> None:
    sight(make_meter(chile, "CIR1"), one)
    count_lists(chile)
    assert ConcentratorMeters.objects.count() == 1
    assert links(parse(client.get(reverse(FIELD))))["ONE"] == "/concentrators/ONE/"
