"""Whatever the schema allows, and much that it does not, is answered as the schema says (API-1)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from concentrators.models import Company
from tests.plugins.effort import IN_CI, examples
from tests.smmeplus.api.asking import Api

CHECKS = {
    # By the schema any id is valid, and the company with it may not be there: that is a 400.
    "positive_data_acceptance": {"enabled": False},
    # tests/smmeplus/api/test_access.py asks everything without a token; this would ask each request twice.
    "ignored_auth": {"enabled": False},
}
#: In CI the limits of all values one by one, wrong ones too; then, and at the desk, some at random.
THOROUGHLY = {"coverage": {"enabled": IN_CI}, "stateful": {"enabled": False}}
BRIEFLY = {"coverage": {"enabled": False}, "stateful": {"enabled": False}}


def described() -> dict[str, Any]:
    out = io.StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=out)
    said: dict[str, Any] = json.loads(out.getvalue())
    return said


def to_ask(schema: dict[str, Any], phases: dict[str, Any]) -> Any:
    """What ``schema`` says, with the application behind it."""
    config = {"generation": {"mode": "all"}, "phases": phases, "checks": CHECKS}
    loaded = schemathesis.openapi.from_dict(schema, config=SchemathesisConfig.from_dict(config))
    loaded.app = get_wsgi_application()
    return loaded


SCHEMA = described()
thorough, brief = to_ask(SCHEMA, THOROUGHLY), to_ask(SCHEMA, BRIEFLY)
bounded = settings(
    max_examples=examples(20, 3),
    derandomize=True,
    database=None,
    deadline=None,
    # The requests of a test follow each other in one database, as those of a program do.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Keep the test's connection between requests, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


#: Schemathesis asks for compressed answers and, within a process, does not unpack them.
UNPACKED = {"Accept-Encoding": "identity"}


@pytest.fixture
def everything(administrator: User, peru: Company) -> dict[str, str]:
    """The header of who may see and do everything."""
    return {"Authorization": f"Bearer {Api(administrator).token}", **UNPACKED}


@pytest.fixture
def of_operator(operator: User, peru: Company) -> dict[str, str]:
    return {"Authorization": f"Bearer {Api(operator).token}", **UNPACKED}


@pytest.mark.one_database("postgresql", in_ci=True)
@thorough.parametrize()  # type: ignore[untyped-decorator] # of Any
@bounded
def test_every_request_of_an_administrator_is_answered_as_the_schema_says(
    case: Any, everything: dict[str, str]
) -> None:
    case.call_and_validate(headers=everything)


@pytest.mark.one_database("postgresql", in_ci=True)
@brief.parametrize()  # type: ignore[untyped-decorator] # of Any
@bounded
def test_every_request_of_an_operator_is_answered_as_the_schema_says(case: Any, of_operator: dict[str, str]) -> None:
    case.call_and_validate(headers=of_operator)
