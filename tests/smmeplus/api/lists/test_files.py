"""Lists of the API as CSV files: what the pages export, for a program with a token (REP-6, API-1)."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from smmeplus.common.exporting import limits
from smmeplus.common.lists import ListPage
from smmeplus.logs import SECURITY
from tests.factories import CompanyFactory
from tests.smmeplus.api.asking import LISTS, Api, errors, problem
from tests.smmeplus.common.all_lists import list_views
from tests.smmeplus.users import client_of, make_operator

pytestmark = pytest.mark.one_database("postgresql")

#: The pages with files, and the lists with the same.
PAGES = {
    "concentrators:list": "concentrators",
    "rollouts:list": "roll-outs",
    "rollouts:members": "roll-out-members",
    "planned:list": "planned-work",
    "meters:list": "meters",
    "configurations:list": "configurations",
    "alarms:list": "alarms",
    "changes:list": "status-changes",
    "incidents:list": "incidents",
    "incidents:work-list": "outages",
    "reports:meters": "sightings",
    "reports:meter-counts-by-concentrator": "meter-counts-by-concentrator",
    "reports:meter-counts": "meter-counts",
    "reports:repeaters": "repeaters",
    "reports:wakeup": "wakeup-totals",
    "reports:wakeup-per-day": "daily-counts",
    "reports:reliability": "availability",
}
#: Without a list of the same rows, for whatever reason.
NOT_THERE = {
    "reports:in-field": "a view of concentrators/",
    "reports:days": "daily-counts/ has the days in rows",
    "reports:meter-conflicts": "meter-conflicts/ has a row a conflict, not a sighting",
    "deliveries:list": "only for who sees all companies",
}
FILES = sorted({*PAGES.values(), "messages", "deliveries"})
NO_FILES = sorted({*LISTS} - {*FILES})
FILTERS: dict[str, str] = {"availability": "2020-09", "reports:reliability": "2020-09"}


def body(response: Any) -> str:
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment")
    whole: bytes = b"".join(response.streaming_content)
    return whole.decode("utf-8-sig")


def table(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body(response))))


def month(name: str) -> dict[str, str]:
    return {"month": FILTERS[name]} if name in FILTERS else {}


def test_every_page_with_a_file_is_in_the_api_or_says_why_not() -> None:
    with_file = {
        name
        for name, view in list_views().items()
        if issubclass(view, ListPage)
        and (view.export_columns or view.get_export_columns is not ListPage.get_export_columns)
    }
    assert with_file == {*PAGES, *NOT_THERE}


@pytest.mark.parametrize(("page", "name"), PAGES.items(), ids=PAGES)
def test_a_file_has_the_columns_of_the_page(page: str, name: str, operator: User, peru: Company) -> None:
    of_page = table(client_of(operator).get(reverse(page), {"export": "csv", **month(page)}))
    assert table(Api(operator).ask(f"{name}/", **{"as": "csv"}, **month(name)))[0] == of_page[0]


@pytest.mark.parametrize("name", FILES)
def test_a_file_has_all_rows_of_the_list_and_no_others(name: str, api: Api, peru: Company) -> None:
    rows = api.rows(f"{name}/", limit=1, **month(name))
    found = table(api.client.get(f"/api/v1/{name}/", month(name), headers={"Accept": "text/csv"}))
    assert len(found) - 1 == len(rows)
    assert "P1" not in {cell for row in found for cell in row}


def test_a_file_is_filtered_as_the_list_is_and_in_its_order(api: Api) -> None:
    given = {"concentrator": "a2", "as": "csv"}
    head, *rows = table(api.ask("messages/", **given))
    assert head[:3] == ["id", "concentrator_name", "kind"]
    assert [row[1:4] for row in rows] == [
        ["A2", "lastgasp", "2020-09-24T10:18:47.500000+00:00"],
        ["A2", "boot", "2020-09-24T10:18:46.500000+00:00"],
        ["A2", "keepalive", "2020-09-23T10:18:46.500000+00:00"],
    ]
    assert {row[7] for row in rows} == {"push"}


def test_the_shares_of_meters_are_those_of_the_page(api: Api, operator: User) -> None:
    page = table(client_of(operator).get(reverse("reports:meter-counts"), {"export": "csv"}))
    assert sorted(table(api.ask("meter-counts/", **{"as": "csv"}))) == sorted(page)


def test_whoever_cannot_set_accept_says_so_in_the_address(api: Api) -> None:
    assert api.get("concentrators/", **{"as": "json"})["results"]
    assert "xlsx" not in errors(api.ask("concentrators/", **{"as": "xlsx"}))["as"]
    assert errors(api.ask("concentrators/", **{"as": ""})).keys() == {"as"}
    assert errors(api.client.get("/api/v1/concentrators/?as=csv&as=csv")).keys() == {"as"}


def test_json_is_what_everybody_else_gets(api: Api) -> None:
    for accept in ("*/*", "application/json", "text/html,*/*;q=0.8", "application/json, text/csv"):
        response = api.client.get("/api/v1/concentrators/", headers={"Accept": accept})
        assert response["Content-Type"] == "application/json", accept


@pytest.mark.parametrize("name", FILES)
def test_a_file_has_no_pages_and_refuses_what_is_misspelled(name: str, api: Api) -> None:
    wrong = {"as": "csv", "limit": "5", "cursor": "x", "compnay": "1"}
    assert errors(api.ask(f"{name}/", **wrong)).keys() == {"limit", "cursor", "compnay"}


@pytest.mark.parametrize("name", NO_FILES)
def test_a_list_without_a_file_says_so(name: str, api: Api) -> None:
    problem(api.client.get(f"/api/v1/{name}/", headers={"Accept": "text/csv"}), 406)
    assert errors(api.ask(f"{name}/", **{"as": "csv"})).keys() == {"as"}


def test_a_single_thing_has_no_file(api: Api) -> None:
    problem(api.client.get("/api/v1/concentrators/A1/", headers={"Accept": "text/csv"}), 406)


def test_a_file_needs_the_rights_of_the_list(roleless_api: Api, peru: Company) -> None:
    for name in FILES:
        problem(roleless_api.ask(f"{name}/", **{"as": "csv"}), 403)
        problem(Api().ask(f"{name}/", **{"as": "csv"}), 401)


def test_local_times_need_one_company_or_one_clock(peru: Company, chile: Company) -> None:
    api = Api(make_operator(chile, peru, name="both"))
    assert len(table(api.ask("wakeup-totals/", **{"as": "csv"}))) == 4  # of one clock
    Company.objects.filter(pk=peru.pk).update(time_zone="America/Lima")
    response = api.ask("wakeup-totals/", **{"as": "csv"})
    assert problem(response, 400)["errors"][0]["code"] == "required"
    assert errors(response).keys() == {"company"}
    one = table(api.ask("wakeup-totals/", company=peru.pk, **{"as": "csv"}))
    assert one[1][5].endswith("-05:00")
    assert api.rows("wakeup-totals/")  # its rows say the zone themselves


def test_a_formula_in_a_name_stays_a_text(api: Api, chile: Company) -> None:
    chile.concentrators.filter(serial_number="A1").update(substation="=1+1")
    assert "'=1+1" in body(api.ask("concentrators/", **{"as": "csv"}))


def test_too_many_at_once_is_a_problem_with_a_time_to_wait(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "take_place", lambda _user: None)
    response = api.ask("messages/", **{"as": "csv"})
    assert problem(response, 429)["code"] == "throttled"
    assert response["Retry-After"] == "60"


def test_a_file_is_in_the_security_log(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger=SECURITY):
        table(api.ask("concentrators/", **{"as": "csv"}))
    (record,) = [record for record in caplog.records if record.message == "export"]
    assert vars(record)["facts"]["path"] == "/api/v1/concentrators/"


@pytest.mark.parametrize("scheme", ["Bearer", "Token", "Basic"])
def test_a_page_answers_a_program_with_a_problem_and_never_with_the_sign_in(api: Api, scheme: str) -> None:
    for page in PAGES | NOT_THERE:
        for method in (api.client.get, api.client.post):
            response = method(reverse(page), headers={"Authorization": f"{scheme} {api.token}"})
            assert problem(response, 401)["code"] == "not_authenticated", page
            assert response["WWW-Authenticate"] == "Bearer"


def test_a_browser_behind_a_proxy_with_a_password_of_its_own_still_gets_the_sign_in(db: None) -> None:
    client = Client()
    headers = {"Authorization": "Basic Zm9vOmJhcg==", "Accept": "text/html,application/xhtml+xml"}
    assert client.get(reverse("reports:wakeup"), headers=headers).status_code == 302
    assert client.get(reverse("reports:wakeup")).status_code == 302


def test_who_is_signed_in_gets_the_page_whatever_the_header(operator: User) -> None:
    response = client_of(operator).get(reverse("reports:wakeup"), headers={"Authorization": "Bearer x"})
    assert response.status_code == 200


def test_a_user_of_no_company_gets_a_file_with_a_head_alone(chile: Company) -> None:
    api = Api(make_operator(CompanyFactory.create(name="Empty"), name="nobody"))
    assert len(table(api.ask("wakeup-totals/", **{"as": "csv"}))) == 1
