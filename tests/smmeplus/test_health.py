"""`/healthz`: live and ready (OPS-2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    """That of a balancer, which nobody signed in."""
    return Client()


def test_it_is_ready_while_the_database_answers_and_needs_no_sign_in(client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"live": True, "ready": True})
    assert len(queries) == 1


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize("step", ["ensure_connection", "cursor"])
def test_it_is_live_and_not_ready_while_the_database_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: type[Exception], step: str
) -> None:
    def away() -> None:
        raise error("the database is away")

    monkeypatch.setattr(connection, step, away)
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (503, {"live": True, "ready": False})


def test_a_signed_in_browser_is_told_no_less(monkeypatch: pytest.MonkeyPatch, administrator: User) -> None:
    def away() -> None:
        raise OperationalError("the database is away")

    client = Client()
    client.force_login(administrator)
    monkeypatch.setattr(connection, "ensure_connection", away)
    monkeypatch.setattr(connection, "cursor", away)
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (503, {"live": True, "ready": False})


def test_a_balancer_need_not_know_a_name_of_ours_nor_speak_https(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["smmeplus.example"], True
    assert client.get("/healthz", headers={"Host": "10.132.20.5"}).status_code == 200


def test_no_answer_is_kept_by_anybody(client: Client) -> None:
    assert "no-store" in client.get("/healthz")["Cache-Control"]
