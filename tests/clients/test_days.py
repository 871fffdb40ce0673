"""Clients that integrators make of the schema do a day's work with the running product, typed (API-1).

Each lists the unreachable, pages through the messages of yesterday, reads counts, installs three, which happens once
though it is asked twice with one key, and meets a 403, a 404, a 409 and a 400, each with its code and places, and last
a 429. ``make clients`` runs this.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from rest_framework.throttling import SimpleRateThrottle

from tests.clients import making
from tests.clients.product import REQUESTS_AN_HOUR, Product, found_in_a_day, make_product
from tests.support.systems.debian import program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("schema") / "openapi.yaml"
    call_command("spectacular", "--file", str(file))
    return file


@pytest.fixture
def product(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Product:
    rates = {"user": f"{REQUESTS_AN_HOUR}/hour", "refused": None}
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", rates)
    return make_product(live_server.url, timezone.now())


def python_day(script: str, folder: Path, product: Product) -> dict[str, object]:
    making.check_types(making.DAYS / script, folder)
    python = making.root() / "bin" / "python"
    return making.work(python, making.DAYS / script, *product.arguments(), finding={"PYTHONPATH": str(folder)})


def test_openapi_python_client_makes_a_client_that_works(schema: Path, product: Product, tmp_path: Path) -> None:
    making.make_typed_python(schema, tmp_path)
    assert python_day("typed_python.py", tmp_path, product) == found_in_a_day()


def test_openapi_generator_makes_a_python_client_that_works(schema: Path, product: Product, tmp_path: Path) -> None:
    making.make_with_generator(schema, tmp_path, "python", packageName="made_client")
    assert python_day("made_python.py", tmp_path, product) == found_in_a_day()


def test_openapi_generator_makes_a_java_client_that_works(schema: Path, product: Product, tmp_path: Path) -> None:
    how = {"library": "native", "openApiNullable": "false", "useSingleRequestParameter": "true"}
    making.make_with_generator(schema, tmp_path, "java", **how)
    path = making.compile_java(tmp_path)
    java = program("java", package=making.JDK)
    assert making.work(java, "-cp", path, "Day", *product.arguments()) == found_in_a_day()


def test_openapi_typescript_makes_types_that_work(schema: Path, product: Product, tmp_path: Path) -> None:
    script = making.compile_typescript(schema, tmp_path)
    assert making.work("node", script, *product.arguments()) == found_in_a_day()
