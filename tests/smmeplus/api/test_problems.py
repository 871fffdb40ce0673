"""Whatever goes wrong is said as a problem, and tells nothing of the inside (RFC 9457)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from tests.smmeplus.api.asking import ROOT, Api, problem

pytestmark = pytest.mark.one_database


def test_an_address_that_is_not_there(api: Api) -> None:
    for path in ("/api/", "/api/v2/", f"{ROOT}nothing/", f"{ROOT}companies/x/", f"{ROOT}a/b/c"):
        problem(api.client.get(path), 404)
        problem(Client().get(path), 404)


def test_pages_that_are_not_there_stay_pages(api: Api) -> None:
    assert Client().get("/nothing/")["Content-Type"].startswith("text/html")
    assert Client().get("/apis/")["Content-Type"].startswith("text/html")


def test_a_method_that_is_not_there_names_those_that_are(api: Api) -> None:
    response = api.client.get(f"{ROOT}installations/")
    problem(response, 405)
    assert response["Allow"] == "POST"


def test_a_format_that_is_not_there(api: Api) -> None:
    for path in ("messages/", "schema/", "settings/"):
        problem(api.client.get(f"{ROOT}{path}", headers={"Accept": "image/png"}), 406)


def test_a_body_that_is_no_json(api: Api) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        problem(api.post("action=remove", content_type=content_type), 415)


def test_a_body_that_cannot_be_read(api: Api) -> None:
    for text in ("{", "nul", "[" * 100_000, '{"a":' * 50_000, '{"action": NaN}', "9" * 5000, ""):
        problem(api.post(text), 400)
    for data in (b"\xff\xfe", b'{"action": "\xc3"}'):
        problem(api.post(data), 400)


def test_a_body_that_is_no_object(api: Api) -> None:
    for text in ("[]", "1", '"x"', "null", "true", "[{}]"):
        problem(api.post(text), 400)


def test_a_body_that_is_too_large_is_not_read(api: Api, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    problem(api.post("{" * 101), 413)
    problem(api.post("{" * 100), 400)


def test_an_unknown_host_is_a_problem_too(api: Api) -> None:
    problem(api.client.get(f"{ROOT}messages/", headers={"Host": "evil.example"}), 400)


def test_a_failure_of_ours_tells_nothing_of_the_inside(operator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("wakeup.api.messages.Messages.get_queryset", fail)
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {Api(operator).token}"})
    response = client.get(f"{ROOT}messages/")
    problem(response, 500)
    assert b"secret" not in response.content


def test_a_problem_is_in_the_language_of_who_asks(api: Api) -> None:
    english = api.ask("concentrators/NONE/").json()["detail"]
    spanish = api.client.get(f"{ROOT}concentrators/NONE/", headers={"Accept-Language": "es"}).json()["detail"]
    assert english != spanish
