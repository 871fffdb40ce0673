"""Which request an answer and the lines in the logs are about, and what else each answer says of itself (API-1)."""

from __future__ import annotations

import json
import logging
import re

import pytest
from django.test import Client

from smmeplus.common.vitals.ids import HEADER, request_id
from smmeplus.logs import JsonLine, PlainLine
from tests.smmeplus.api.asking import Api, problem

pytestmark = pytest.mark.one_database

OURS = re.compile("[0-9a-f]{16}")
HARMLESS = ("4711", "a.B_c-9", "x" * 64, "550e8400-e29b-41d4-a716-446655440000")
HARMFUL = ("", "x" * 65, "a b", "a\tb", "ä", "<b>", "a;b", "a/b", '"', "%0a", "a\u2028b")


@pytest.mark.parametrize("given", HARMLESS)
def test_a_harmless_id_of_who_asks_is_taken(api: Api, given: str) -> None:
    for path in ("me/", "nowhere/", "concentrators/?foo=1"):
        response = api.client.get(f"/api/v1/{path}", headers={HEADER: given})
        assert response[HEADER] == given
        if response.status_code != 200:
            assert json.loads(response.content)["request_id"] == given


@pytest.mark.parametrize("given", HARMFUL)
def test_any_other_is_replaced_by_one_of_ours(api: Api, given: str) -> None:
    response = api.client.get("/api/v1/me/", headers={HEADER: given})
    assert OURS.fullmatch(response[HEADER])


def test_each_request_has_its_own(api: Api) -> None:
    found = {api.ask("me/")[HEADER] for _ in range(3)}
    assert len(found) == 3
    assert request_id() == ""


def test_pages_and_problems_have_it_too(db: None) -> None:
    assert OURS.fullmatch(Client().get("/reports/wakeup/")[HEADER])
    response = Client().get("/api/v1/me/", headers={HEADER: "4711"})
    assert problem(response, 401)["request_id"] == response[HEADER] == "4711"


def test_lines_of_the_logs_name_the_request(api: Api) -> None:
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.extend((PlainLine("%(name)s: %(message)s").format(record), JsonLine().format(record)))

    handler = Kept()
    logging.getLogger("django.request").addHandler(handler)
    try:
        api.client.get("/api/v1/nowhere/", headers={HEADER: "4711"})
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    plain, as_json = lines
    assert plain == "django.request: Not Found: /api/v1/nowhere/ [4711]"
    assert json.loads(as_json)["request_id"] == "4711"


def test_a_line_outside_of_a_request_has_none() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "said", (), None)
    assert PlainLine("%(message)s").format(record) == "said"
    assert "request_id" not in json.loads(JsonLine().format(record))


def test_answers_are_not_to_be_kept_and_are_utf_8(api: Api) -> None:
    for path in ("me/", "nowhere/", "concentrators/?as=csv", "concentrators/?foo=ä"):
        assert "no-store" in api.client.get(f"/api/v1/{path}")["Cache-Control"]
    spanish = api.client.get("/api/v1/concentrators/?foo=1", headers={"Accept-Language": "es"})
    assert "á" in spanish.content.decode()


def test_options_is_no_method_of_the_api_and_there_is_no_cors(api: Api) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
    assert problem(Client().options("/api/v1/concentrators/", headers=asked), 401)
    refused = api.client.options("/api/v1/concentrators/", headers=asked)
    problem(refused, 405)
    assert refused["Allow"] == "GET, HEAD"
    assert not [name for name in refused.headers if name.lower().startswith("access-control")]
