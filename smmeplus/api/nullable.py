"""What may be null or empty, as every generator of clients and every strict validator reads it (OpenAPI 3.0.3).

drf-spectacular says it by ``oneOf`` with an enum of nothing but null, of which openapi-generator makes classes that do
not compile, and by ``nullable`` beside ``allOf``, where the standard gives it no meaning without a ``type``.
"""

from __future__ import annotations

from typing import Any

_EMPTY = {"NullEnum": None, "BlankEnum": ""}
_PREFIX = "#/components/schemas/"
Part = dict[str, Any]


def say_what_may_be_null(result: Part, **_kwargs: Any) -> Part:
    """Hook of drf-spectacular: nullable enums and objects stand where they are used, with null among their values."""
    schemas = result["components"]["schemas"]
    for part in parts_of(result):
        if "oneOf" in part:
            _join_enums(part, schemas)
        if part.get("nullable") and "allOf" in part:
            _stand_here(part, schemas)
        if part.get("nullable") and "enum" in part and None not in part["enum"]:
            part["enum"] = [*part["enum"], None]
    for name in _EMPTY:
        schemas.pop(name, None)
    return result


def parts_of(within: Any) -> list[Part]:
    """Every object of the schema, inner ones first."""
    values = list(within.values()) if isinstance(within, dict) else within if isinstance(within, list) else []
    found = [part for value in values for part in parts_of(value)]
    return [*found, within] if isinstance(within, dict) else found


def _join_enums(part: Part, schemas: Part) -> None:
    """One enum in the place of several, of which one at least is empty."""
    names = [one.get("$ref", "").removeprefix(_PREFIX) for one in part["oneOf"]]
    if not _EMPTY.keys() & set(names):
        return
    del part["oneOf"]
    enums = [schemas[name] for name in names if name not in _EMPTY]
    part["type"] = enums[0].get("type", "string")
    part["enum"] = [value for enum in enums for value in enum["enum"]] + [
        _EMPTY[name] for name in names if name in _EMPTY
    ]


def _stand_here(part: Part, schemas: Part) -> None:
    """Put what ``part`` refers to in the place of the reference: its own description stays."""
    (one,) = part.pop("allOf")
    found = schemas[one["$ref"].removeprefix(_PREFIX)]
    part |= {name: value for name, value in found.items() if name not in part}
