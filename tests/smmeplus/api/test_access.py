"""Who sees and does what through the API (ACC-1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client

from concentrators.models import Company, Concentrator, RollOut
from profiles.models import SpontaneousProfile, SystemSettings
from tests.smmeplus.api.asking import LISTS, OF_COMPANIES, ROOT, Api, errors, every_path, problem
from wakeup.models import Message

pytestmark = pytest.mark.one_database

BODIES: list[dict[str, Any]] = [
    {"action": "install", "concentrators": ["A3"], "profile": "Ten"},
    {"action": "modify", "concentrators": ["A1"], "profile": "Ten"},
    {"action": "remove", "concentrators": ["A1"]},
]
#: The names of the addresses that need no sign-in.
OPEN = ("schema", "event-schema", "docs")
#: The names of the addresses that take a POST.
TO_DO = (
    *("meterconflict-decide", "meterconflict-withdraw"),
    *("installations", "configurations-try-again", "roll-out-command", "plannedwork-cancel", "alarm-command"),
    "outofservice-end",
    *(f"incident-{word}" for word in ("acknowledge", "comment", "owner", "reclass", "merge", "split")),
)
#: Lists and rows that are written, too, and how.
WRITTEN = {"plannedwork-list": "post", "plannedwork-detail": "patch", "outofservice-list": "post"}
METHODS = ("get", "post", "put", "patch", "delete", "options", "head")


def contents() -> list[list[dict[str, Any]]]:
    """Everything that somebody might write."""
    models: list[type[Model]] = [Company, Concentrator, SpontaneousProfile, SystemSettings, Message, RollOut]
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def test_the_walk_finds_every_resource() -> None:
    paths = every_path()
    assert {f"{ROOT}{name}/" for name in (*LISTS, "installations", "settings", "schema")} <= set(paths.values())
    assert {f"{ROOT}concentrators/A1/", f"{ROOT}profiles/1/"} <= set(paths.values())


def test_who_has_no_token_is_refused_everywhere_and_sent_nowhere(chile: Company) -> None:
    paths = every_path()
    for name in OPEN:
        del paths[name]
    for path in paths.values():
        for method in METHODS:
            response = getattr(Client(), method)(path)
            assert response.status_code == 401, (method, path)
            assert response["WWW-Authenticate"] == "Bearer"
            if method != "head":
                problem(response, 401)


def test_the_schema_and_its_page_are_for_everybody_and_only_to_be_read(chile: Company) -> None:
    for name in OPEN:
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            assert Client(headers=headers).get(every_path()[name]).status_code == 200
        for method in ("post", "put", "patch", "delete"):
            problem(getattr(Client(), method)(every_path()[name]), 405)
    assert b"Chile" not in Client().get(every_path()["schema"]).content


def test_a_user_without_a_role_may_read_the_schema_and_nothing_else(roleless_api: Api) -> None:
    for name, path in every_path(pk=1).items():
        if name in OPEN:
            continue
        method = roleless_api.client.post if name in TO_DO else roleless_api.client.get
        problem(method(path), 403)
    assert roleless_api.client.get(f"{ROOT}schema/").status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written_by_anybody_but_where_there_is_something_to_do(api: Api, method: str) -> None:
    before = contents()
    for name, path in every_path(pk=Company.objects.get().pk).items():
        if name not in TO_DO and WRITTEN.get(name) != method:
            problem(getattr(api.client, method)(path, "{}", content_type="application/json"), 405)
    assert contents() == before


@pytest.mark.parametrize("body", BODIES, ids=lambda body: str(body["action"]))
def test_a_viewers_token_writes_nothing(viewer_api: Api, body: dict[str, Any]) -> None:
    before = contents()
    problem(viewer_api.post(body), 403)
    for path in every_path().values():
        for method in ("post", "put", "patch", "delete"):
            response = getattr(viewer_api.client, method)(path, body, content_type="application/json")
            assert response.status_code in (403, 405, 302), (method, path)
    assert contents() == before


def test_a_viewers_token_reads_all_that_is_of_his_company(viewer_api: Api, peru: Company) -> None:
    held = {name: len(viewer_api.rows(f"{name}/")) for name in OF_COMPANIES}
    assert held == OF_COMPANIES


def test_a_strangers_token_sees_nothing(stranger_api: Api, chile: Company) -> None:
    nowhere = Company.objects.get(name="Nowhere").pk
    for name in OF_COMPANIES:
        rows = stranger_api.rows(f"{name}/")
        assert {row["id" if name == "companies" else "company"] for row in rows} <= {nowhere}, name
    for row in Concentrator.objects.all():
        problem(stranger_api.ask(f"concentrators/{row.serial_number}/"), 404)
        for name in ("messages", "wakeup-totals", "daily-counts"):
            foreign = errors(stranger_api.ask(f"{name}/", concentrator=row.serial_number))
            assert foreign == errors(stranger_api.ask(f"{name}/", concentrator="NONE"))
    problem(stranger_api.ask(f"companies/{chile.pk}/"), 404)


@pytest.mark.parametrize("name", [name for name in OF_COMPANIES if name != "companies"])
def test_a_foreign_company_is_refused_as_one_that_is_not_there(stranger_api: Api, chile: Company, name: str) -> None:
    foreign = errors(stranger_api.ask(f"{name}/", company=chile.pk))
    missing = errors(stranger_api.ask(f"{name}/", company=10**9))
    assert foreign.keys() == {"company"}
    assert foreign["company"].replace(str(chile.pk), "") == missing["company"].replace(str(10**9), "")
    assert "Chile" not in foreign["company"]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: str(body["action"]))
def test_a_strangers_token_installs_nothing_of_others(stranger_api: Api, chile: Company, body: dict[str, Any]) -> None:
    before = contents()
    foreign = errors(stranger_api.post(body))
    assert (
        foreign
        == errors(stranger_api.post(body | {"concentrators": ["NONE"]}))
        == {"concentrators.0": "There is no such concentrator."}
    )
    assert errors(stranger_api.post(body | {"company": chile.pk})) == errors(
        stranger_api.post(body | {"company": 10**9})
    )
    assert contents() == before


def test_a_superusers_token_sees_every_company(administrator: User, peru: Company) -> None:
    assert [row["name"] for row in Api(administrator).rows("companies/")] == ["Chile", "Peru"]
    assert len(Api(administrator).rows("messages/")) == 7


def test_a_session_reads_and_with_its_csrf_token_writes(operator: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)
    assert len(client.get(f"{ROOT}concentrators/").json()["results"]) == 3
    body, address = {"action": "remove", "concentrators": ["A1"]}, f"{ROOT}installations/"
    assert "CSRF" in problem(client.post(address, body, content_type="application/json"), 403)["detail"]
    client.get("/tokens/")
    token = client.cookies["csrftoken"].value
    allowed = client.post(address, body, content_type="application/json", headers={"X-CSRFToken": token})
    assert allowed.json()["changed"] == 1
