"""What the filters of every list keep: they live in the URL, narrow the list and bear anything (REP-6)."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concentrators.models import (
    Assignment,
    Company,
    ConcentratorMeters,
    Meter,
    MeterConflict,
    MeterTally,
    Repeater,
    RollOut,
    Sighting,
)
from profiles.models import SpontaneousProfile
from smmeplus.common.lists import ListPage
from tests.smmeplus.common.all_lists import ALL_DAYS, LISTS, List, cells, list_views, total_items
from tests.smmeplus.translation.markup import field, links, parse, text, with_class

pytestmark = [pytest.mark.django_db, pytest.mark.one_database("postgresql", in_ci=True)]

VIEWS = list_views()
FILTERED = {view: cls for view, cls in VIEWS.items() if issubclass(cls, ListPage)}
#: For each filter a value that only some of the rows of ``full`` match, given its company and a profile in use.
NARROWING = {
    "profiles:list": {"q": "p00"},
    "procedures:list": {"q": "p00"},
    "concentrators:list": {
        "company": "{company}",
        "state": "removed",
        "profile": "{profile}",
        "region": "r-1",
        "carrier": "c-1",
        "q": "as00",
        "status": "disabled",
        "reason": "silence",
        "configuration": "failed",
        "keys": "any",
    },
    "rollouts:list": {"company": "{other}", "state": "halted", "q": "f01"},
    "rollouts:members": {
        "company": "{company}",
        "roll_out": "{roll_out}",
        "wave": "2",
        "outcome": "failed",
        "q": "f01",
    },
    "meters:list": {"company": "{other}", "kind": "supervisor", "known": "list", "q": "r00"},
    "planned:list": {"company": "{company}", "state": "cancelled", "scope": "feeder", "q": "k a00"},
    "configurations:list": {
        "company": "{company}",
        "state": "failed",
        "reason": "unreachable",
        "profile": "{profile}",
        "q": "af00",
    },
    "wakeup:strays": {"reason": "unknown", "ignored": "yes", "q": "a00"},
    "alarms:list": {"state": "shelved", "priority": "2", "kind": "power", "company": "{other}", "q": "f01"},
    "changes:list": {"company": "{company}", "to_status": "late", "reason": "silence", "q": "f01"},
    "incidents:list": {
        "state": "ended",
        "cause": "power",
        "scope": "substation",
        "company": "{company}",
        "planned": "yes",
        "owner": "nobody",
        "from_day": "2020-09-22",
        "to_day": "2020-09-21",
        "q": "f01",
    },
    "incidents:work-list": {"company": "{company}", "cause": "power", "q": "f01"},
    "deliveries:list": {"company": "{company}", "state": "delivered", "event": "incident ended", "q": "a"},
    "listeners:list": {"state": "1", "q": "host1"},
    "reports:in-field": {
        "company": "{other}",
        "q": "f01",
        "status": "disabled",
        "reason": "silence",
        "profile": "{profile}",
        "substation": "e-1",
        "feeder": "f-1",
        "silent_on": "2020-09-22",
    },
    "reports:meters": {
        "company": "{other}",
        "q": "amtr01",
        "state": "temporary failure",
        "concentrator": "af001",
        "level": "1",
        "manufacturer": "ZIV",
        "silent_days": "2",
        "conflict": "no",
        "supervisors": "yes",
    },
    "reports:meter-counts-by-concentrator": {
        "company": "{other}",
        "q": "f01",
        "listed": "no",
        "failures": "yes",
        "conflict": "no",
        "substation": "e-1",
        "feeder": "f-1",
    },
    "reports:meter-conflicts": {
        "company": "{other}",
        "q": "amtr01",
        "kind": "moved",
        "concentrator": "af001",
        "decision": "none",
    },
    "reports:meter-counts": {"company": "{other}", "manufacturer": "ZIV", "q": "t-00", "state": "temporary failure"},
    "reports:repeaters": {
        "company": "{other}",
        "q": "f01",
        "state": "temporary failure",
        "behind": "3",
        "orphans": "yes",
    },
    "reports:wakeup": {"company": "{other}", "q": "f01", "status": "disabled"},
    "reports:wakeup-per-day": {
        "company": "{other}",
        "from_day": "2020-09-22",
        "to_day": "2020-09-21",
        "q": "f01",
        "missing": "85",
        "chatty": "yes",
    },
    "reports:days": {
        "company": "{other}",
        "q": "f01",
        "substation": "e-1",
        "feeder": "f-1",
        "to_day": "2020-09-21",
    },
    "reports:reliability": {
        "company": "{other}",
        "month": "2020-10",
        "q": "f01",
        "substation": "e-1",
        "feeder": "f-1",
    },
}
#: At the desk these stand for all.
GARBAGE = ["\0", "9" * 5000, "x", "2020-99-99"]
MORE_GARBAGE = ["9" * 30, "-1", "%", "'", "{", "[]", "\N{ARABIC-INDIC DIGIT THREE}", ";drop"]


@pytest.fixture
def operator(filled: User) -> User:
    """Who sees all of the lists, made once for this file."""
    return filled


@pytest.fixture
def full(operator: User) -> Company:
    return Company.objects.get(name="Chile")


def names(view: str) -> list[str]:
    """Every parameter that the page of ``view`` understands."""
    cls = VIEWS[view]
    if issubclass(cls, ListPage):
        return ["sort", "page", "per_page", *cls.filterset_class.base_filters]
    return ["company", *(prefix + name for prefix in ("c-", "p-") for name in ("sort", "page", "per_page", "q"))]


@pytest.mark.parametrize("view", FILTERED)
def test_every_filter_narrows_its_list_and_shows_what_it_does(client: Client, full: Company, view: str) -> None:
    listed = next(listed for listed in LISTS if listed.view == view)
    values = {
        "company": full.pk,
        "other": Company.objects.exclude(pk=full.pk).get().pk,
        "profile": SpontaneousProfile.objects.get(name="A000").pk,
        "roll_out": RollOut.objects.filter(company=full, state="halted").latest("pk").pk,
    }
    full.concentrators.filter(serial_number="AS000").update(state="removed")
    # In field in one month alone.
    Assignment.objects.filter(concentrator__serial_number="AF000", period_min=None).delete()
    _odd_meters(full)
    filters = FILTERED[view].filterset_class.base_filters
    assert NARROWING[view].keys() == filters.keys()
    for name, value in NARROWING[view].items():
        wanted = value.format(**values)
        page = parse(client.get(reverse(view), {**listed.query, name: wanted}))
        assert 0 < total_items(page) < listed.rows, name
        control = field(page, name)
        shown = control.get("value") or next(
            one.get("value") for one in control.iter("option") if "selected" in one.attrib
        )
        assert shown == wanted, name


def _odd_meters(company: Company) -> None:
    """A supervisor that is heard now and in no conflict; one concentrator without a list; orphans at another."""
    odd = Sighting.objects.get(meter__name="AMTR000", company=company)
    Meter.objects.filter(pk=odd.meter_id).update(kind="supervisor")
    Sighting.objects.filter(pk=odd.pk).update(last_seen=timezone.now())
    MeterTally.objects.filter(company=company, type="T-000").update(kind="supervisor")
    MeterConflict.objects.filter(meter=odd.meter_id).update(closed_at=timezone.now())
    ConcentratorMeters.objects.filter(concentrator=odd.concentrator_id).update(in_conflict=0)
    ConcentratorMeters.objects.get(concentrator__serial_number="AF001").delete()
    Repeater.objects.filter(concentrator__serial_number="AF001").update(sighting=None)


@pytest.mark.parametrize("view", FILTERED)
def test_a_wrong_filter_says_so_and_shows_no_row(client: Client, view: str) -> None:
    listed = next(listed for listed in LISTS if listed.view == view)
    filters = FILTERED[view].filterset_class.base_filters
    for name in filters.keys() - {"company"}:  # of a report it is that of the user, which the page says
        page = parse(client.get(reverse(view), {**listed.query, name: "\0"}))
        assert [one.get("class") for one in page.iter("label") if one.get("for") == f"id_{name}"] == ["wrong"], name
        assert total_items(page) == 0, name
        assert "A filter is wrong" in text(with_class(page, "empty")[0]), name


@pytest.mark.parametrize("view", FILTERED)
def test_order_and_pages_keep_the_filters(client: Client, full: Company, view: str) -> None:
    listed = next(listed for listed in LISTS if listed.view == view)
    page = parse(client.get(reverse(view), {**listed.query, **ALL_DAYS, "q": "0", "page": "2"}))
    sortable = next(column for column in listed.table_class.base_columns.values() if column.orderable is not False)
    for label in (sortable.verbose_name, "1", "50"):
        assert "q=0" in links(page)[str(label)], label
        assert "from_day=&to_day=" in links(page)[str(label)], label


@pytest.mark.parametrize(
    "garbage", [*GARBAGE, *(pytest.param(text, marks=pytest.mark.ci_only) for text in MORE_GARBAGE)], ids=ascii
)
@pytest.mark.parametrize("view", VIEWS)
def test_garbage_in_every_parameter_is_no_error(client: Client, view: str, garbage: str) -> None:
    query = urlencode(dict.fromkeys(names(view), garbage))
    assert client.get(f"{reverse(view)}?{query}").status_code == 200


@pytest.mark.ci_only  # at the desk it stands in all parameters at once
@pytest.mark.parametrize("listed", LISTS, ids=str)
def test_garbage_in_any_one_parameter_is_no_error(operator: User, listed: List) -> None:
    for name in names(listed.view):
        for garbage in ("\0", "9" * 30, "x"):
            with_garbage = replace(listed, query={name: garbage})
            assert len(cells(with_garbage.table(operator), listed.key)) <= 25, with_garbage.url()


def test_the_worst_of_all_is_no_error(client: Client, full: Company) -> None:
    query = "?page=abc&per_page=-1&sort=;drop&company=99999999999999999999&from_day=x"
    for view in VIEWS:
        assert client.get(reverse(view) + query).status_code == 200


def test_a_query_that_is_no_text_is_no_error(client: Client, full: Company) -> None:
    for view in VIEWS:
        assert client.get(reverse(view) + "?q=%ff%fe&c-q=%ff&p-q=%ff&company=%ff&sort=%ff").status_code == 200


@pytest.mark.parametrize("view", FILTERED)
def test_the_way_back_in_the_browser_gets_the_whole_page(client: Client, view: str) -> None:
    back = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    response = client.get(reverse(view), headers=back)
    assert parse(response).find(".//h1") is not None
    assert "HX-Request" in response["Vary"]
