"""Headers of answers: no copy outlives a sign-out, and a browser may do with a page what pages need."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory

from smmeplus.headers import HeadersMiddleware
from tests import ROOT
from tests.smmeplus.users import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

STATIC = "/static/bootstrap/css/bootstrap.min.css"
READ_SETTINGS = """
import json
from smmeplus import settings
names = ("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "SESSION_COOKIE_NAME",
         "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE")
print(json.dumps([getattr(settings, name, None) for name in names]))
"""


def faults(response: HttpResponseBase) -> list[str]:
    """What is missing in an answer that nobody may keep."""
    expected = {
        "Cache-Control": "no-store",
        "Permissions-Policy": "camera=()",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    found = [f"{name}: {response.get(name)}" for name, part in expected.items() if part not in response.get(name, "")]
    return found + (["public"] if "public" in response["Cache-Control"] else [])


@pytest.mark.parametrize(
    "path", ["/monitoring/", "/reports/wakeup/", "/tokens/", "/admin/", "/api/v1/docs/", "/api/v1/schema/"]
)
def test_no_answer_for_who_is_signed_in_is_kept_by_anybody(administrator: User, path: str) -> None:
    """All other addresses are asked by tests/smmeplus/permissions."""
    response = client_of(administrator).get(path)
    assert response.status_code == 200
    assert not faults(response)


@pytest.mark.parametrize("path", ["/sign-in/", "/", "/nowhere/", "/static/nowhere.css", "/api/v1/concentrators/"])
def test_nor_are_the_sign_in_refusals_and_what_is_not_there(path: str) -> None:
    assert not faults(Client().get(path))


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nor_are_answers_to_writes(administrator: User, method: str) -> None:
    for path in ("/concentrators/installation/", "/api/v1/concentrators/", "/admin/auth/user/add/"):
        assert not faults(getattr(client_of(administrator), method)(path))


def test_nor_is_an_export(administrator: User) -> None:
    response = client_of(administrator).get("/concentrators/?export=csv")
    assert response["Content-Type"].startswith("text/csv")
    assert not faults(response)


def test_nor_is_an_error_of_ours(administrator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("profiles.views.settings_of", lambda _request: 1 / 0)
    client = client_of(administrator)
    client.raise_request_exception = False
    response = client.get("/profiles/")
    assert response.status_code == 500
    assert not faults(response)


def test_static_files_are_kept(administrator: User) -> None:
    response = client_of(administrator).get(STATIC)
    assert response.status_code == 200
    assert "public" in response["Cache-Control"]
    assert "no-store" not in response["Cache-Control"]
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    response.close()


@pytest.mark.parametrize("said", ["", "max-age=600", "private, max-age=600", "no-cache"])
def test_what_a_view_says_itself_does_not_let_anybody_keep_a_page(said: str) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Cache-Control": said} if said else {})

    assert HeadersMiddleware(view)(RequestFactory().get("/"))["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, [31_536_000, False, False, "__Host-sessionid", "__Host-csrftoken", True]),
        (
            {"HSTS_SECONDS": "600", "HSTS_SUBDOMAINS": "true", "HSTS_PRELOAD": "true"},
            [600, True, True, "__Host-sessionid", "__Host-csrftoken", True],
        ),
        ({"HTTPS": "false"}, [None, None, None, None, None, False]),
    ],
)
def test_tls_is_demanded_of_this_host_alone_unless_more_is_asked_for(
    variables: dict[str, str], told: list[object]
) -> None:
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "SECRET_KEY": "a long random text of keys"}
    done = subprocess.run(
        [sys.executable, "-c", READ_SETTINGS], cwd=ROOT, env=environment | variables, capture_output=True, check=True
    )
    assert json.loads(done.stdout) == told
