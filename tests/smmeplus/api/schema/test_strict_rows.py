"""Every row is as the schema has it, read by the letter of OpenAPI 3.0.3, where null needs a type beside *nullable*."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from openapi_schema_validator import OAS30ReadValidator

from concentrators.models import Company
from tests.smmeplus.api.asking import LISTS, ROOT, Api

pytestmark = pytest.mark.one_database


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    out = io.StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=out)
    said: dict[str, Any] = json.loads(out.getvalue())
    return said


def resolved(part: Any, schema: dict[str, Any]) -> Any:
    """``part`` with what it refers to in its place."""
    if isinstance(part, list):
        return [resolved(one, schema) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return resolved(schema["components"]["schemas"][part["$ref"].rpartition("/")[2]], schema)
    return {name: resolved(value, schema) for name, value in part.items()}


@pytest.mark.parametrize("listed", LISTS)
def test_every_row_of_a_list_is_as_the_schema_says(
    listed: str, schema: dict[str, Any], chile: Company, administrator: User
) -> None:
    answer = Api(administrator).get(f"{listed}/")
    response = schema["paths"][f"{ROOT}{listed}/"]["get"]["responses"]["200"]
    wanted = resolved(response["content"]["application/json"]["schema"], schema)
    assert answer["results"]
    assert [error.message for error in OAS30ReadValidator(wanted).iter_errors(answer)] == []


def test_no_generator_meets_an_enum_of_nothing(schema: dict[str, Any]) -> None:
    enums = {name: one["enum"] for name, one in schema["components"]["schemas"].items() if "enum" in one}
    assert not {name for name, values in enums.items() if not set(values) - {None, ""}}
    assert "NullEnum" not in json.dumps(schema)
    assert schema["servers"]
