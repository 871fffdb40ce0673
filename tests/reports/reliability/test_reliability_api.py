"""The figures of a month in the API, by the same rules as the page (STA-6)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from concentrators.models import Company
from tests.factories import CompanyFactory
from tests.reports.reliability.outages import in_field, local, outage
from tests.smmeplus.api.asking import Api, errors, problem
from tests.smmeplus.users import make_operator, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def july() -> Iterator[None]:
    """When April is over."""
    with time_machine.travel(local("2027-07-01 12:00"), tick=False):
        yield


@pytest.fixture
def api(operator: User, chile: Company) -> Api:
    """Of Chile with two concentrators, one of which was dark for two hours of April."""
    one = in_field(chile, "A1", local("2027-01-01 00:00"), customers=100, substation="S", feeder="F")
    in_field(chile, "A2", local("2027-01-01 00:00"), customers=300)
    outage(one, local("2027-04-10 10:00"), local("2027-04-10 12:00"), quality="restored", is_announced=False)
    return Api(operator)


def test_a_month_says_its_figures_with_their_coverage(api: Api, chile: Company) -> None:
    month = api.get("reliability/", month="2027-04", company=chile.pk)
    covered = {"measured": 0, "restored": 100, "inferred": 0}
    assert month["indices"]["unplanned"] == month["indices"]["all"]
    assert month["indices"]["unplanned"] == {
        "saidi": {"value": 30, "coverage": covered},
        "saifi": {"value": 0.25, "coverage": covered},
        "caidi": {"value": 120, "coverage": covered},
        "maifi": {"value": 0, "coverage": dict.fromkeys(covered)},
    }
    assert month["indices"]["planned"]["caidi"] == {"value": None, "coverage": dict.fromkeys(covered)}
    assert (month["begin"], month["end"]) == (
        "2027-04-01T00:00:00.000000-03:00",
        "2027-05-01T00:00:00.000000-04:00",
    )
    assert (month["hours"], month["customers_served"], month["momentary_limit_min"]) == (721, 400, 3)
    assert month["causes"][0] == {
        "cause": "power",
        "outages": 1,
        "planned": 0,
        "momentary": 0,
        "lasting": 0,
        "seconds": 7200,
        "customers": 100,
        "customer_seconds": 720000,
        "announced_percent": 0,
        "coverage": covered,
    }
    assert month["worst_places"] == [
        {"substation": "S", "feeder": "F", "outages": 1, "customers": 100, "customer_seconds": 720000}
    ]


@pytest.mark.parametrize("path", ["reliability/", "availability/"])
def test_what_is_wrong_is_refused_with_what_is_right(api: Api, path: str) -> None:
    elsewhere = CompanyFactory.create(name="Elsewhere")
    assert errors(api.ask(path, month="2027-13")) == {"month": "A month is like 2027-04."}
    assert errors(api.ask(path, company=elsewhere.pk)).keys() == {"company"}
    assert errors(api.ask(path, mnoth="2027-04")).keys() == {"mnoth"}
    assert errors(api.ask(path, month="")).keys() == {"month"}


def test_without_parameters_it_is_the_present_month_of_the_first_company(api: Api, chile: Company) -> None:
    month = api.get("reliability/")
    assert (month["company"], month["month"], month["is_over"]) == (chile.pk, "2027-07", False)


def test_who_belongs_to_no_company_finds_none(api: Api) -> None:
    nobody = Api(make_operator(name="nobody"))
    problem(nobody.ask("reliability/"), 404)
    assert nobody.rows("availability/") == []


def test_it_takes_the_right_to_see_outages(chile: Company) -> None:
    roleless = Api(make_user("roleless", chile))
    for path in ("reliability/", "availability/"):
        problem(roleless.ask(path), 403)


def test_each_concentrator_says_its_availability(api: Api, chile: Company) -> None:
    rows = api.rows("availability/", month="2027-04")
    assert [row["concentrator"] for row in rows] == ["A1", "A2"]
    assert rows[0] == {
        "concentrator": "A1",
        "company": chile.pk,
        "substation": "S",
        "feeder": "F",
        "customers": 100,
        "availability_percent": pytest.approx(100 * (1 - 2 / 721)),
        "outages": 1,
        "outage_s": 7200,
        "planned_s": 0,
        "expected": 721 * 6,
        "received": 0,
        "missing": 721 * 6,
    }


@pytest.mark.parametrize("path", ["reliability/", "availability/"])
def test_it_takes_under_ten_queries(api: Api, path: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        api.get(path, month="2027-04")
    assert len(captured) < 10
