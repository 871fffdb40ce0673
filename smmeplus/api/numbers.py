"""How wide numbers are, for clients in languages that have several: the ids of messages pass 32 bits within weeks."""

from __future__ import annotations

from typing import Any

from smmeplus.api.nullable import Part, parts_of


def say_how_wide_numbers_are(result: Part, **_kwargs: Any) -> Part:
    """Hook of drf-spectacular: what has neither a largest value nor choices has 64 bits."""
    for part in parts_of(result):
        if part.get("type") == "integer" and not part.keys() & {"maximum", "enum", "format"}:
            part["format"] = "int64"
    return result
