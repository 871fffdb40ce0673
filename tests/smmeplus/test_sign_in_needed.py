"""Everything needs a sign-in (ACC-1)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.smmeplus.every_url import every_path

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

#: What a browser or a balancer asks for before anybody has signed in.
OPEN = {"/sign-in/", "/admin/login/", "/favicon.ico", "/healthz", "/i18n/setlang/"}

#: Of programs: tests/smmeplus/api/test_access.py; of programs of mail: tests/reports/mails/test_one_click.py.
ELSEWHERE = ("/api/", "/reports/unsubscribe/")

SIGN_INS = [reverse("login"), reverse("admin:login")]


def test_the_walk_finds_the_pages_of_every_room() -> None:
    paths = every_path()
    assert set(paths) > OPEN
    for view in ("home", "logout", "profiles:add", "concentrators:removal", "reports:wakeup-per-day", "admin:index"):
        assert reverse(view) in paths
    assert reverse("profiles:delete", args=[1]) in paths
    assert reverse("admin:profiles_systemsettings_change", args=[1]) in paths


@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "options", "head"])
def test_who_is_not_signed_in_is_sent_to_the_sign_in_from_every_address(method: str) -> None:
    for path in every_path():
        if path in OPEN or path.startswith(ELSEWHERE):
            continue
        response = getattr(Client(), method)(path)
        assert response.status_code == 302, path
        assert response["Location"] in {f"{sign_in}?next={path}" for sign_in in SIGN_INS}, path


@pytest.mark.parametrize("method", ["get", "post"])
def test_htmx_of_a_session_that_has_ended_loads_its_page_anew(method: str) -> None:
    response = getattr(Client(), method)(reverse("profiles:add"), headers={"HX-Request": "true"}, follow=True)
    assert response["HX-Refresh"] == "true"


@pytest.mark.parametrize("path", sorted(OPEN))
def test_what_is_open_answers(path: str) -> None:
    assert Client().get(path).status_code in (200, 302)


def test_an_address_that_is_not_there_tells_a_stranger_nothing_more() -> None:
    assert Client().get("/nothing/").status_code == 404
