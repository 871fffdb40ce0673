"""Files of meters are told by their content and taken list by list (MET-2, LIS-6)."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from openpyxl import Workbook

from concentrators.meters import storing
from concentrators.meters.importing import Imported, RefusedFile, import_content, taking, unknown
from concentrators.meters.importing.unknown import unknown_list
from concentrators.meters.lists import ReceivedList
from concentrators.meters.storing import Stored
from concentrators.models import Company, Concentrator, Meter, MeterFileRow, MeterList, MeterRowKind, Sighting
from tests.concentrators.meters.stg.documents import CONCENTRATOR, OTHER, cnc, document, meter, s24
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.users import make_operator
from wakeup.models import StrayFrame

pytestmark = pytest.mark.one_database

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
CSV = "concentrator;meter;state\nC1;M1;2\nC1;M2;1\n"


@pytest.fixture
def chile(db: None) -> Company:
    return CompanyFactory.create(name="Chile")


@pytest.fixture(autouse=True)
def concentrators(chile: Company) -> None:
    for serial in ("C1", "C2", CONCENTRATOR):
        ConcentratorFactory.create(serial_number=serial, company=chile)


@pytest.fixture
def told() -> Iterator[list[tuple[str, str]]]:
    """The serial numbers and sources that were told to the inbox of unknown senders."""
    found: list[tuple[str, str]] = []

    def note(*, serial: str, source: str, **_others: Any) -> None:
        found.append((serial, source))

    unknown_list.connect(note)
    yield found
    unknown_list.disconnect(note)


def take(content: str | bytes, name: str = "list.csv", **said: Any) -> Imported:
    content = content if isinstance(content, bytes) else content.encode()
    return import_content(content, name, **{"company": None, "user": None, "now": NOW} | said)


def counts(imported: Imported) -> dict[str, int]:
    return {kind.name.lower(): number for kind, number in sorted(imported.counts.items()) if number}


def outcomes(imported: Imported) -> list[tuple[str, str, str]]:
    return [(one.concentrator, str(one.source), one.outcome) for one in imported.lists]


def sheet(*rows: tuple[str | int | None, ...]) -> bytes:
    book, content = Workbook(), BytesIO()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    book.save(content)
    return content.getvalue()


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values_list()) for model in (Meter, MeterList, Sighting, StrayFrame)]


def test_sightings_are_taken() -> None:
    imported = take(CSV)
    assert (counts(imported), outcomes(imported)) == ({"new": 2}, [("C1", "CSV", "taken")])
    assert list(Sighting.objects.order_by("meter__name").values_list("meter__name", "state")) == [("M1", 2), ("M2", 1)]


def test_a_sheet_says_the_same_as_a_text() -> None:
    take(sheet(("concentrator", "meter", "state", "mac"), ("C1", "M1", 2, "40:40:22:00:A1:B2"), ("C1", "M2", 1, None)))
    assert list(Meter.objects.order_by("name").values_list("name", "mac")) == [("M1", "40402200A1B2"), ("M2", "")]


def test_a_number_that_lost_digits_in_a_sheet_is_refused_and_its_row_kept() -> None:
    imported = take(sheet(("concentrator", "meter"), ("C1", 1234567890123456789), ("C1", "M2")))
    assert counts(imported) == {"new": 1, "fault": 1}
    assert "digits are lost" in imported.rows[0].faults[0]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda content: b"\xef\xbb\xbf\n" + content])
def test_reports_are_told_by_their_content(pack: Any) -> None:
    content = pack(document(cnc(s24(meter(), meter("CIR9900000002", "0", active="N")))).encode())
    imported = take(content, "whatever.csv")
    assert (counts(imported), outcomes(imported)) == ({"new": 2}, [(CONCENTRATOR, "S24", "taken")])


def test_the_same_file_twice_changes_nothing_though_it_states_no_date() -> None:
    take(CSV)
    before = everything()
    again = take(CSV, now=NOW + timedelta(days=2))
    assert (outcomes(again), counts(again), everything()) == ([("C1", "CSV", "same")], {}, before)


def test_a_whole_list_misses_meters_and_a_partial_one_does_not() -> None:
    take(CSV)
    less, later = "concentrator;meter;state\nC1;M1;2\n", NOW + timedelta(hours=1)
    assert counts(take(less, now=later)) == {"unchanged": 1}
    assert counts(take(less, now=later + timedelta(hours=1), whole=True)) == {"gone": 1, "unchanged": 1}


def test_each_date_is_a_list_and_the_older_one_comes_first() -> None:
    dated = "concentrator;meter;state;list_date\nC1;M1;0;2026-11-29 10:00Z\nC1;M1;2;2026-11-28 10:00Z\n"
    assert outcomes(take(dated)) == [("C1", "CSV", "taken")] * 2
    assert Sighting.objects.get().state == 0
    older = dated.replace("11-29", "11-20").replace("11-28", "11-19")
    assert outcomes(take(older)) == [("C1", "CSV", "older")] * 2


def test_a_dry_run_says_what_would_change_and_writes_nothing(told: list[Any]) -> None:
    take(CSV)
    before = everything()
    found = take("concentrator;meter;state;type\nC1;M1;0;T\nC1;M3;2;\nX1;M9;2;\n", dry_run=True)
    assert (counts(found), everything(), told) == ({"changed": 1, "new": 1}, before, [])
    rows = {row.meter: row for row in found.rows}
    assert {("state", 2, 0), ("type", "", "T")} <= set(rows["M1"].says)
    assert (rows["M1"].line, rows["M3"].line, rows["M3"].kind) == (2, 3, MeterRowKind.NEW)
    assert found.unknown == ["X1"]


def test_a_known_concentrator_beside_an_unknown_one_is_taken(told: list[Any]) -> None:
    imported = take(document(cnc(s24(meter())), cnc(s24(meter("CIR9900000009")), of=OTHER)), "report")
    assert (outcomes(imported), imported.unknown) == ([(CONCENTRATOR, "S24", "taken")], [OTHER])
    assert told == [(OTHER, "S24")]
    assert not Meter.objects.filter(name="CIR9900000009").exists()


def test_an_unknown_sender_waits_in_the_inbox() -> None:
    take("concentrator;meter\nX1;M1\nX1;M2\n", "plant.csv")
    take("concentrator;meter\nX1;M3\n", "plant.csv", now=NOW + timedelta(hours=1))
    stray = StrayFrame.objects.get()
    assert (stray.sender, stray.reason, stray.count, stray.last_at) == ("X1", "unknown", 2, NOW + timedelta(hours=1))
    assert stray.address == ""
    assert (stray.detail, bytes(stray.last_bytes)) == ("meter list CSV plant.csv", b"concentrator;meter\nX1;M3\n")


def test_of_a_flood_of_unknown_senders_some_are_told(told: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unknown, "MOST_TOLD", 2)
    imported = take("concentrator;meter\n" + "".join(f"X{number};M1\n" for number in range(5)))
    assert (len(told), len(imported.unknown)) == (2, 5)


def test_a_concentrator_that_is_deleted_meanwhile_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    store = storing.store_list

    def deleted(received: ReceivedList, now: datetime) -> Stored:
        if not MeterList.objects.exists() and received.rows[0].name == "M1":
            Concentrator.objects.filter(pk=received.concentrator_id).delete()
        return store(received, now)

    monkeypatch.setattr(taking, "store_list", deleted)
    imported = take("concentrator;meter\nC1;M1\nC2;M2\n")
    assert (list(imported.passed_over), outcomes(imported)) == (["C1"], [("C2", "CSV", "taken")])


def test_truth_in_a_sheet_is_read_as_such() -> None:
    rows = (("concentrator", "meter", "active", "whole"), ("C1", "M1", True, True), ("C1", "M2", False, True))
    imported = take(sheet(*rows))
    assert (counts(imported), imported.lists[0].whole) == ({"new": 2}, True)
    assert dict(Sighting.objects.values_list("meter__name", "active")) == {"M1": True, "M2": False}


def test_what_no_concentrator_can_be_called_is_counted_as_nameless() -> None:
    take(document(cnc(s24(meter()), of="Ñandú 7" + "x" * 50)), "report")
    stray = StrayFrame.objects.get()
    assert (stray.reason, len(stray.sender)) == ("nameless", 39)


def test_a_concentrator_of_a_company_that_the_user_does_not_see_is_unknown_and_no_stranger(
    chile: Company, told: list[Any]
) -> None:
    ConcentratorFactory.create(serial_number="C9", company=CompanyFactory.create(name="Peru"))
    user: User = make_operator(chile)
    imported = take("concentrator;meter\nC9;M1\nX1;M1\nC1;M1\n", user=user, company=chile)
    assert (sorted(imported.unknown), imported.passed_over) == (["C9", "X1"], {})
    assert (told, outcomes(imported)) == ([("X1", "CSV")], [("C1", "CSV", "taken")])


def test_a_concentrator_of_another_company_that_the_user_sees_is_passed_over(chile: Company, told: list[Any]) -> None:
    peru = CompanyFactory.create(name="Peru")
    ConcentratorFactory.create(serial_number="C9", company=peru)
    user = make_operator(chile)
    peru.users.add(user)
    imported = take("concentrator;meter\nC9;M1\n", user=user, company=chile)
    assert (imported.passed_over, imported.unknown, told) == ({"C9": "It belongs to Peru."}, [], [])
    assert not imported.is_taken


def test_a_faulty_row_is_kept_and_refuses_no_other() -> None:
    imported = take("concentrator;meter;state\nC1;M1;9\nC1;M-2;2\nC1;M3;2\n;M4;2\n")
    assert counts(imported) == {"new": 2, "fault": 3}
    assert [row[:2] for row in MeterList.objects.get().bad_rows] == [[2, "M1"], [3, "M-2"]]


def test_a_report_without_a_list_is_no_empty_list() -> None:
    take(document(cnc(s24(meter()))), "report")
    imported = take(document(f'<Cnc Id="{CONCENTRATOR}"/>'), "report", now=NOW + timedelta(hours=1))
    assert (imported.is_taken, list(imported.passed_over)) == (False, [CONCENTRATOR])
    assert Sighting.objects.get().in_list


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"<html><body>Sign in</body></html>", "begins with <html>"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><Report/>', "."),
        (gzip.compress(CSV.encode()), "."),
        (b"\x1f\x8b and no more", "."),
        (b"%PDF-1.7\n", "."),
    ],
)
def test_what_is_no_file_of_meters_is_refused_in_words(content: bytes, why: str) -> None:
    with pytest.raises(RefusedFile, match=why):
        take(content)


def test_a_file_that_is_too_long_is_refused_unread(settings: Any) -> None:
    settings.UPLOAD_MAX_MB = 1
    with pytest.raises(RefusedFile, match="1 MB"):
        take(b"\0" * (2**20 + 1))


def test_a_spreadsheet_without_a_date_is_of_the_day_it_was_written() -> None:
    written = NOW - timedelta(days=3)
    assert take(CSV, dated=written).lists[0].listed_at == written


def test_nothing_of_a_preview_is_left_by_an_import() -> None:
    take(CSV)
    assert not MeterFileRow.objects.exists()
