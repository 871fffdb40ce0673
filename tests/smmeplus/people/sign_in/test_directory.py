"""Signing in through a directory, by OpenID Connect (ACC-1, ACC-2)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from concentrators.models import Company
from smmeplus.models import Account, Session
from smmeplus.roles import ADMINISTRATOR, OPERATOR
from tests.factories import CompanyFactory
from tests.smmeplus.people.sign_in.entering import is_in
from tests.smmeplus.people.sign_in.provider import CLIENT, OTHER_KEY, Provider, running
from tests.smmeplus.people.test_security_log import Lines, lines  # noqa: F401 - a fixture
from tests.smmeplus.users import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def directory(server: Provider, settings: Settings, chile: Company) -> Provider:
    vars(server).update(vars(Provider(server.issuer)))
    cache.clear()
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = server.issuer, CLIENT, "shared"
    settings.OIDC_ROLES = {"ops": OPERATOR, "admins": ADMINISTRATOR, "coffee": "Viewer"}
    settings.OIDC_COMPANIES = {"ops": "Chile", "admins": "Chile"}
    return server


def test_without_it_nothing_of_it_is_there(client: Client) -> None:
    assert "directory" not in client.get(reverse("login")).content.decode()
    for view in ("directory", "directory-answer"):
        assert client.get(reverse(view))["Location"].startswith(reverse("login"))


def test_who_comes_from_it_is_a_user_with_the_highest_role_and_the_companies(directory: Provider) -> None:
    client = Client()
    assert reverse("directory") in client.get(reverse("login")).content.decode()
    assert directory.visit(client, "/reports/in-field/")["Location"] == "/reports/in-field/"
    assert is_in(client)
    user = User.objects.get()
    assert (user.username, user.email, user.is_staff, user.has_usable_password()) == (
        "ada",
        "ada@grid.example",
        False,
        False,
    )
    assert [group.name for group in user.groups.all()] == [OPERATOR]
    assert [company.name for company in user.companies.all()] == ["Chile"]
    assert client.get("/reports/in-field/").status_code == 200
    assert directory.exchanged["client_secret"] == "shared"
    assert directory.asked["code_challenge_method"] == "S256"


def test_the_same_person_is_the_same_user_under_another_name(directory: Provider) -> None:
    directory.visit(Client())
    directory.person |= {"preferred_username": "lovelace", "email": "countess@grid.example"}
    directory.visit(Client())
    assert User.objects.get().username == "ada"
    assert User.objects.get().email == "countess@grid.example"


def test_a_claimed_name_or_address_takes_nobody_over(directory: Provider, administrator: User) -> None:
    administrator.email = "root@grid.example"
    administrator.save()
    directory.person |= {"preferred_username": "administrator", "email": "root@grid.example"}
    client = Client()
    directory.visit(client)
    user = User.objects.get(pk=client.session["_auth_user_id"])
    assert (user.username, user.is_superuser) == ("administrator@directory", False)


@pytest.mark.parametrize(
    ("claimed", "name"),
    [
        ({"preferred_username": "Ada Lovelace\0"}, "Ada_Lovelace_"),
        ({"preferred_username": ""}, "ada@grid.example"),
        ({"preferred_username": None, "email": None}, "7f3"),
        ({"preferred_username": "x" * 500}, "x" * 150),
        ({"preferred_username": ["ada"], "given_name": "\0", "email": "x" * 500}, "__ada__"),
    ],
)
def test_a_name_is_one_of_a_user(directory: Provider, claimed: dict[str, Any], name: str) -> None:
    directory.person |= claimed
    client = Client()
    directory.visit(client)
    assert is_in(client)
    assert User.objects.get().username == name


def test_roles_follow_the_groups_at_each_sign_in(directory: Provider, lines: Lines) -> None:  # noqa: F811
    directory.person["groups"] = ["admins"]
    directory.visit(Client())
    user = User.objects.get()
    assert user.is_staff
    directory.person["groups"] = ["coffee"]
    directory.visit(Client())
    user.refresh_from_db()
    assert (user.is_staff, [*user.groups.values_list("name", flat=True)], user.companies.count()) == (
        False,
        ["Viewer"],
        0,
    )
    last = [line for line in lines.found if line["event"] == "rights by directory"][-1]
    assert (last["before"]["roles"], last["after"]["roles"]) == (["Administrator"], ["Viewer"])


@pytest.mark.parametrize("groups", [[], None, "", ["nothing"], {"ops": 1}, [["ops"]], 7])
def test_without_a_group_of_a_role_they_lose_it_and_are_not_let_in(directory: Provider, groups: Any) -> None:
    directory.visit(Client())
    directory.person["groups"] = groups
    client = Client()
    assert directory.visit(client)["Location"] == reverse("login")
    assert "no role here" in client.get(reverse("login")).content.decode()
    assert not is_in(client)
    assert not User.objects.get().groups.exists()


def test_who_has_no_role_is_no_user(directory: Provider) -> None:
    directory.person["groups"] = []
    directory.visit(Client())
    assert not User.objects.exists()


def test_other_groups_and_companies_by_hand_stay(directory: Provider, settings: Settings) -> None:
    settings.OIDC_COMPANIES = {}
    directory.visit(Client())
    user = User.objects.get()
    user.groups.add(Group.objects.create(name="night desk"))
    user.companies.add(CompanyFactory.create(name="Peru"))
    directory.visit(Client())
    assert set(user.groups.values_list("name", flat=True)) == {OPERATOR, "night desk"}
    assert [company.name for company in user.companies.all()] == ["Peru"]


def test_a_disabled_user_is_refused(directory: Provider) -> None:
    directory.visit(Client())
    User.objects.update(is_active=False)
    client = Client()
    assert directory.visit(client)["Location"] == reverse("login")
    assert not is_in(client)


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": [CLIENT, "another"]},
        {"azp": "another"},
        {"exp": int(time.time()) - 60},
        {"exp": None},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": ""},
        {"sub": None},
        {"sub": ["7f3"]},
        {"sub": "somebody else"},
        {"sub": "x" * 256},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_us_lets_nobody_in(directory: Provider, wrong: dict[str, Any]) -> None:
    directory.token = wrong
    client = Client()
    assert directory.visit(client)["Location"] == reverse("login")
    assert not is_in(client)
    assert not User.objects.exists()


def test_a_token_that_another_key_has_signed_lets_nobody_in(directory: Provider) -> None:
    directory.key = OTHER_KEY
    client = Client()
    directory.visit(client)
    assert not is_in(client)


def test_userinfo_about_somebody_else_lets_nobody_in(directory: Provider) -> None:
    directory.more = {"sub": "somebody else"}
    client = Client()
    directory.visit(client)
    assert not is_in(client)


@pytest.mark.parametrize("sent", [{}, {"state": "made up", "code": "1"}, {"state": ""}, {"error": "access_denied"}])
def test_an_answer_that_nobody_asked_for_lets_nobody_in(directory: Provider, sent: dict[str, str]) -> None:
    client = Client()
    assert client.get(reverse("directory-answer"), sent)["Location"].startswith(reverse("login"))
    assert not is_in(client)


def test_an_answer_is_good_once_and_in_the_browser_that_asked(directory: Provider) -> None:
    client, thief = Client(), Client()
    directory.visit(client)
    sent = {"code": "a code", "state": directory.asked["state"]}
    assert thief.get(reverse("directory-answer"), sent)["Location"] == reverse("login")
    client.post(reverse("logout"))
    assert client.get(reverse("directory-answer"), sent)["Location"] == reverse("login")
    assert not is_in(thief)
    assert not is_in(client)


def test_who_is_signed_in_is_not_sent_there(directory: Provider, administrator: User) -> None:
    assert client_of(administrator).get(reverse("directory"))["Location"] == "/"


def test_a_way_there_that_nobody_comes_back_from_is_forgotten_within_an_hour(directory: Provider) -> None:
    Client().get(reverse("directory"))
    assert Session.objects.get().expire_date <= timezone.now() + timedelta(hours=1)


def test_it_leads_to_no_other_site(directory: Provider) -> None:
    assert directory.visit(Client(), "https://evil.example/")["Location"] == "/"


def test_a_directory_that_does_not_answer_is_said(directory: Provider, settings: Settings) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    client = Client()
    assert client.get(reverse("directory"))["Location"] == reverse("login")
    assert "did not work" in client.get(reverse("login")).content.decode()


def test_its_second_factor_counts_and_may_be_demanded(directory: Provider, settings: Settings) -> None:
    settings.SECOND_FACTOR = "all"
    client = Client()
    directory.visit(client)
    assert client.get(reverse("account")).status_code == 200
    settings.OIDC_AMR = ["mfa", "hwk"]
    for used, is_good in ((None, False), ([], False), (["pwd"], False), ("mfa", False), (["pwd", "mfa"], True)):
        client = Client()
        directory.token = {"amr": used}
        directory.visit(client)
        assert is_in(client) == is_good, used


def test_the_security_log_tells_how(directory: Provider, lines: Lines) -> None:  # noqa: F811
    directory.visit(Client())
    assert lines.of("sign-in") == {"event": "sign-in", "user": "ada", "address": "127.0.0.1", "method": "directory"}
    directory.token = {"aud": "another"}
    directory.visit(Client())
    assert lines.of("sign-in failed")["why"] == "wrong audience"
    assert "access" not in str(lines.found)


def test_the_account_says_where_they_come_from_and_offers_no_password(directory: Provider) -> None:
    client = Client()
    directory.visit(client)
    page = client.get(reverse("account")).content.decode()
    assert "through the directory" in page
    assert reverse("password") not in page
    assert client.get(reverse("set-up-second-factor"))["Location"] == reverse("account")
    assert Account.objects.get().directory_subject == f"{directory.issuer} 7f3"
