"""The security log: one JSON line for each thing that an auditor asks for, and never a secret (ACC-3, SR 2.8)."""

from __future__ import annotations

import json
import logging
import logging.handlers
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concentrators.models import Company, Concentrator
from concentrators.procedures.actions import modify
from smmeplus.logs import SECURITY, JsonLine, logging_settings
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.api.tokens.making import browser_of, make
from tests.smmeplus.users import client_of, make_operator, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLine())
        self.found: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        assert "\n" not in line
        self.found.append(json.loads(line))

    def of(self, event: str) -> dict[str, Any]:
        (line,) = (one for one in self.found if one["event"] == event)
        assert datetime.fromisoformat(line.pop("at")).tzinfo
        line.pop("request_id", None)
        return line


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    logging.getLogger(SECURITY).addHandler(handler)
    yield handler
    logging.getLogger(SECURITY).removeHandler(handler)


@pytest.fixture
def client() -> Client:
    """Nobody's yet."""
    return Client()


def sign_in(client: Client, name: str, password: str) -> None:
    client.post(reverse("login"), {"username": name, "password": password})


def test_signing_in_and_out(lines: Lines, client: Client, administrator: User) -> None:
    sign_in(client, "administrator", "administrator")
    client.post(reverse("logout"))
    told = {"user": "administrator", "address": "127.0.0.1"}
    assert lines.of("sign-in") == {"event": "sign-in", **told}
    assert lines.of("sign-out") == {"event": "sign-out", **told}


def test_who_could_not_is_named_with_their_address_and_no_password(lines: Lines, client: Client) -> None:
    name = 'mallory" {"event": "forged"}'
    sign_in(client, name, "a secret guess")
    assert lines.of("sign-in failed") == {"event": "sign-in failed", "user": name, "address": "127.0.0.1"}
    assert "a secret guess" not in str(lines.found)


def test_a_lock(lines: Lines, client: Client) -> None:
    for _ in range(10):
        sign_in(client, "mallory", "wrong")
    assert lines.of("locked out")["user"] == "mallory"


def test_what_is_refused(lines: Lines, chile: Company) -> None:
    client = client_of(make_viewer(chile))
    client.get(reverse("concentrators:installation"))
    told = {"user": "viewer", "address": "127.0.0.1", "method": "GET", "path": "/concentrators/installation/"}
    assert lines.of("refused") == {"event": "refused", **told}


def test_an_export_with_its_filters(lines: Lines, chile: Company) -> None:
    response = client_of(make_viewer(chile)).get("/reports/in-field/?export=csv&q=16CEC")
    assert response["Content-Disposition"].startswith("attachment")
    assert lines.of("export")["query"] == "export=csv&q=16CEC"


def test_tokens_are_made_and_revoked_and_not_told(lines: Lines, chile: Company) -> None:
    client = browser_of(make_viewer(chile))
    token = make(client)
    made = lines.of("token made")
    assert made["user"] == "viewer"
    assert len(made["token"]) < 20
    assert token.startswith(made["token"].removesuffix("…"))
    key = client.get(reverse("tokens")).content.decode().split('name="token" value="')[1].split('"')[0]
    client.post(reverse("revoke-token"), {"token": key})
    assert lines.of("token revoked")["user"] == "viewer"


def test_what_the_admin_site_changes(lines: Lines, administrator: User, chile: Company) -> None:
    address = reverse("admin:concentrators_company_change", args=[chile.pk])
    client_of(administrator).post(address, {"name": "Chile", "time_zone": "UTC", "momentary_limit_min": 5})
    told = lines.of("administration")
    assert (told["user"], told["thing"], told["name"]) == ("administrator", "company", "Chile")
    assert "momentary" in told["change"]


@pytest.mark.parametrize(
    ("where", "handler"),
    [("", "StreamHandler"), ("syslog", "SysLogHandler"), ("/var/log/smmeplus/security.log", "WatchedFileHandler")],
)
def test_it_goes_where_it_is_told(where: str, handler: str) -> None:
    made = logging_settings("INFO", where)
    assert made["handlers"]["security"]["class"].endswith(handler)
    assert not made["loggers"][SECURITY]["propagate"]


def test_a_file_takes_the_lines(tmp_path: Path) -> None:
    made = logging_settings("INFO", str(tmp_path / "security.log"))["handlers"]["security"]
    handler = logging.handlers.WatchedFileHandler(made["filename"], delay=made["delay"])
    handler.setFormatter(JsonLine())
    handler.handle(logging.LogRecord(SECURITY, logging.INFO, "", 0, "sign-in", (), None))
    handler.close()
    assert json.loads((tmp_path / "security.log").read_text())["event"] == "sign-in"


def test_a_roll_out_is_told_once_it_is_committed(
    lines: Lines, chile: Company, django_capture_on_commit_callbacks: Any
) -> None:
    for serial in ("A1", "A2", "A3"):
        ConcentratorFactory.create(company=chile, serial_number=serial, in_field=True)
    hundred, user = SpontaneousProfileFactory.create(name="Hundred"), make_operator(chile)
    with django_capture_on_commit_callbacks(execute=True):
        done = modify(Concentrator.objects.all(), hundred, user=user, now=timezone.now())
        assert not [one for one in lines.found if one["event"] == "roll-out"]
    told = {"user": "operator", "company": "Chile", "action": "modification", "concentrators": 3}
    assert lines.of("roll-out") == {"event": "roll-out", "audit_id": str(done.audit_id), **told}
