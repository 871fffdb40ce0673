"""Requests of the web in figures, for those alone who may read them (OPS-2)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from smmeplus.metrics.web import NAMESPACE, MetricsMiddleware, area_of
from tests import ROOT
from tests.smmeplus.metrics.shown import samples

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

#: Answers as many requests as it is told in a process of its own, and prints the page.
PROCESS = """
import django, sys
django.setup()
from django.http import HttpResponse
from django.test import RequestFactory
from smmeplus.metrics import web
web._FLEET.collect = lambda: []
answer = web.MetricsMiddleware(lambda request: HttpResponse())
for _ in range(int(sys.argv[1])):
    answer(RequestFactory().get("/api/"))
print(web.page().content.decode())
"""


@pytest.fixture
def client() -> Client:
    """That of Prometheus, which nobody signed in."""
    return Client()


@pytest.fixture(autouse=True)
def networks(settings: Any) -> None:
    settings.METRICS_NETWORKS, settings.PROXIES = ["10.20.0.0/16", "2001:db8::/32"], 1


def read(client: Client, address: str = "10.20.0.9", **headers: str) -> Any:
    return client.get("/metrics", REMOTE_ADDR=address, headers=headers)


@pytest.mark.parametrize("address", ["10.20.0.9", "2001:db8::7"])
def test_who_is_named_reads_web_and_fleet(client: Client, address: str) -> None:
    answer = read(client, address)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    page = answer.content.decode()
    assert "requests_total area=api status=5xx" in samples(page, NAMESPACE)
    assert "smmeplus_fleet_readable 1.0" in page
    assert "smmeplus_web_build_info{version=" in page


@pytest.mark.parametrize("address", ["10.21.0.9", "2001:db9::7", "", "unix:"])
def test_others_are_answered_as_if_there_were_no_such_page(client: Client, address: str) -> None:
    refused, unknown = read(client, address), client.get("/no-such-page", REMOTE_ADDR=address)
    assert (refused.status_code, refused.get("Location", "").replace("metrics", "no-such-page")) == (
        unknown.status_code,
        unknown.get("Location", ""),
    )
    assert b"smmeplus_" not in refused.content


def test_a_proxy_says_who_asks_and_nobody_else_does(client: Client) -> None:
    assert read(client, "127.0.0.1", **{"X-Forwarded-For": "10.20.0.9"}).status_code == 200
    forged = read(client, "127.0.0.1", **{"X-Forwarded-For": "10.20.0.9, 192.0.2.1"})
    assert forged.status_code != 200


def test_without_networks_there_is_no_page(client: Client, settings: Any) -> None:
    settings.METRICS_NETWORKS = []
    assert read(client, "127.0.0.1").status_code != 200


def test_a_scraper_need_not_know_a_name_of_ours_nor_speak_https(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["smmeplus.example"], True
    assert read(client, Host="10.132.20.5").status_code == 200


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("/api/v1/messages/", "api"),
        ("/admin/", "admin"),
        ("/static/app.css", "static"),
        ("/healthz", "health"),
        ("/", "pages"),
        ("/apiary", "pages"),
        ("", "pages"),
        ("//api/", "pages"),
    ],
)
def test_each_address_belongs_to_an_area(path: str, area: str) -> None:
    assert area_of(path) == area


@pytest.mark.parametrize("status", [200, 302, 404, 503])
def test_a_request_is_counted_by_area_and_status_and_timed(client: Client, status: int) -> None:
    before = samples(read(client).content.decode(), NAMESPACE)

    def answer(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=status)

    MetricsMiddleware(answer)(RequestFactory().get("/api/v1/me/"))
    after = samples(read(client).content.decode(), NAMESPACE)
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name] and "bucket" not in name}
    assert {name: value for name, value in grown.items() if "sum" not in name} == {
        f"requests_total area=api status={status // 100}xx": 1,
        "request_seconds_count area=api": 1,
    }


@pytest.mark.process
def test_processes_of_the_web_add_up_what_they_count(tmp_path: Path) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }
    pages = [
        subprocess.run(
            [sys.executable, "-c", PROCESS, number],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for number in ("2", "3")
    ]
    counted = [samples(page, NAMESPACE)["requests_total area=api status=2xx"] for page in pages]
    assert counted == [2, 5]
