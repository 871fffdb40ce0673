"""What a token itself forbids: to write, other companies than its own, other networks (API-1)."""

from __future__ import annotations

import json
import logging
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from knox.models import AuthToken
from rest_framework.throttling import SimpleRateThrottle

from concentrators.models import Company, Concentrator
from smmeplus.logs import SECURITY
from smmeplus.models import TokenDetails
from tests.factories import CompanyFactory, SpontaneousProfileFactory, UserFactory
from tests.smmeplus.api.asking import LISTS, OF_COMPANIES, ROOT, Api, errors, every_path, problem
from tests.smmeplus.api.conftest import arrival
from tests.smmeplus.people.test_security_log import Lines
from wakeup.recording.recorder import record

pytestmark = pytest.mark.one_database

#: Lists in which Peru has nothing.
EMPTY = {
    *("configurations", "roll-outs", "roll-out-members", "status-changes", "power-failures"),
    *("alarms", "availability", "out-of-service"),
}
WRITING = ("post", "put", "patch", "delete")


def api_with(user: User, **details: Any) -> Api:
    """A program of ``user`` with a token of these details."""
    row, token = AuthToken.objects.create(user)
    TokenDetails.objects.create(token=row, name="Pump", **details)
    return Api(token=token)


@pytest.fixture
def both(operator: User, peru: Company) -> User:
    """The operator of Chile, who belongs to Peru as well."""
    peru.users.add(operator)
    return operator


def keys(rows: list[dict[str, Any]]) -> set[str]:
    return {json.dumps(row, sort_keys=True) for row in rows}


@pytest.mark.parametrize("name", OF_COMPANIES)
def test_a_token_of_one_company_shows_of_each_list_what_a_user_of_that_company_sees(
    both: User, chile: Company, peru: Company, name: str
) -> None:
    of_peru = keys(api_with(both, companies=[peru.pk]).rows(f"{name}/"))
    alone = UserFactory.create(username="alone")
    alone.groups.set(both.groups.all())
    peru.users.add(alone)
    assert of_peru == keys(Api(alone).rows(f"{name}/"))
    assert of_peru or name in EMPTY


@pytest.mark.parametrize("name", [name for name in OF_COMPANIES if name != "companies"])
def test_the_users_other_company_is_to_a_token_as_one_that_is_not_there(
    both: User, chile: Company, peru: Company, name: str
) -> None:
    assert errors(api_with(both, companies=[peru.pk]).ask(f"{name}/", company=chile.pk)).keys() == {"company"}


def test_single_things_of_the_other_company_are_not_found(both: User, chile: Company, peru: Company) -> None:
    mine, limited = Api(both), api_with(both, companies=[peru.pk])
    details = [name for name in every_path() if name.endswith("-detail")]
    asked = 0
    for name in details:
        of_list = every_path()[name.replace("-detail", "-list")]
        for row in mine.rows(of_list):
            if row.get("company", chile.pk) != chile.pk or "profile" in of_list:
                continue
            key = row.get("serial_number") or row.get("concentrator") or row.get("id")
            if mine.ask(f"{of_list}{key}/").status_code == 200 and key != peru.pk:
                asked += 1
                problem(limited.ask(f"{of_list}{key}/"), 404)
    assert asked > 10


def test_nothing_of_the_other_company_is_changed(both: User, peru: Company) -> None:
    limited = api_with(both, companies=[peru.pk])
    before = list(Concentrator.history.values_list("pk"))
    for body in (
        {"action": "install", "concentrators": ["A3"], "profile": "Ten"},
        {"action": "remove", "concentrators": ["A1"]},
        {"action": "remove", "concentrators": ["A1", "P1"]},
    ):
        assert "concentrators.0" in errors(limited.post(body))
    assert list(Concentrator.history.values_list("pk")) == before
    assert limited.post({"action": "remove", "concentrators": ["P1"]}).status_code == 200


def test_a_superusers_token_of_one_company_sees_that_one(administrator: User, peru: Company) -> None:
    limited = api_with(administrator, companies=[peru.pk])
    assert [row["name"] for row in limited.rows("companies/")] == ["Peru"]
    assert [row["serial_number"] for row in limited.rows("concentrators/")] == ["P1"]


def test_a_superusers_token_of_one_company_sees_no_profile_of_another(
    administrator: User, chile: Company, peru: Company
) -> None:
    SpontaneousProfileFactory.create(name="Of Chile", company=chile)
    SpontaneousProfileFactory.create(name="Of Peru", company=peru)
    names = {row["name"] for row in api_with(administrator, companies=[peru.pk]).rows("profiles/")}
    assert "Of Peru" in names
    assert "Of Chile" not in names


def test_a_token_of_no_company_in_particular_sees_those_to_come(operator: User, peru: Company) -> None:
    every = api_with(operator)
    assert len(every.rows("companies/")) == 1
    peru.users.add(operator)
    assert len(every.rows("companies/")) == 2


def test_a_company_that_its_user_has_lost_is_lost_to_the_token(both: User, peru: Company) -> None:
    limited = api_with(both, companies=[peru.pk])
    peru.users.remove(both)
    assert limited.rows("companies/") == limited.rows("messages/") == []


