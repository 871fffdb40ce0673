"""Administrators read whose tokens there are, of those whom they may change, and end them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from knox.models import AuthToken

from concentrators.models import Company
from smmeplus.api.tokens.of_users import TokenTable
from smmeplus.logs import SECURITY
from smmeplus.models import TokenDetails
from smmeplus.people.rights import changeable_users, may_change, visible_users
from smmeplus.roles import ADMINISTRATOR
from tests.factories import CompanyFactory, UserFactory
from tests.smmeplus.api.asking import Api
from tests.smmeplus.people.test_security_log import Lines
from tests.smmeplus.translation.markup import parse, rows
from tests.smmeplus.users import client_of, make_operator, make_user, make_viewer

pytestmark = pytest.mark.one_database

PAGE, END = "/tokens/of-users/", "/tokens/of-users/end/"


def token_of(user: User, name: str = "Pump", days: int = 90, **details: object) -> AuthToken:
    row, _token = AuthToken.objects.create(user, expiry=timedelta(days=days))
    TokenDetails.objects.create(token=row, name=name, **details)
    return row


@pytest.fixture
def head(chile: Company) -> User:
    """The administrator of Chile, no superuser."""
    user = make_user("head", chile, is_staff=True)
    user.groups.add(Group.objects.get(name=ADMINISTRATOR))
    return user


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, logger = Lines(), logging.getLogger(SECURITY)
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


def everybody(chile: Company, peru: Company) -> list[User]:
    """One user of each kind that matters."""
    odd = make_user("odd", chile, permissions=("wakeup.delete_message",))
    return [
        make_viewer(chile),
        make_operator(chile, name="op"),
        make_operator(peru, name="foreign"),
        make_operator(chile, peru, name="between"),
        UserFactory.create(username="new"),
        UserFactory.create(username="root", is_superuser=True),
        odd,
    ]


def test_whose_tokens_are_seen_is_whom_one_may_change(head: User, chile: Company, administrator: User) -> None:
    peru = CompanyFactory.create(name="Peru")
    users = everybody(chile, peru)
    for user in users:
        token_of(user, name=f"Of {user.username}")
    for actor in (head, administrator):
        seen = {row[0] for row in rows(parse(client_of(actor).get(PAGE)))}
        allowed = {user.username for user in users if user in visible_users(actor) and may_change(actor, user)}
        assert seen == allowed
        assert seen == {user.username for user in changeable_users(actor) if user in users}
    assert "viewer" in allowed


def test_a_row_tells_scope_companies_networks_and_use(head: User, operator: User, chile: Company) -> None:
    token_of(operator, may_write=False, companies=[chile.pk], networks="10.0.0.0/8", last_used_on=date(2026, 9, 24))
    token_of(operator, name="Old", days=-1)
    AuthToken.objects.create(operator, expiry=None)
    shown = {row[1]: row for row in rows(parse(client_of(head).get(PAGE)))}
    assert shown["Pump"][3:6] == ["read", "Chile", "10.0.0.0/8"]
    assert "2026" in shown["Pump"][8]
    assert shown["Old"][-1] == "ended"
    bare = next(row for name, row in shown.items() if name.startswith("smm_"))
    assert (bare[3:6], bare[7], bare[8]) == (["read and write", "all", "any"], "never", "never")


def test_names_of_foreign_companies_are_not_told(head: User, operator: User, chile: Company) -> None:
    foreign = CompanyFactory.create(name="Peru Secreto")
    token_of(operator, companies=[chile.pk, foreign.pk])
    page = client_of(head).get(PAGE).content.decode()
    assert "Peru Secreto" not in page
    assert "Chile" in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"Pump", "Old"}),
        ("?state=good", {"Pump"}),
        ("?state=ended", {"Old"}),
        ("?q=PUM", {"Pump"}),
        ("?q=operator", {"Pump", "Old"}),
        ("?q=nobody", set()),
        ("?state=x", set()),
        ("?q=%00", set()),
    ],
)
def test_filters_narrow_the_list(head: User, operator: User, query: str, names: set[str]) -> None:
    token_of(operator)
    token_of(operator, name="Old", days=-1)
    response = client_of(head).get(PAGE + query, headers={"HX-Request": "true"})
    assert {row[1] for row in rows(parse(response)) if len(row) > 1} == names


@pytest.mark.parametrize(
    "column", [name for name, one in TokenTable.base_columns.items() if one.orderable is not False]
)
def test_every_column_sorts_both_ways(head: User, operator: User, column: str) -> None:
    for name, days in (("A", 10), ("B", 20), ("C", 30)):
        token_of(operator, name=name, days=days)
    orders = [
        [row[1] for row in rows(parse(client_of(head).get(f"{PAGE}?sort={sort}")))] for sort in (column, f"-{column}")
    ]
    assert sorted(orders[0]) == sorted(orders[1]) == ["A", "B", "C"]
    if column in {"name", "created", "expiry"}:
        assert orders[0] == orders[1][::-1] == ["A", "B", "C"]


def test_to_end_one_ends_it_and_is_in_the_log(head: User, operator: User, lines: Lines) -> None:
    api = Api(operator)
    row = AuthToken.objects.get()
    response = client_of(head).post(END, {"token": row.pk}, follow=True)
    assert "was ended" in response.content.decode()
    assert api.ask("companies/").status_code == 401
    told = lines.of("token revoked")
    assert (told["user"], told["of"], told["token"]) == ("head", "operator", f"{row.token_key}…")


def test_one_of_somebody_whom_one_may_not_change_stays(head: User, administrator: User, chile: Company) -> None:
    others = [token_of(administrator), token_of(make_operator(chile, CompanyFactory.create(), name="between"))]
    client = client_of(head)
    for key in (*(row.pk for row in others), "", "\0", "x", "9" * 5000):
        assert client.post(END, {"token": key}).status_code == 302
    assert AuthToken.objects.count() == 2


def test_operators_and_viewers_neither_read_nor_end(operator: User, chile: Company) -> None:
    row = token_of(make_viewer(chile))
    for user in (operator, make_viewer(chile, name="other")):
        client = client_of(user)
        assert client.get(PAGE).status_code == 403
        assert client.post(END, {"token": row.pk}).status_code == 403
        assert PAGE not in client.get("/tokens/").content.decode()
    assert Client().get(PAGE)["Location"].startswith("/sign-in/")
    assert AuthToken.objects.exists()


def test_it_takes_few_queries_however_many_there_are(head: User, operator: User) -> None:
    counts = []
    client = client_of(head)
    for number in (1, 20):
        for place in range(number):
            token_of(operator, name=f"T{place}")
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 10


def test_the_admin_site_makes_and_changes_none_and_deletes(administrator: User, operator: User) -> None:
    row, client = token_of(operator), client_of(administrator)
    address = "/admin/knox/authtoken/"
    assert client.get(address).status_code == 200
    assert client.get(f"{address}add/").status_code == 403
    assert client.post(f"{address}add/", {"user": operator.pk}).status_code == 403
    assert client.post(f"{address}{row.pk}/change/", {"user": administrator.pk}).status_code == 403
    assert AuthToken.objects.get().user == operator
    client.post(f"{address}{row.pk}/delete/", {"post": "yes"})
    assert not AuthToken.objects.exists()
