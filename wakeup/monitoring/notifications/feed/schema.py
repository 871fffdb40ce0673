"""The JSON Schema of events, as it is served and as `docs/events.schema.json` keeps it (API-3).

It says what stays: readers take what they do not know as not there, so new types and new members may come.
"""

from __future__ import annotations

from typing import Any, Final

_MOMENT: Final = {"type": "string", "format": "date-time"}
_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "integer"}
_FLAG: Final = {"type": "boolean"}


def _or_null(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "type": [one["type"], "null"]}


_STATUS: Final = {"type": "string", "description": "Empty: not in field."}
_CHANGE: Final = {
    "from_status": _STATUS,
    "to_status": _STATUS,
    "reason": {"type": "string", "description": "`silence`, `last gasp`, `message` or `operator`."},
    "verdict": {**_or_null(_TEXT), "description": "Whose fault silence was; null while nobody judged."},
    "substation": _TEXT,
    "feeder": _TEXT,
}
_OUTAGE: Final = {
    "outage": _NUMBER,
    "began_at": _MOMENT,
    "began_after": _MOMENT,
    "began_before": _MOMENT,
    "noticed_at": _MOMENT,
    "ended_at": _or_null(_MOMENT),
    "ended_by": _TEXT,
    "quality": _TEXT,
    "cause": _TEXT,
    "is_announced": {**_FLAG, "description": "By a last gasp."},
    "is_momentary": _FLAG,
    "customers": _NUMBER,
    "meters": _or_null(_NUMBER),
    "incident": _or_null(_NUMBER),
    "planned_work": _or_null(_TEXT),
    "substation": _TEXT,
    "feeder": _TEXT,
}
_INCIDENT: Final = {
    "incident": _NUMBER,
    "scope": _TEXT,
    "substation": _TEXT,
    "feeder": _TEXT,
    "carrier": _TEXT,
    "cause": _TEXT,
    "priority": _TEXT,
    "began_at": _MOMENT,
    "noticed_at": _MOMENT,
    "ended_at": _or_null(_MOMENT),
    "part_of": _or_null(_NUMBER),
    "concentrators": _NUMBER,
    "dark": _NUMBER,
    "customers": _NUMBER,
    "text": {"type": "string", "description": "What an operator said."},
    "said": {"type": "object", "description": "Numbers and names of this line of the timeline."},
}
_PLANNED: Final = {
    "planned_work": _NUMBER,
    "title": _TEXT,
    "scope": _TEXT,
    "substation": _TEXT,
    "feeder": _TEXT,
    "begin": _MOMENT,
    "end": _MOMENT,
    "rule": {"type": "string", "description": "As in RFC 5545; empty: once."},
    "cancelled_at": _or_null(_MOMENT),
    "uid": _TEXT,
}
_ROLL_OUT: Final = {
    "roll_out": _NUMBER,
    "action": _TEXT,
    "profile_name": _TEXT,
    "state": _TEXT,
    "since": _MOMENT,
    "size": _NUMBER,
    "waves": _NUMBER,
    "current_wave": _NUMBER,
    "halted_by": _or_null(_NUMBER),
    "halted_of": _or_null(_NUMBER),
}
#: By the first word of the type: what its ``data`` has.
KINDS: Final = {
    "status": ("What a concentrator's status has become.", _CHANGE),
    "outage": ("One concentrator without power, or not heard.", _OUTAGE),
    "incident": ("What happened to many at once, as it was when this was published.", _INCIDENT),
    "planned-work": ("Work that makes a place dark.", _PLANNED),
    "roll-out": ("One change of many devices.", _ROLL_OUT),
}
#: All that there are.
TYPES: Final = (
    "status.changed",
    *(f"outage.{word}" for word in ("began", "changed", "ended")),
    *(f"incident.{word}" for word in ("opened", "grew", "widened", "absorbed", "cause", "acknowledged", "owner")),
    *(f"incident.{word}" for word in ("merged", "split", "ended", "reopened")),
    *(f"planned-work.{word}" for word in ("made", "changed", "cancelled", "deleted")),
    *(f"roll-out.{word}" for word in ("started", "changed", "deleted")),
)


def event_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of one event."""
    envelope = {
        "id": {
            "type": "string",
            "format": "uuid",
            "description": "Another one for each event: tells what comes twice.",
        },
        "number": {"type": "integer", "minimum": 1, "description": "Grows with each; others' events leave gaps."},
        "type": {"type": "string", "pattern": "^[a-z-]+\\.[a-z-]+$", "examples": list(TYPES)},
        "at": {**_MOMENT, "description": "When it came about, which may be long before it was noticed."},
        "published_at": _MOMENT,
        "environment": _TEXT,
        "company": {**_or_null(_TEXT), "description": "Null: our side, which is about nobody's concentrators."},
        "concentrator": {**_or_null(_TEXT), "description": "The serial number; null: about no single one."},
        "data": {"type": "object"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Event of SMM ePlus wake-up support",
        "type": "object",
        "required": list(envelope),
        "properties": envelope,
        "allOf": [_rule(kind, text, members) for kind, (text, members) in KINDS.items()],
    }


def _rule(kind: str, text: str, members: dict[str, Any]) -> dict[str, Any]:
    data = {"type": "object", "description": text, "required": list(members), "properties": members}
    return {
        "if": {"properties": {"type": {"pattern": f"^{kind}\\."}}, "required": ["type"]},
        "then": {"properties": {"data": data}},
    }
