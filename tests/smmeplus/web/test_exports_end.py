"""Exports end with their readers, and one user has few at a time: gunicorn as deployed, on PostgreSQL (REP-6)."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from concentrators.models import Company, ConcentratorType
from smmeplus.common.exporting.limits import MOST_AT_ONCE
from smmeplus.models import Session
from tests import ROOT
from tests.factories import ConcentratorTypeFactory
from tests.smmeplus.users import make_viewer
from tests.support.listener import HOST, database_url
from tests.support.processes import free_port, wait_until

pytestmark = [
    pytest.mark.process,
    pytest.mark.one_database("postgresql", in_ci=True),
    pytest.mark.django_db(transaction=True),
]

MANY = 30_000
UNREAD = 40
#: Gunicorn with another patience, which its workers inherit.
GUNICORN = """
from smmeplus.common.exporting import limits
limits.PATIENCE_S = {seconds}
from gunicorn.app.wsgiapp import run
run(prog="gunicorn")
"""
EXPORT = "/concentrators/?export=json"


class Web:
    """One worker of the web at ``port``, with as many threads as deployed."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie

    def begin(self, cookie: str = "") -> socket.socket:
        """A connection on which an export is asked for, and which takes little of it by itself."""
        connected = socket.socket()
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connected.settimeout(30)
        connected.connect((HOST, self.port))
        head = f"GET {EXPORT} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie or self.cookie}\r\n\r\n"
        connected.sendall(head.encode())
        return connected

    def page(self) -> float:
        """Seconds that a page takes."""
        begun = time.perf_counter()
        asked = http.client.HTTPConnection(HOST, self.port, timeout=30)
        asked.request("GET", "/concentrators/", headers={"Host": HOST, "Cookie": self.cookie})
        response = asked.getresponse()
        assert response.status == 200
        response.read()
        return time.perf_counter() - begun


@pytest.fixture
def fleet(chile: Company) -> Company:
    """Some 15 MB of JSON, which no buffer of a socket holds."""
    of_type: ConcentratorType = ConcentratorTypeFactory.create()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO concentrators_concentrator (serial_number, company_id, type_id, manufacturer, management_port,"
            " substation, feeder, customers, state, expected_networks)"
            " SELECT 'S' || n, %s, %s, repeat('m', 100), 4059, repeat('s', 100), repeat('f', 100), 0, 'available', ''"
            " FROM generate_series(1, %s) AS n",
            [chile.pk, of_type.pk, MANY],
        )
    return chile


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    assert Session.objects.exists()
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


@pytest.fixture
def web(fleet: Company, request: pytest.FixtureRequest) -> Iterator[Web]:
    """With the patience of the parameter, in seconds; else it gives up after one."""
    started = GUNICORN.format(seconds=getattr(request, "param", 1))
    unit = Path(ROOT, "deploy/systemd/smmeplus-web.service").read_text()
    options = re.search(r"gunicorn smmeplus.wsgi --bind \S+ --workers \d+ (.*)", unit)
    assert options
    web = Web(free_port(), cookie_of(make_viewer(fleet)))
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "ALLOWED_HOSTS": HOST,
    }
    arguments = ["smmeplus.wsgi", "--bind", f"{HOST}:{web.port}", "--workers", "1", *options[1].split()]
    process = subprocess.Popen([sys.executable, "-c", started, *arguments], cwd=ROOT, env=environment)
    try:
        wait_until(lambda: answers(web), patience_s=60)
        yield web
    finally:
        process.terminate()
        process.wait(30)
        wait_until(lambda: others() == 0)


def answers(web: Web) -> bool:
    with suppress(OSError):
        return web.page() > 0
    return False


def copies() -> int:
    """The statements that are copying now."""
    return _count("state = 'active' AND query LIKE 'COPY%%'")


def others() -> int:
    return _count("true")


def _count(condition: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            f" WHERE datname = current_database() AND pid <> pg_backend_pid() AND {condition}"
        )
        return int(cursor.fetchone()[0])


def status_of(connected: socket.socket) -> int:
    return int(connected.recv(12).split()[1])


@pytest.mark.parametrize("web", [60], indirect=True)
def test_of_one_user_two_run_forty_unread_ones_stop_nobody_and_all_end_with_their_readers(
    web: Web, fleet: Company
) -> None:
    if connection.vendor != "postgresql":
        return  # elsewhere nothing is copied, and exports are not counted
    calm = min(web.page() for _ in range(5))
    with ExitStack() as stack:
        for _ in range(MOST_AT_ONCE):
            stack.enter_context(web.begin())
        wait_until(lambda: copies() == MOST_AT_ONCE)
        refused = [stack.enter_context(web.begin()) for _ in range(UNREAD - MOST_AT_ONCE)]
        assert {status_of(one) for one in refused} == {429}
        assert copies() == MOST_AT_ONCE
        assert min(web.page() for _ in range(5)) < 2 * calm + 0.05  # the machine does other things, too
        honest = stack.enter_context(web.begin(cookie_of(make_viewer(fleet, name="another"))))
        assert status_of(honest) == 200
    wait_until(lambda: copies() == 0)
    with web.begin() as again:
        assert status_of(again) == 200


def test_an_export_ends_when_nothing_is_taken_and_its_place_is_free_again(web: Web) -> None:
    if connection.vendor != "postgresql":
        return  # elsewhere nothing is copied, and exports are not counted
    with ExitStack() as stack:
        for _ in range(MOST_AT_ONCE):
            stack.enter_context(web.begin())
        wait_until(lambda: copies() > 0)
        wait_until(lambda: copies() == 0)
        assert status_of(stack.enter_context(web.begin())) == 200
