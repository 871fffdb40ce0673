"""The OpenAPI schema: valid, complete, and true to what the API does."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from smmeplus.common.version import version
from tests import ROOT as TREE
from tests.smmeplus.api.asking import ROOT, every_path, problem

pytestmark = pytest.mark.one_database


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """As the command makes it, which fails on any warning and on what is no OpenAPI."""
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out)
    said: dict[str, Any] = json.loads(out.getvalue())
    return said


def operations(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def test_every_operation_is_in_the_schema(schema: dict[str, Any]) -> None:
    documented = {path.split("{")[0] for path in schema["paths"]}
    served = {path.split("77/")[0] for path in every_path(pk=77, serial_number=77, audit_id=77).values()}
    assert documented | {f"{ROOT}schema/", f"{ROOT}events/schema/", f"{ROOT}docs/"} == served
    assert schema["info"]["version"] == version()
    assert schema["openapi"].startswith("3.")


def test_every_operation_says_what_it_is_for_and_what_may_go_wrong(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema).items():
        assert operation["summary"], name
        assert len(operation["description"]) > len(operation["summary"]), name
        assert len(operation["tags"]) == 1, name
        assert {"token": []} in operation["security"], name
        assert {"400", "401", "403", "406", "429"} <= operation["responses"].keys(), name
        assert {"200", "201"} & operation["responses"].keys(), name
        for status, response in operation["responses"].items():
            if status not in ("200", "201"):
                assert list(response["content"]) == ["application/problem+json"], name


def test_no_number_is_narrower_than_it_may_become(schema: dict[str, Any]) -> None:
    message = schema["components"]["schemas"]["Message"]["properties"]
    assert (message["id"]["type"], message["id"]["format"]) == ("integer", "int64")
    limits = [one for one in schema["paths"][f"{ROOT}messages/"]["get"]["parameters"] if one["name"] == "limit"]
    assert "format" not in limits[0]["schema"]


def test_clients_of_before_still_compile_with_fields_that_are_new(schema: dict[str, Any]) -> None:
    """openapi-typescript makes a field that has a default one that has to be given."""
    bodies = {name: one for name, one in schema["components"]["schemas"].items() if name.endswith("Request")}
    fields = {
        (name, field) for name, one in bodies.items() for field, is_ in one["properties"].items() if "default" in is_
    }
    assert len(bodies) > 5
    assert not fields


def test_no_thing_has_the_name_of_what_generators_write_beside_it(schema: dict[str, Any]) -> None:
    taken = {"ApiClient", "ApiException", "ApiResponse", "Client", "Configuration", "JSON", "Pair", "Response", "Unset"}
    assert not taken & schema["components"]["schemas"].keys()


def test_every_parameter_is_described(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema).items():
        for parameter in operation.get("parameters", []):
            assert parameter.get("description") or parameter["in"] == "path", (name, parameter["name"])


def test_the_schema_is_served_to_everybody_in_english(schema: dict[str, Any]) -> None:
    for language in ("en", "es"):
        headers = {"Accept": "application/vnd.oai.openapi+json", "Accept-Language": language}
        response = Client().get(f"{ROOT}schema/", headers=headers)
        assert response["Content-Type"].startswith("application/vnd.oai.openapi+json")
        assert json.loads(response.content) == schema


def test_a_tool_that_asks_for_nothing_in_particular_gets_yaml(schema: dict[str, Any]) -> None:
    response = Client().get(f"{ROOT}schema/", headers={"Accept": "*/*"})
    assert yaml.safe_load(response.content) == schema


def test_the_schema_takes_no_parameters() -> None:
    for query in ("format=json", "lang=es", "version=2", "x=1"):
        assert problem(Client().get(f"{ROOT}schema/?{query}"), 400)["errors"][0]["code"] == "unknown_parameter"


def test_the_copy_in_the_docs_is_what_is_served(schema: dict[str, Any]) -> None:
    """Else: env DJANGO_SETTINGS_MODULE=tests.settings python manage.py spectacular --file docs/openapi.yaml."""
    assert yaml.safe_load((TREE / "docs" / "openapi.yaml").read_text()) == schema