def test_a_token_of_a_company_that_is_gone_sees_none_and_not_all(both: User) -> None:
    gone = CompanyFactory.create(name="Gone")
    gone.users.add(both)
    limited = api_with(both, companies=[gone.pk])
    gone.delete()
    assert limited.rows("companies/") == []


def test_a_token_limits_no_other_request_of_its_user(both: User, peru: Company) -> None:
    api_with(both, companies=[peru.pk]).get("companies/")
    assert len(Api(both).rows("companies/")) == 2


def test_a_token_that_only_reads_reads_and_writes_nothing_anywhere(operator: User, chile: Company) -> None:
    reading = api_with(operator, may_write=False)
    for name in LISTS:
        reading.get(f"{name}/")
    assert reading.client.head(f"{ROOT}companies/").status_code == 200
    for path in every_path().values():
        for method in WRITING:
            response = getattr(reading.client, method)(path, "{}", content_type="application/json")
            if not path.endswith(("/docs/", "/schema/")):  # which know nobody
                assert problem(response, 403)["code"] == "token_read_only", (method, path)


def test_a_token_that_may_write_writes(operator: User) -> None:
    assert api_with(operator).post({"action": "remove", "concentrators": ["A1"]}).status_code == 200


@pytest.mark.parametrize(
    ("networks", "address", "is_good"),
    [
        ("", "203.0.113.9", True),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "::ffff:10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8 192.0.2.7", "192.0.2.7", True),
        ("10.0.0.0/8 192.0.2.7", "192.0.2.8", False),
        ("10.0.0.0/8", "2001:db8::1", False),
        ("2001:db8::/32", "2001:db8::1", True),
        ("10.0.0.0/8", "", False),
        ("0.0.0.0/0", "unix:", False),
    ],
)
def test_a_token_is_good_from_its_networks(operator: User, networks: str, address: str, is_good: bool) -> None:
    one = api_with(operator, networks=networks)
    response = one.client.get(f"{ROOT}companies/", REMOTE_ADDR=address)
    if is_good:
        assert response.status_code == 200
    else:
        assert problem(response, 403)["code"] == "token_network"


def test_the_address_is_that_of_the_browser_and_not_what_it_writes(operator: User, settings: Any) -> None:
    one = api_with(operator, networks="10.0.0.0/8")
    forged: dict[str, Any] = {"headers": {"X-Forwarded-For": "10.1.2.3"}, "REMOTE_ADDR": "203.0.113.9"}
    settings.PROXIES = 0
    problem(one.client.get(f"{ROOT}companies/", **forged), 403)
    settings.PROXIES = 1
    assert one.client.get(f"{ROOT}companies/", **forged).status_code == 200


def test_the_day_of_the_last_use_is_known_and_written_once_a_day(operator: User) -> None:
    one = api_with(operator)
    for day in (24, 25):
        for hour, writes in ((1, 1), (2, 0), (23, 0)):
            with (
                time_machine.travel(datetime(2026, 9, day, hour, tzinfo=UTC), tick=False),
                CaptureQueriesContext(connection) as seen,
            ):
                AuthToken.objects.update(expiry=None)
                one.get("companies/")
            written = [query["sql"] for query in seen if query["sql"].startswith(("UPDATE", "INSERT"))]
            assert sum("tokendetails" in sql for sql in written) == writes
        assert TokenDetails.objects.get().last_used_on == date(2026, 9, day)


def test_a_token_of_before_works_and_gets_what_it_lacks_at_its_first_use(operator: User) -> None:
    api = Api(operator)
    assert api.post({"action": "remove", "concentrators": ["A1"]}).status_code == 200
    details = TokenDetails.objects.get()
    assert (details.name, details.may_write, details.companies) == (f"{api.token[:15]}…", True, [])
    assert details.last_used_on is not None
    api.get("companies/")
    assert TokenDetails.objects.count() == 1


def test_what_a_token_forbids_is_in_the_security_log_without_the_token(operator: User) -> None:
    one, lines, logger = api_with(operator, may_write=False), Lines(), logging.getLogger(SECURITY)
    logger.addHandler(lines)
    try:
        one.post({"action": "remove", "concentrators": ["A1"]})
    finally:
        logger.removeHandler(lines)
    told = lines.of("token refused")
    assert (told["user"], told["token"], told["name"]) == ("operator", f"{one.token[:15]}…", "Pump")
    assert (told["reason"], told["method"]) == ("token_read_only", "POST")
    assert one.token not in json.dumps(lines.found)


def test_refusals_of_a_token_are_bounded(operator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"user": None, "refused": "2/min"})
    one = api_with(operator, networks="10.0.0.0/8")
    asked = [one.client.get(f"{ROOT}companies/", REMOTE_ADDR="203.0.113.77").status_code for _ in range(3)]
    assert asked == [403, 403, 429]


def test_what_comes_while_one_asks_is_limited_as_well(both: User, peru: Company) -> None:
    limited = api_with(both, companies=[peru.pk])
    record([arrival("A1"), arrival("P1")])
    assert {row["concentrator"] for row in limited.rows("messages/")} == {"P1"}
