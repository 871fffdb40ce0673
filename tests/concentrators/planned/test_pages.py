"""The pages of planned work: who sees it, adds it, changes it and cancels it (STA-8, ACC-1)."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, PlannedWork, State
from tests.concentrators.planned.making import DAY, HOUR, NOW, added, local
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import field, parse, text, texts, with_class
from tests.smmeplus.users import client_of, make_viewer

pytestmark = pytest.mark.one_database

DASH = "\N{EN DASH}"


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def in_field(company: Company, serial: str, **facts: Any) -> Any:
    facts = {"profile": SpontaneousProfileFactory.create(), "installed_at": NOW, "state": State.IN_FIELD, **facts}
    return ConcentratorFactory.create(company=company, serial_number=serial, **facts)


def typed(of: Company, **values: str) -> dict[str, Any]:
    return {
        "company": of.pk,
        "scope": "feeder",
        "feeder": "F1",
        "title": "Transformer",
        "begin": "2027-03-02T02:00",
        "end": "2027-03-02T06:00",
        **values,
    }


def confirmed(client: Client, view: str, sent: dict[str, Any], *keys: int) -> Any:
    """The answer to the preview being confirmed."""
    shown = parse(client.post(reverse(view, args=keys), sent))
    return client.post(reverse(view, args=keys), {**sent, "previewed": field(shown, "previewed").get("value")})


def rows(client: Client, **query: str) -> list[list[str]]:
    page = parse(client.get(reverse("planned:list"), query))
    return [[text(cell) for cell in row] for row in page.findall(".//tbody/tr")]


def errors_of(response: Any) -> str:
    page = parse(response)
    return " ".join(text(one) for one in (*with_class(page, "errorlist"), *with_class(page, "alert-danger")))


def test_it_is_shown_before_it_is_stored(client: Client, chile: Company) -> None:
    for serial, feeder in (("A1", "F1"), ("A2", "F1"), ("A3", "F2")):
        in_field(chile, serial, feeder=feeder)
    sent = typed(chile, repeats="FREQ=WEEKLY", until="2027-12-31")
    page = parse(client.post(reverse("planned:add"), sent))
    assert not PlannedWork.objects.exists()
    (shown,) = with_class(page, "alert-secondary")
    assert "feeder F1, every week, until 12/31/2027: 2 concentrators in field are covered." in text(shown)
    times = texts(shown, ".//li")
    assert times[:2] == [
        f"3/2/2027 2:00:00 AM {DASH} 3/2/2027 6:00:00 AM",
        f"3/9/2027 2:00:00 AM {DASH} 3/9/2027 6:00:00 AM",
    ]
    assert (len(times), "And more." in text(shown)) == (10, True)
    assert confirmed(client, "planned:add", sent).status_code == 302
    work = PlannedWork.objects.get()
    assert (work.begin, work.rule) == (local("2027-03-02 02:00"), "FREQ=WEEKLY;UNTIL=20271231")
    assert (work.set_by.username, work.source) == ("operator", "form") if work.set_by else False
    assert work.history.get().history_user == work.set_by


def test_what_is_changed_after_the_preview_is_shown_again(client: Client, chile: Company) -> None:
    page = parse(client.post(reverse("planned:add"), typed(chile)))
    digest = field(page, "previewed").get("value")
    for change in ({"end": "2027-03-02T07:00"}, {"feeder": "F2"}, {"repeats": "FREQ=DAILY"}, {"scope": "company"}):
        response = client.post(reverse("planned:add"), typed(chile, **change) | {"previewed": digest})
        assert response.status_code == 200, change
    assert not PlannedWork.objects.exists()
    assert client.post(reverse("planned:add"), typed(chile, title="Other") | {"previewed": digest}).status_code == 302


def test_what_covers_nobody_is_said(client: Client, chile: Company) -> None:
    page = parse(client.post(reverse("planned:add"), typed(chile)))
    assert "0 concentrators in field are covered" in text(with_class(page, "alert-warning")[0])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"title": ""}, "required"),
        ({"begin": ""}, "required"),
        ({"begin": "tomorrow"}, "Type a date and a time."),
        ({"end": "2027-03-02T01:00"}, "after the beginning"),
        ({"begin": "2027-02-02T01:00", "end": "2027-02-02T02:00"}, "in the future"),
        ({"begin": "2027-09-05T00:30", "end": "2027-09-05T03:00"}, "does not exist"),
        ({"end": "2027-04-03T23:30"}, "comes twice"),
        ({"feeder": ""}, "Name the feeder."),
        ({"scope": "substation"}, "Name the substation."),
        ({"scope": "concentrator"}, "Name the concentrator."),
        ({"scope": "concentrator", "concentrator": "B1"}, "no such concentrator"),
        ({"scope": "world"}, "Select a valid choice"),
        ({"repeats": "rule"}, "Type a rule."),
        ({"repeats": "rule", "rule": "FREQ=HOURLY"}, "at most by days"),
        ({"repeats": "FREQ=DAILY", "until": "2027-02-01"}, "no time is to come"),
        ({"repeats": "FREQ=SECONDLY"}, "Select a valid choice"),
        ({"company": "0"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    client: Client, chile: Company, values: dict[str, str], said: str
) -> None:
    in_field(CompanyFactory.create(name="Italy"), "B1")
    response = client.post(reverse("planned:add"), typed(chile, **values))
    assert said in errors_of(response)
    assert field(parse(response), "feeder").get("value", "") == values.get("feeder", "F1")
    assert not PlannedWork.objects.exists()


def test_a_serial_number_and_a_place_are_taken_in_any_case(client: Client, chile: Company) -> None:
    one = in_field(chile, "A1", feeder="F1", substation="North")
    confirmed(client, "planned:add", typed(chile, scope="concentrator", concentrator=" a1 "))
    confirmed(client, "planned:add", typed(chile, feeder="f1 ", substation="NORTH"))
    alone, feeder = PlannedWork.objects.order_by("pk")
    assert (alone.concentrator, alone.feeder) == (one, "")
    assert (feeder.substation, feeder.feeder) == ("North", "F1")


def test_the_list_says_how_far_each_is(client: Client, chile: Company) -> None:
    in_field(chile, "A1", feeder="F1")
    added(chile, begin=NOW - 10 * DAY, title="Over", now=NOW - 11 * DAY)
    added(chile, begin=NOW + DAY, title="Next", rule="FREQ=DAILY")
    added(chile, begin=NOW - HOUR, title="Lasts", scope="company")
    PlannedWork.objects.filter(pk=added(chile, title="Off").pk).update(cancelled_at=NOW)
    found = [row[:6] for row in rows(client)]
    assert found == [
        ["now", "Lasts", "all of Chile", "1", "3/1/2027 8:00:00 AM", "3/1/2027 10:00:00 AM"],
        ["coming", "Next", "feeder F1", "1", "3/2/2027 9:00:00 AM", "3/2/2027 11:00:00 AM"],
        ["over", "Over", "feeder F1", "1", "2/19/2027 9:00:00 AM", "2/19/2027 11:00:00 AM"],
        ["cancelled", "Off", "feeder F1", "1", "3/2/2027 9:00:00 AM", "3/2/2027 11:00:00 AM"],
    ]
    assert [row[1] for row in rows(client, state="coming")] == ["Next"]
    assert [row[1] for row in rows(client, scope="company")] == ["Lasts"]
    assert [row[1] for row in rows(client, q="next")] == ["Next"]


def test_each_place_counts_its_own(client: Client, chile: Company) -> None:
    places = (("North", "F1"), ("North", "F2"), ("South", "F1"), ("", ""))
    ones = [in_field(chile, f"A{n}", substation=sub, feeder=feeder) for n, (sub, feeder) in enumerate(places)]
    in_field(CompanyFactory.create(name="Italy"), "B", substation="North", feeder="F1")
    ConcentratorFactory.create(company=chile, substation="North", feeder="F1")
    works: list[dict[str, Any]] = [
        {"scope": "company"},
        {"scope": "substation", "substation": "North"},
        {"feeder": "F1"},
        {"feeder": "F1", "substation": "North"},
        {"feeder": "F1", "substation": "West"},
        {"scope": "concentrator", "concentrator": ones[0]},
    ]
    for n, work in enumerate(works):
        added(chile, title=f"T{n}", **work)
    assert [row[3] for row in sorted(rows(client), key=lambda row: row[1])] == ["4", "2", "2", "1", "0", "1"]


def test_the_end_of_what_lasts_is_moved(client: Client, chile: Company) -> None:
    work = added(chile, begin=NOW - HOUR)
    shown = parse(client.get(reverse("planned:change", args=[work.pk])))
    sent = {name: field(shown, name).get("value", "") for name in ("begin", "title", "feeder", "seen")}
    sent |= {"scope": "feeder", "end": "2027-03-01T20:00"}
    assert confirmed(client, "planned:change", sent, work.pk).status_code == 302
    work.refresh_from_db()
    assert (work.begin, work.end) == (NOW - HOUR, local("2027-03-01 20:00"))
    assert [one.end for one in work.windows.all()] == [work.end]


@pytest.mark.parametrize(
    ("rule", "repeats", "until", "text_of_rule"),
    [
        ("", "", "", ""),
        ("FREQ=WEEKLY;INTERVAL=2", "FREQ=WEEKLY;INTERVAL=2", "", ""),
        ("FREQ=DAILY;UNTIL=20280101", "FREQ=DAILY", "2028-01-01", ""),
        ("FREQ=DAILY;UNTIL=20280101T100000Z", "rule", "", "FREQ=DAILY;UNTIL=20280101T100000Z"),
        ("FREQ=MONTHLY;BYDAY=1SA", "rule", "", "FREQ=MONTHLY;BYDAY=1SA"),
    ],
)
def test_a_stored_rule_comes_back_in_its_fields(
    client: Client, chile: Company, rule: str, repeats: str, until: str, text_of_rule: str
) -> None:
    work = added(chile, rule=rule)
    page = parse(client.get(reverse("planned:change", args=[work.pk])))
    chosen = [one.get("value") for one in field(page, "repeats").iter("option") if "selected" in one.attrib]
    assert (chosen or [""]) == [repeats]
    assert field(page, "until").get("value", "") == until
    assert field(page, "rule").get("value", "") == text_of_rule
    sent = {
        name: field(page, name).get("value", "")
        for name in ("begin", "end", "title", "feeder", "rule", "until", "seen")
    }
    assert (
        confirmed(client, "planned:change", {**sent, "scope": "feeder", "repeats": repeats}, work.pk).status_code == 302
    )
    work.refresh_from_db()
    assert work.rule == rule


def test_a_change_of_what_somebody_else_has_changed_is_refused(client: Client, chile: Company) -> None:
    work = added(chile)
    shown = parse(client.get(reverse("planned:change", args=[work.pk])))
    sent = {name: field(shown, name).get("value", "") for name in ("begin", "end", "feeder", "seen")}
    work.title = "By another"
    work.save()
    sent |= {"scope": "feeder", "title": "Mine"}
    response = confirmed(client, "planned:change", sent, work.pk)
    assert "Stored now: By another. In your form: Mine." in errors_of(response)
    work.refresh_from_db()
    assert work.title == "By another"


def test_it_is_cancelled_after_a_question_and_once(client: Client, chile: Company) -> None:
    work = added(chile, begin=NOW - HOUR)
    address = reverse("planned:cancel", args=[work.pk])
    assert "End it now?" in text(parse(client.get(address)))
    assert client.post(address).status_code == 302
    work.refresh_from_db()
    assert (work.cancelled_at, [one.end for one in work.windows.all()]) == (NOW, [NOW])
    assert "cancelled already" in text(parse(client.post(address)))
    changed = client.get(reverse("planned:change", args=[work.pk]))
    assert "is cancelled. Add a new work instead." in text(parse(changed))
    assert "cancelled at: — → 2027-03-01" in text(parse(client.get(reverse("planned:show", args=[work.pk]))))


def test_what_was_cancelled_meanwhile_is_not_changed(client: Client, chile: Company) -> None:
    work = added(chile)
    shown = parse(client.get(reverse("planned:change", args=[work.pk])))
    sent = {name: field(shown, name).get("value", "") for name in ("begin", "end", "feeder", "title", "seen")}
    sent |= {"scope": "feeder"}
    address = reverse("planned:change", args=[work.pk])
    sent["previewed"] = field(parse(client.post(address, sent)), "previewed").get("value", "")
    PlannedWork.objects.update(cancelled_at=NOW)
    response = client.post(address, sent)
    assert response.status_code == 200
    assert "is cancelled" in text(parse(response))
    work.refresh_from_db()
    assert work.cancelled_at == NOW


def test_its_page_has_its_next_times(client: Client, chile: Company) -> None:
    work = added(chile, begin=NOW - 2 * DAY, now=NOW - 3 * DAY, rule="FREQ=DAILY;COUNT=13", uid="7@x")
    page = parse(client.get(reverse("planned:show", args=[work.pk])))
    times = [time for time in texts(page, ".//ul/li") if DASH in time]
    assert times[0] == f"3/1/2027 9:00:00 AM {DASH} 3/1/2027 11:00:00 AM"
    assert len(times) == 10
    assert "7@x" in text(page)


def test_a_viewer_looks_and_changes_nothing(chile: Company) -> None:
    viewer, work = client_of(make_viewer(chile)), added(chile)
    page = parse(viewer.get(reverse("planned:list")))
    assert texts(page, ".//div[@class='row-actions']/a") == []
    assert viewer.get(reverse("planned:show", args=[work.pk])).status_code == 200
    for view, keys in (("add", []), ("change", [work.pk]), ("cancel", [work.pk])):
        address = reverse(f"planned:{view}", args=keys)
        assert (viewer.get(address).status_code, viewer.post(address).status_code) == (403, 403)
    work.refresh_from_db()
    assert work.cancelled_at is None


def test_others_see_and_change_nothing(client: Client, chile: Company) -> None:
    italy = CompanyFactory.create(name="Italy")
    work = added(italy)
    assert rows(client) == [["No planned work matches. Add some, upload a file, or change the filters."]]
    for view in ("show", "change", "cancel"):
        assert client.get(reverse(f"planned:{view}", args=[work.pk])).status_code == 404
    assert client.post(reverse("planned:cancel", args=[work.pk])).status_code == 404
    assert "Select a valid choice" in errors_of(client.post(reverse("planned:add"), typed(italy)))


def test_an_export_has_the_columns_of_an_upload(client: Client, chile: Company) -> None:
    added(chile, rule="FREQ=DAILY", uid="1@x")
    response = client.get(reverse("planned:list"), {"export": "csv"})
    head, row = b"".join(response).decode("utf-8-sig").splitlines()
    assert head.startswith("company,scope,serial_number,substation,feeder,title,begin,end,rule,uid,")
    assert row.startswith(
        "Chile,feeder,,,F1,Work,2027-03-02T12:00:00.000000+00:00,2027-03-02T14:00:00.000000+00:00,FREQ=DAILY,1@x,"
    )


def test_the_page_of_a_concentrator_can_fill_in_the_place(client: Client, chile: Company) -> None:
    page = parse(client.get(reverse("planned:add"), {"scope": "concentrator", "concentrator": "A1"}))
    assert field(page, "concentrator").get("value") == "A1"
