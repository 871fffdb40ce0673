"""The page of a type in the admin site, as a browser posts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.test import Client
from django.urls import reverse

from concentrators.models import ConcentratorType, KindRule
from smmeplus.dlms.kinds import Kind
from tests.smmeplus.translation.markup import parse, text, with_class

PARTS = ("where", "name", "class_id", "what", "code", "word", "bit", "kind")
EMPTY = {**dict.fromkeys(PARTS, ""), "where": "push", "what": "anything"}


def url_of(type_: ConcentratorType) -> str:
    return reverse("admin:concentrators_concentratortype_change", args=[type_.pk])


def rules_of(type_: ConcentratorType) -> dict[str, Kind]:
    rules = KindRule.objects.filter(type=type_).values_list("sign", "kind")
    return {sign: Kind(kind) for sign, kind in rules}


def posted(*rows: Mapping[str, Any], **of_type: Any) -> dict[str, Any]:
    """The fields of the page; the rows with an ``id`` are those that were stored when it was shown."""
    stored = [row for row in rows if "id" in row]
    data = {"name": "SMR", "kind_rules-TOTAL_FORMS": len(rows), "kind_rules-INITIAL_FORMS": len(stored)} | of_type
    for number, row in enumerate([*stored, *(row for row in rows if "id" not in row)]):
        data |= {f"kind_rules-{number}-{field}": value for field, value in (EMPTY | dict(row)).items()}
    return data


def row_of(rule: KindRule, **changed: Any) -> dict[str, Any]:
    """The row that shows ``rule``, which is about a code without a push name, as ``changed``."""
    return {"id": rule.pk, "where": "no push", "what": "code", "code": rule.sign[5:], "kind": rule.kind} | changed


def save(client: Client, type_: ConcentratorType, *rows: Mapping[str, Any], **of_type: Any) -> Any:
    return client.post(url_of(type_), posted(*rows, **of_type), follow=True)


def errors(response: Any) -> dict[str, list[str]]:
    """What is said at the first row, by the class of its cell; under ``row`` what is said of the whole."""
    page = parse(response)
    cells = [cell for cell in page.iter("td") if cell.get("class", "").startswith("field-")]
    said = {
        cell.get("class", "").removeprefix("field-"): [text(one) for one in cell.iter("li")]
        for cell in reversed(cells)
        if cell.find(".//ul") is not None
    }
    of_rows = [text(one) for row in with_class(page, "row-form-errors") for one in row.iter("li")]
    return said | ({"row": of_rows} if of_rows else {})
