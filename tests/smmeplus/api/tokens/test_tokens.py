"""Tokens: kept as hashes, good until their end, worth what their user is (API-1)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import AuthToken

from concentrators.models import Company
from tests.smmeplus.api.asking import ROOT, Api, problem

pytestmark = pytest.mark.one_database

COMPANIES = f"{ROOT}companies/"


def test_no_table_holds_the_token_itself(api: Api) -> None:
    [row] = AuthToken.objects.values_list()
    assert api.token.startswith("smm_")
    assert not any(api.token[15:] in str(value) for value in row)


def test_a_revoked_token_is_refused(api: Api) -> None:
    api.get("companies/")
    AuthToken.objects.all().delete()
    assert problem(api.ask("companies/"), 401)["code"] == "token_invalid"


def test_a_token_is_good_until_its_end(operator: User) -> None:
    api = Api(token=AuthToken.objects.create(operator, expiry=timedelta(days=30))[1])
    now = timezone.now()
    with time_machine.travel(now + timedelta(days=30, seconds=-1), tick=False):
        api.get("companies/")
    with time_machine.travel(now + timedelta(days=30, seconds=1), tick=False):
        assert problem(api.ask("companies/"), 401)["code"] == "token_expired"
    assert AuthToken.objects.count() == 1  # nobody who asks deletes it


def test_a_token_of_a_user_who_was_disabled_is_refused(api: Api, operator: User) -> None:
    User.objects.filter(pk=operator.pk).update(is_active=False)
    assert problem(api.ask("companies/"), 401)["code"] == "user_disabled"


def test_a_token_loses_what_its_user_loses(api: Api, operator: User, chile: Company) -> None:
    chile.users.remove(operator)
    assert api.rows("concentrators/") == []
    operator.groups.remove(Group.objects.get(name="Operator"))
    problem(api.ask("concentrators/"), 403)


def test_a_token_in_the_address_is_none(api: Api) -> None:
    for name in ("token", "access_token", "Authorization", "auth"):
        for value in (api.token, f"Bearer {api.token}"):
            problem(Client().get(COMPANIES, {name: value}), 401)


def test_other_schemes_are_refused(api: Api) -> None:
    for scheme in ("Token", "Basic", "", "Bearer:"):
        problem(Client().get(COMPANIES, headers={"Authorization": f"{scheme} {api.token}"}), 401)


def test_any_bytes_are_refused_and_no_error(chile: Company) -> None:
    for rest in ("", " ", " x", " a b", " \xff\xfe", " ñ", " %00", " " + "9" * 5000):
        problem(Client().get(COMPANIES, headers={"Authorization": f"Bearer{rest}"}), 401)


def test_one_letter_more_or_less_is_another_token(api: Api) -> None:
    for token in (api.token[:-1], api.token + "0", api.token.upper()):
        problem(Api(token=token).ask("companies/"), 401)


def test_a_wrong_token_is_refused_beside_a_good_session(operator: User) -> None:
    client = Client(headers={"Authorization": "Bearer wrong"})
    client.force_login(operator)
    problem(client.get(COMPANIES), 401)


def test_to_know_who_asks_takes_few_queries_however_many_tokens_he_has(api: Api, operator: User) -> None:
    api.get("companies/")  # the first one of a day notes that the token is used
    with CaptureQueriesContext(connection) as few:
        api.get("companies/")
    for _ in range(20):
        AuthToken.objects.create(operator)
    with CaptureQueriesContext(connection) as many:
        api.get("companies/")
    assert len(many) == len(few) < 10
