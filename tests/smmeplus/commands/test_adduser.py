"""Users from the command line, with what they need: a role and companies (ACC-1)."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from concentrators.models import Company
from smmeplus.roles import ADMINISTRATOR, OPERATOR, ROLES, VIEWER

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
PASSWORD = "a horse that counts"


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEW_USER_PASSWORD", PASSWORD)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed into it, in turn."""
    typed: list[str] = []
    monkeypatch.delenv("NEW_USER_PASSWORD")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    answers: Iterator[str] = iter(typed)
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: next(answers))
    return typed


def add(name: str, role: str, *companies: str) -> User:
    call_command("adduser", name, "--role", role, *(f"--company={company}" for company in companies))
    return User.objects.get(username=name)


def roles_of(user: User) -> list[str]:
    return list(user.groups.values_list("name", flat=True))


@pytest.mark.parametrize("role", list(ROLES))
def test_a_user_has_the_role_the_companies_and_the_password(chile: Company, role: str) -> None:
    italia = Company.objects.create(name="Italia")
    user = add("ana", role.lower(), "chile", "Italia")
    assert roles_of(user) == [role]
    assert set(Company.objects.visible_to(user)) == {chile, italia}
    assert user.check_password(PASSWORD)
    assert (user.is_staff, user.is_superuser) == (role == ADMINISTRATOR, False)


def test_a_second_time_it_gives_the_role_and_one_more_company_and_keeps_the_password(
    chile: Company, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Company.objects.create(name="Italia")
    add("ana", VIEWER, "Chile")
    monkeypatch.setenv("NEW_USER_PASSWORD", "another one of these")
    user = add("ana", OPERATOR, "Italia")
    assert "keeps their password: Operator of Italia" in capsys.readouterr().out
    assert roles_of(user) == [OPERATOR]
    assert user.companies.count() == 2
    assert user.check_password(PASSWORD)
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "role", "companies", "why"),
    [
        ("ana", "Operator", [], "without a company: add --company"),
        ("ana", "Operator", ["Peru"], "no company “Peru”. Known: Chile"),
        ("ana", "Operator", ["Chile", "Peru"], "no company “Peru”"),
        ("ana", "King", ["Chile"], "invalid choice: 'King'"),
        ("", "Viewer", ["Chile"], "cannot be blank"),
        ("ana maria", "Viewer", ["Chile"], "Enter a valid username"),
        ("a" * 151, "Viewer", ["Chile"], "at most 150 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_added(
    chile: Company, name: str, role: str, companies: list[str], why: str
) -> None:
    with pytest.raises(CommandError, match=why):
        add(name, role, *companies)
    assert not User.objects.exists()


@pytest.mark.parametrize("weak", ["", "short", "password123", "839274650193"])
def test_a_password_that_is_easily_guessed_is_refused(
    chile: Company, monkeypatch: pytest.MonkeyPatch, weak: str
) -> None:
    monkeypatch.setenv("NEW_USER_PASSWORD", weak)
    with pytest.raises(CommandError, match="password"):
        add("ana", VIEWER, "Chile")
    assert not User.objects.exists()


def test_in_a_terminal_it_asks_twice(chile: Company, terminal: list[str]) -> None:
    terminal += [PASSWORD, PASSWORD]
    assert add("ana", VIEWER, "Chile").check_password(PASSWORD)


def test_two_passwords_that_differ_add_nobody(chile: Company, terminal: list[str]) -> None:
    terminal += [PASSWORD, PASSWORD.upper()]
    with pytest.raises(CommandError, match="differ"):
        add("ana", VIEWER, "Chile")
    assert not User.objects.exists()


def test_without_a_terminal_it_names_the_variable(chile: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEW_USER_PASSWORD")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(CommandError, match="set NEW_USER_PASSWORD"):
        add("ana", VIEWER, "Chile")
