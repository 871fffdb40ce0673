"""Answers of the API and the metrics are compressed, pages are not (BREACH)."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from smmeplus.api.compressing import CompressionMiddleware

pytestmark = pytest.mark.one_database

TEXT = b'{"serial_number": "16CEC50610036665"}' * 100


def answer(path: str, content_type: str = "application/json", text: bytes = TEXT, accepted: str = "gzip") -> Any:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(text, content_type=content_type)

    request = RequestFactory(headers={"Accept-Encoding": accepted}).get(path)
    return CompressionMiddleware(view)(request)


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/api/v1/messages/", "application/json"),
        ("/api/v1/messages/", "application/problem+json"),
        ("/api/v1/messages/", "text/csv; charset=utf-8"),
        ("/api/schema/", "application/vnd.oai.openapi; charset=utf-8"),
        ("/metrics", "text/plain; version=0.0.4; charset=utf-8"),
    ],
)
def test_text_for_programs_is_compressed(path: str, content_type: str) -> None:
    made = answer(path, content_type)
    assert made["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in made["Vary"]
    assert gzip.decompress(made.content) == TEXT
    assert len(made.content) < len(TEXT) / 4


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/wakeup/", "text/csv"),
        ("/apiary/", "application/json"),
        ("/api/docs/", "text/html; charset=utf-8"),
        ("/api/v1/x/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_pages_and_what_is_compressed_already_are_not(path: str, content_type: str) -> None:
    made = answer(path, content_type)
    assert "Content-Encoding" not in made
    assert made.content == TEXT


@pytest.mark.parametrize(("accepted", "text"), [("", TEXT), ("br", TEXT), ("gzip", b'{"detail": "short"}')])
def test_nobody_gets_what_they_do_not_take_and_short_answers_stay_short(accepted: str, text: bytes) -> None:
    made = answer("/api/v1/me/", text=text, accepted=accepted)
    assert "Content-Encoding" not in made
    assert made.content == text


def test_the_same_answer_twice_has_not_the_same_length_to_measure_secrets_by() -> None:
    assert len({len(answer("/api/v1/me/").content) for _ in range(40)}) > 1


def test_an_answer_that_is_made_as_it_is_read_is_compressed_piece_by_piece() -> None:
    def view(_request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse((TEXT for _ in range(3)), content_type="text/csv")

    request = RequestFactory(headers={"Accept-Encoding": "gzip"}).get("/api/v1/messages/")
    made: Any = CompressionMiddleware(view)(request)
    assert gzip.decompress(b"".join(made.streaming_content)) == 3 * TEXT
    assert "Content-Length" not in made


@pytest.mark.django_db
def test_the_product_does_so(administrator: User) -> None:
    client = Client(headers={"Accept-Encoding": "gzip"})
    client.force_login(administrator)
    schema, page = client.get(reverse("api:schema")), client.get("/monitoring/")
    assert (schema.status_code, page.status_code) == (200, 200)
    assert schema["Content-Encoding"] == "gzip"
    assert b"openapi" in gzip.decompress(schema.content)
    assert "Content-Encoding" not in page
