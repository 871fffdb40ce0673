"""The page on which users make and revoke their own tokens."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import AuthToken
from pytest_django.fixtures import Settings

from concentrators.models import Company
from smmeplus.api.tokens import DAYS, MOST_TOKENS
from smmeplus.logs import SECURITY
from smmeplus.models import TokenDetails
from tests.factories import CompanyFactory
from tests.smmeplus.api.asking import Api, problem
from tests.smmeplus.api.tokens.making import PAGE, PASSWORD, REVOKE, browser_of, filled_in, make, token_in
from tests.smmeplus.people.test_security_log import Lines
from tests.smmeplus.translation.markup import parse, rows
from tests.smmeplus.users import client_of

pytestmark = pytest.mark.one_database


@pytest.fixture
def owner(operator: User) -> Client:
    return browser_of(operator)


def test_a_new_token_works_and_is_shown_once(owner: Client) -> None:
    made = owner.post(PAGE, filled_in())
    assert made["Location"] == PAGE
    shown = owner.get(PAGE)
    token = token_in(shown)
    assert "no-store" in shown["Cache-Control"]
    assert len(Api(token=token).rows("companies/")) == 1
    again = owner.get(PAGE)
    assert token_in(again) == ""
    assert token not in again.content.decode()
    assert token[:15] in again.content.decode()
    assert AuthToken.objects.count() == 1


def test_no_table_and_no_log_ever_has_it(owner: Client) -> None:
    lines, logger = Lines(), logging.getLogger(SECURITY)
    logger.addHandler(lines)
    try:
        with CaptureQueriesContext(connection) as queries:
            token = make(owner)
    finally:
        logger.removeHandler(lines)
    assert not [query for query in queries if token[15:] in query["sql"]]
    told = lines.of("token made")
    assert (told["user"], told["name"], told["scope"], told["days"]) == ("operator", "Pump", "read", 30)
    assert token not in json.dumps(lines.found)
    assert PASSWORD not in json.dumps(lines.found)


def test_the_cookie_is_for_that_page_alone_and_ends(owner: Client, settings: Settings) -> None:
    settings.SESSION_COOKIE_SECURE = True
    cookie = owner.post(PAGE, filled_in()).cookies["new-token"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["secure"]) == (PAGE, True, "Strict", True)
    assert int(cookie["max-age"]) <= 60
    assert owner.get(PAGE).cookies["new-token"]["max-age"] == 0


def test_what_is_looked_at_late_is_not_shown(owner: Client) -> None:
    owner.post(PAGE, filled_in())
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        assert token_in(owner.get(PAGE)) == ""


def test_who_signs_in_next_in_the_browser_is_shown_nothing(owner: Client, administrator: User) -> None:
    owner.post(PAGE, filled_in())
    owner.force_login(administrator)
    assert token_in(owner.get(PAGE)) == ""


@pytest.mark.parametrize("value", ["smm_forged", "smm_forged:1:2", "", ":" * 300])
def test_a_forged_cookie_shows_nothing(owner: Client, value: str) -> None:
    owner.cookies["new-token"] = value
    assert token_in(owner.get(PAGE)) == ""


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper(), f" {PASSWORD}", "x" * 5000, "\0"])
def test_without_the_password_none_is_made(owner: Client, password: str) -> None:
    response = owner.post(PAGE, filled_in(password=password))
    assert response.status_code == 200
    assert not AuthToken.objects.exists()


def test_a_stolen_session_cannot_guess_it(owner: Client) -> None:
    for _ in range(10):
        owner.post(PAGE, filled_in(password="wrong"))
    assert owner.post(PAGE, filled_in()).status_code in (200, 429)
    assert not AuthToken.objects.exists()


def test_the_password_is_not_sent_back(owner: Client) -> None:
    assert PASSWORD not in owner.post(PAGE, filled_in(days="x")).content.decode()


def test_who_has_no_password_here_makes_one_soon_after_the_sign_in(operator: User) -> None:
    operator.set_unusable_password()
    operator.save()
    client = client_of(operator)
    assert 'type="password"' not in client.get(PAGE).content.decode()
    asked = filled_in()
    del asked["password"]
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert "Sign out and in again" in client.post(PAGE, asked).content.decode()
    assert not AuthToken.objects.exists()
    assert client.post(PAGE, asked).status_code == 302


@pytest.mark.parametrize("days", DAYS)
def test_a_token_ends_after_the_days_chosen(owner: Client, days: int) -> None:
    make(owner, days=str(days))
    left = AuthToken.objects.get().expiry - timezone.now()
    assert timedelta(days=days, minutes=-1) < left <= timedelta(days=days)
    assert left <= timedelta(days=365)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"days": days} for days in ("", "0", "-1", "366", "x", "\0")),
        *({"name": name} for name in ("", "   ", "x" * 41, "a\0b")),
        *({"scope": scope} for scope in ("", "admin", "READ")),
        *({"networks": text} for text in ("10.0.0.1/8", "x", "10.0.0.0/8;1.1.1.1", "1.2.3.4/33", "9" * 201)),
        *({"companies": [key]} for key in ("0", "x", "-1", str(10**30), "\0")),
    ],
    ids=str,
)
def test_what_is_wrong_makes_no_token(owner: Client, wrong: dict[str, Any]) -> None:
    assert owner.post(PAGE, filled_in(**wrong)).status_code == 200
    assert not AuthToken.objects.exists()


def test_a_token_does_what_was_chosen(owner: Client, operator: User, chile: Company, peru: Company) -> None:
    peru.users.add(operator)
    token = make(
        owner, name="  Pump   of\tChile ", companies=[chile.pk], networks="10.0.0.0/8,192.0.2.7, ::1", scope="read"
    )
    details = TokenDetails.objects.get()
    assert (details.name, details.may_write) == ("Pump of Chile", False)
    assert (details.companies, details.networks) == ([chile.pk], "10.0.0.0/8 192.0.2.7/32 ::1/128")
    assert details.made_from == "127.0.0.1"
    response = Api(token=token).client.get("/api/v1/companies/", REMOTE_ADDR="10.1.1.1")
    assert [row["name"] for row in response.json()["results"]] == ["Chile"]
    [row] = rows(parse(owner.get(PAGE)))
    assert row[:5] == ["Pump of Chile", f"{token[:15]}…", "read", "Chile", "10.0.0.0/8 192.0.2.7/32 ::1/128"]


def test_a_token_that_writes_writes(owner: Client, chile: Company) -> None:
    token = make(owner, scope="write")
    assert Api(token=token).post({"action": "remove", "concentrators": ["A1"]}).status_code == 200


def test_companies_of_others_are_neither_offered_nor_taken(owner: Client, chile: Company) -> None:
    foreign = CompanyFactory.create(name="Peru Secreto")
    assert "Peru Secreto" not in owner.get(PAGE).content.decode()
    response = owner.post(PAGE, filled_in(companies=[chile.pk, foreign.pk]))
    assert response.status_code == 200
    assert "Peru Secreto" not in response.content.decode()
    assert not AuthToken.objects.exists()


def test_a_name_that_was_lost_meanwhile_is_not_told(owner: Client, operator: User, chile: Company) -> None:
    make(owner, companies=[chile.pk])
    chile.users.remove(operator)
    assert "none any more" in owner.get(PAGE).content.decode()


def test_one_name_one_token_of_a_user(owner: Client, administrator: User) -> None:
    make(owner)
    assert "of this name already" in owner.post(PAGE, filled_in(name="PUMP")).content.decode()
    assert AuthToken.objects.count() == 1
    make(browser_of(administrator))
    AuthToken.objects.filter(user__username="operator").update(expiry=timezone.now())
    make(owner)


def test_a_user_has_a_bounded_number_of_tokens(owner: Client, operator: User) -> None:
    for _ in range(MOST_TOKENS):
        AuthToken.objects.create(operator)
    assert "revoke one first" in owner.post(PAGE, filled_in()).content.decode()
    assert AuthToken.objects.count() == MOST_TOKENS


def test_a_revoked_token_is_gone_and_that_is_in_the_log(owner: Client) -> None:
    token, lines, logger = make(owner), Lines(), logging.getLogger(SECURITY)
    logger.addHandler(lines)
    try:
        response = owner.post(REVOKE, {"token": AuthToken.objects.get().pk}, follow=True)
    finally:
        logger.removeHandler(lines)
    assert "The token was revoked." in response.content.decode()
    assert Api(token=token).ask("companies/").status_code == 401
    assert lines.of("token revoked")["name"] == "Pump"
    assert not TokenDetails.objects.exists()


@pytest.mark.parametrize("key", ["", "\0", "x", "9" * 5000])
def test_what_is_no_token_revokes_nothing(client: Client, operator: User, key: str) -> None:
    AuthToken.objects.create(operator)
    assert client.post(REVOKE, {"token": key}).status_code == 302
    assert AuthToken.objects.count() == 1


def test_tokens_of_others_are_neither_shown_nor_revoked(client: Client, administrator: User) -> None:
    theirs, token = AuthToken.objects.create(administrator)
    assert token[:15] not in client.get(PAGE).content.decode()
    client.post(REVOKE, {"token": theirs.pk})
    assert AuthToken.objects.filter(pk=theirs.pk).exists()


def test_a_token_that_has_ended_is_not_listed(client: Client, operator: User) -> None:
    AuthToken.objects.create(operator, expiry=timedelta(seconds=-1))
    _never, token = AuthToken.objects.create(operator, expiry=None)
    [row] = rows(parse(client.get(PAGE)))
    assert token[:15] in str(row)
    assert "never" in str(row)


def test_one_that_ends_soon_is_marked(client: Client, operator: User) -> None:
    AuthToken.objects.create(operator, expiry=timedelta(days=13))
    AuthToken.objects.create(operator, expiry=timedelta(days=15))
    assert client.get(PAGE).content.decode().count("text-bg-warning") == 1


def test_the_page_takes_few_queries_however_many_tokens_there_are(client: Client, operator: User) -> None:
    counts = []
    for number in (1, 15):
        for place in range(number):
            row, _token = AuthToken.objects.create(operator)
            if place % 2:
                TokenDetails.objects.create(token=row, name=f"T{place}")
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 10


def test_a_token_opens_no_page(api: Api) -> None:
    problem(api.client.get(PAGE), 401)
