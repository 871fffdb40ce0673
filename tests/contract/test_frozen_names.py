"""Nothing that others depend on has gone or become something else; how to change it on purpose is in ``names.py``."""

from __future__ import annotations

import io
import json
from copy import deepcopy
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection

from concentrators.models import Company
from tests.contract import database, found, heads, running
from tests.contract.names import check, check_openapi, differences, stored_openapi
from tests.contract.openapi import openapi_differences
from tests.reports.subscribers import SITE, subscribe
from tests.smmeplus.users import client_of

OPENAPI: dict[str, Any] = {
    "paths": {"/a/": {"get": {"parameters": [{"in": "query", "name": "page", "schema": {"type": "string"}}]}}},
    "components": {
        "schemas": {
            "Row": {"properties": {"state": {"enum": ["a", "b"]}}, "required": ["state"]},
            "RowRequest": {"properties": {"state": {"type": "string", "description": "Text"}}, "required": ["state"]},
        }
    },
}


def test_apps_keep_their_labels() -> None:
    check("app labels", found.app_labels())


def test_models_keep_their_names_and_tables() -> None:
    check("models", found.model_names())


def test_models_keep_their_columns() -> None:
    check("columns of models", found.model_columns())


def test_models_keep_their_constraints_and_indexes() -> None:
    check("constraints and indexes of models", found.model_constraints())


@pytest.mark.django_db
def test_the_database_keeps_its_tables() -> None:
    check(f"tables of {connection.vendor}", database.tables())


@pytest.mark.django_db
def test_permissions_keep_their_names() -> None:
    of = ("content_type__app_label", "content_type__model", "codename")
    check("permissions", database.rows_of("auth", "Permission", *of))


@pytest.mark.django_db
def test_content_types_keep_their_names() -> None:
    check("content types", database.rows_of("contenttypes", "ContentType", "app_label", "model"))


def test_addresses_and_their_names_stay() -> None:
    check("addresses", found.addresses())


def test_commands_and_their_options_stay() -> None:
    check("commands", found.commands())


def test_environment_variables_are_still_read() -> None:
    check("environment variables", found.variables())


def test_what_there_is_to_translate_stays() -> None:
    check("message ids", found.message_ids())


@pytest.mark.one_database("postgresql")
@pytest.mark.django_db(transaction=True)
def test_files_keep_their_columns(chile: Company, administrator: User, settings: Any) -> None:
    settings.SITE_URL = SITE
    subscribe(chile)
    client = client_of(administrator)
    columns = heads.exported(client) | heads.mailed(chile) | found.history_columns()
    check("heads of files", columns | {"errors of an upload": heads.errors_of_upload(client, chile)}, may_grow=True)


@pytest.mark.process
@pytest.mark.one_database("postgresql")
@pytest.mark.django_db(transaction=True)
def test_metrics_keep_their_names_types_and_labels() -> None:
    check("metrics", running.metrics())


def test_the_api_serves_its_clients_as_before() -> None:
    out = io.StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=out)
    schema = json.loads(out.getvalue())
    check_openapi(schema, openapi_differences(stored_openapi(), schema))


def test_what_is_gone_or_has_changed_is_named_and_what_is_new_is_not() -> None:
    before, now = {"a": "1", "b": "2", "c": "3"}, {"b": "2", "c": "4", "d": "5"}
    assert differences(before, now) == ["  gone:    a 1", "  changed: c: was 3, is 4"]
    assert not differences({"file": "a,b"}, {"file": "a,b,c"}, may_grow=True)
    assert differences({"file": "a,b"}, {"file": "a,bc"}, may_grow=True)
    assert differences({"file": "a,b"}, {"file": "a,b,c"})


def changed(**row: Any) -> dict[str, Any]:
    """OPENAPI with other facts of the schema RowRequest."""
    schema = deepcopy(OPENAPI)
    schema["components"]["schemas"]["RowRequest"].update(row)
    return schema


def asked(**facts: Any) -> dict[str, Any]:
    """OPENAPI with other facts of the parameter ``page``."""
    schema = deepcopy(OPENAPI)
    schema["paths"]["/a/"]["get"]["parameters"][0] |= facts
    return schema


def test_a_parameter_may_take_several_values() -> None:
    several = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    assert not list(openapi_differences(OPENAPI, asked(schema=several, explode=True, style="form")))
    assert list(openapi_differences(OPENAPI, asked(schema=several, explode=False, style="form")))
    of_numbers = several | {"items": {"type": "integer"}}
    (line,) = openapi_differences(OPENAPI, asked(schema=of_numbers, explode=True, style="form"))
    assert "was string, is integer" in line
    assert list(openapi_differences(asked(schema=several, explode=True), OPENAPI))


@pytest.mark.parametrize("is_needed", [False, True])
def test_what_took_no_parameters_may_take_some_that_need_not_be_given(is_needed: bool) -> None:
    before: dict[str, Any] = {"paths": {"/a/": {"post": {}}}}
    now = deepcopy(OPENAPI["paths"]["/a/"]["get"]["parameters"])
    schema = {"paths": {"/a/": {"post": {"parameters": [now[0] | {"required": is_needed}]}}}}
    assert ["has to be given" in line for line in openapi_differences(before, schema)] == [True] * is_needed


def test_a_schema_may_grow_and_be_worded_anew() -> None:
    schema = deepcopy(OPENAPI)
    schema["paths"] |= {"/b/": {}}
    schema["paths"]["/a/"] |= {"post": {}}
    schema["paths"]["/a/"]["get"]["parameters"].append({"in": "query", "name": "size", "required": False})
    row, request = schema["components"]["schemas"].values()
    row["properties"] |= {"zone": {"type": "string"}}
    row["required"] += ["zone"]
    row["properties"]["state"]["enum"].append("c")
    request["properties"] |= {"zone": {"type": "string"}}
    request["properties"]["state"] |= {"description": "Better text"}
    assert not list(openapi_differences(OPENAPI, schema))


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({**OPENAPI, "paths": {}}, "gone:    paths > /a/"),
        ({**OPENAPI, "paths": {"/a/": {}}}, "gone:    paths > /a/ > get"),
        ({**OPENAPI, "paths": {"/a/": {"get": {"parameters": []}}}}, "query page"),
        (changed(properties={}), "RowRequest > properties > state"),
        (changed(properties={"state": {"type": "integer"}}), "was string, is integer"),
        (changed(properties={"state": {"type": "string", "maxLength": 5}}), "maxLength: a rule that was not there"),
        (changed(required=[]), "RowRequest > required: state"),
        (changed(properties={"state": {"type": "string"}, "b": {}}, required=["state", "b"]), "b has to be given"),
    ],
)
def test_what_would_break_a_client_is_named(schema: dict[str, Any], said: str) -> None:
    (line,) = openapi_differences(OPENAPI, schema)
    assert said in line
