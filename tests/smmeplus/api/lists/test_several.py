"""Several values of a filter, and the filters of the pages in the lists of the API (API-1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator

from concentrators.models import Assignment, Company, Concentrator, Meter, MeterTally
from smmeplus.api.urls import router
from smmeplus.common.api.several import MOST_VALUES, names_of_several
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.api.asking import LISTS, ROOT, Api, errors, problem
from tests.smmeplus.api.conftest import AT, arrival
from tests.smmeplus.api.lists.test_files import PAGES
from tests.smmeplus.common.all_lists import list_views
from tests.smmeplus.users import make_operator
from wakeup.models import Incident
from wakeup.recording.recorder import record

pytestmark = pytest.mark.one_database("postgresql")

VIEWS: Mapping[str, Any] = {prefix: viewset for prefix, viewset, _basename in router.registry}
#: Filters of pages that lists of the API have by another name, or not: the reason.
ONLY_ON_PAGES = {
    ("reports:meter-conflicts", "q"): "`meter`: a row is a conflict there",
    ("reports:meter-conflicts", "concentrator"): "`meter`: a row is a conflict there",
    ("reports:meter-conflicts", "decision"): "`state`",
}
SAME = {
    **PAGES,
    "reports:in-field": "concentrators",
    "reports:meter-conflicts": "meter-conflicts",
    "profiles:list": "profiles",
    "procedures:list": "procedure-profiles",
    "deliveries:list": "deliveries",
}


@pytest.mark.parametrize(("page", "name"), SAME.items(), ids=SAME)
def test_a_list_has_all_filters_of_its_page(page: str, name: str) -> None:
    of_page = set(list_views()[page].filterset_class.base_filters)  # type: ignore[attr-defined] # of a ListPage
    missing = of_page - set(VIEWS[name].filterset_class.base_filters)
    assert missing == {wanted for there, wanted in ONLY_ON_PAGES if there == page}


@pytest.fixture
def apart(chile: Company) -> None:
    """A1 calls again, A2 stays silent."""
    record([arrival("A1", AT + timedelta(minutes=1))])


def serials(api: Api, path: str, **query: Any) -> list[str]:
    return sorted({row.get("concentrator") or row["serial_number"] for row in api.rows(path, **query)})


@pytest.mark.usefixtures("apart")
def test_rows_match_that_match_any_of_several_values(api: Api) -> None:
    with time_machine.travel(AT + timedelta(minutes=2), tick=False):
        assert serials(api, "concentrators/", status="reachable") == ["A1"]
        assert serials(api, "concentrators/", status="unreachable") == ["A2"]
        for both in ("reachable,unreachable", ["reachable", "unreachable"], ["late,reachable", "unreachable"]):
            assert serials(api, "concentrators/", status=both) == ["A1", "A2"], both
        assert serials(api, "concentrators/", status="late,unreachable") == ["A2"]
        assert serials(api, "concentrators/", status="late,disabled") == []
        assert serials(api, "concentrators/", reason="message,power") == ["A1", "A2"]
        assert serials(api, "concentrators/", reason="silence,power") == ["A2"]
        assert serials(api, "wakeup-totals/", status="reachable,unreachable") == ["A1", "A2"]


def test_every_kind_of_filter_takes_several(api: Api) -> None:
    asked: list[tuple[str, dict[str, str], int]] = [
        ("concentrators", {"state": "available,in field"}, 3),
        ("concentrators", {"keys": "none,ciphered only"}, 3),
        ("messages", {"concentrator": "a1,A2,a3"}, 6),
        ("messages", {"kind": "boot,lastgasp"}, 4),
        ("messages", {"kind": "boot,lastgasp", "concentrator": "A1,A3"}, 2),
        ("messages", {"elsewhere": "true,false"}, 6),
        ("daily-counts", {"concentrator": "a1,a2"}, 4),
        ("roll-out-members", {"wave": "1,2"}, 2),
        ("outages", {"dark": "yes,no"}, 2),
        ("incidents", {"state": "lasting,merged"}, 2),
        ("alarms", {"state": "open,ended"}, 2),
        ("alarms", {"priority": "1,2,3"}, 2),
        ("planned-work", {"state": "over,now"}, 1),
        ("sightings", {"state": "active,unknown", "conflict": "yes,no"}, 2),
        ("configurations", {"state": "pending,heard not reachable"}, 2),
        ("status-changes", {"to_status": "late,reachable", "reason": "silence,message"}, 2),
    ]
    for name, query, number in asked:
        assert len(api.rows(f"{name}/", **query)) == number, query


def test_an_incident_that_became_a_part_of_another_is_found_among_several_states(api: Api, chile: Company) -> None:
    whole, part = Incident.objects.filter(company=chile).order_by("pk")
    part.merged_into = whole
    part.save()
    assert [row["id"] for row in api.rows("incidents/", state="lasting,merged")] == [part.pk, whole.pk]
    assert [row["id"] for row in api.rows("incidents/", state="lasting,open")] == [whole.pk]


def test_each_wrong_value_is_named(api: Api) -> None:
    found = problem(api.ask("concentrators/", status="late,gone,lost"), 400)["errors"]
    assert [(one["field"], one["code"]) for one in found] == [("status", "invalid_choice")] * 3
    assert [one["detail"].partition(":")[0] for one in found[:2]] == ["gone", "lost"]
    found = problem(api.ask("messages/", concentrator="a1,b1,b2"), 400)["errors"]
    assert [(one["code"], one["detail"].partition(":")[0]) for one in found] == [
        ("does_not_exist", "b1"),
        ("does_not_exist", "b2"),
    ]


def test_an_empty_value_among_several_is_refused(api: Api) -> None:
    for text in ("late,", ",late", ",", "late,,gone"):
        found = problem(api.ask("concentrators/", status=text), 400)["errors"]
        assert "empty" in {one["code"] for one in found}, text
    assert errors(api.ask("concentrators/", status=["late", ""])).keys() == {"status"}


def test_the_same_value_twice_is_one(api: Api) -> None:
    for value in ("a1,A1,a1", ["a1", "a1"]):
        assert len(api.rows("messages/", concentrator=value)) == 3


def test_no_more_values_than_an_address_should_hold(api: Api) -> None:
    few, many = ",".join(["a1", "A1"] * (MOST_VALUES // 2)), ",".join(f"S{n}" for n in range(MOST_VALUES + 1))
    assert len(api.rows("messages/", concentrator=few)) == 3
    found = problem(api.ask("messages/", concentrator=many), 400)["errors"]
    assert [one["code"] for one in found] == ["max_length"]


def test_a_value_with_a_comma_of_its_own_is_one_value(api: Api, chile: Company) -> None:
    Meter.objects.filter(name="CIRA1").update(manufacturer="Acme, Inc.")
    MeterTally.objects.filter(company=chile, type="A1").update(manufacturer="Acme, Inc.")
    assert [row["name"] for row in api.rows("meters/", manufacturer="Acme, Inc.")] == ["CIRA1"]
    assert len(api.rows("meters/", manufacturer=["Acme, Inc.", "CIR"])) == 2


def test_another_companys_things_are_not_among_several(api: Api, chile: Company, peru: Company) -> None:
    assert errors(api.ask("messages/", company=f"{chile.pk},{peru.pk}")).keys() == {"company"}
    assert errors(api.ask("messages/", concentrator="A1,P1")).keys() == {"concentrator"}
    both = Api(make_operator(chile, peru, name="both"))
    assert len(both.rows("messages/", company=f"{chile.pk},{peru.pk}")) == 7
    assert len(both.rows("daily-counts/", company=f"{chile.pk},{peru.pk}")) == 5


def test_what_takes_one_value_says_so(api: Api, chile: Company) -> None:
    assert errors(api.ask("messages/", received_from=["2020-09-24T00:00:00Z"] * 2)).keys() == {"received_from"}
    assert errors(api.ask("availability/", company=[chile.pk, chile.pk])) == {"company": "Given more than once."}
    assert errors(api.ask("concentrators/", q=["a1", "a2"])).keys() == {"q"}


def test_the_schema_says_which_take_several(db: None) -> None:
    with translation.override("en"):
        paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]  # type: ignore[no-untyped-call]
    for name in LISTS:
        filterset = getattr(VIEWS[name], "filterset_class", None)
        given = paths[f"{ROOT}{name}/"]["get"].get("parameters", ())
        lists = {one["name"] for one in given if one["schema"].get("type") == "array"}
        assert lists == (names_of_several(filterset) if filterset else set()), name
        assert "q" not in lists


def test_the_silent_ones_of_a_day_are_found_among_concentrators(api: Api, peru: Company) -> None:
    with time_machine.travel(AT + timedelta(days=2), tick=False):
        assert serials(api, "concentrators/", silent_on="2020-09-25") == ["A1", "A2"]
        assert serials(api, "concentrators/", silent_on="2020-09-24") == []
        assert errors(api.ask("concentrators/", silent_on="yesterday")).keys() == {"silent_on"}


def test_the_silent_ones_are_those_of_each_companys_own_day(chile: Company) -> None:
    far = CompanyFactory.create(name="Far", time_zone="Asia/Tokyo")
    one = ConcentratorFactory.create(company=far, serial_number="T1", in_field=True)
    Concentrator.objects.filter(pk=one.pk).update(installed_at=AT - timedelta(days=2))
    Assignment.objects.update_or_create(concentrator=one, defaults={"begin": AT - timedelta(days=2), "period_min": 10})
    record([arrival("T1", AT)])  # on the 24th in Tokyo, too: 19:18
    api = Api(make_operator(chile, far, name="both"))
    with time_machine.travel(AT + timedelta(days=2), tick=False):
        assert serials(api, "concentrators/", silent_on="2020-09-25") == ["A1", "A2", "T1"]
        assert serials(api, "concentrators/", silent_on="2020-09-23") == ["T1"]


def test_places_are_found_by_a_part_of_their_names(api: Api, chile: Company) -> None:
    Concentrator.objects.filter(serial_number="A1").update(substation="Maipu", feeder="M-F1")
    assert serials(api, "concentrators/", substation="maip") == ["A1"]
    assert serials(api, "concentrators/", feeder="f1", substation="x") == []
