"""What of an OpenAPI schema a client may rely on, and how a schema may grow under it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

#: What people read, which may be put better, and which product serves it.
TEXTS = {"description", "summary", "title", "version", "x-enum-descriptions"}
#: Whose keys are names: there may be more of them. Elsewhere a new key would be a new rule.
MAY_GROW = {"paths", "properties", "schemas", "responses", "content", "securitySchemes", "headers"}
REQUEST = "Request"  # how the names of the schemas end that clients send


def openapi_differences(stored: Any, found: Any, *where: str) -> Iterator[str]:
    """A line for each thing at ``where`` on which a client of ``stored`` could not rely any more.

    Paths, methods, schemas, their properties, parameters that need not be given and values of enumerations may be
    added, and parameters may take several values by being repeated.
    """
    if isinstance(stored, dict) and isinstance(found, dict):
        yield from _in_objects(stored, found, where)
    elif isinstance(stored, list) and isinstance(found, list) and where[-1] in _LISTS:
        yield from _LISTS[where[-1]](stored, found, where)
    elif stored != found:
        yield f"  changed: {_path(where)}: was {stored}, is {found}"


def _in_objects(stored: dict[str, Any], found: dict[str, Any], where: tuple[str, ...]) -> Iterator[str]:
    is_text = set[str]() if _has_names(where) else TEXTS
    for key in stored.keys() - found.keys() - is_text:
        yield f"  gone:    {_path((*where, key))}"
    if "parameters" in found and "parameters" not in stored and not _has_names(where):
        yield from _in_parameters([], found["parameters"], (*where, "parameters"))
    if not _has_names(where):
        for key in found.keys() - stored.keys() - TEXTS - {"parameters"}:
            yield f"  new:     {_path((*where, key))}: a rule that was not there"
    for key in stored.keys() & found.keys() - is_text:
        if key == "required" and isinstance(stored[key], list):
            added = found.get("properties", {}).keys() - stored.get("properties", {}).keys()
            yield from _in_required(stored[key], found[key], added, (*where, key))
        else:
            yield from openapi_differences(stored[key], found[key], *where, key)


def _has_names(where: tuple[str, ...]) -> bool:
    """Whether the keys there are names, such as those of properties, of paths or of the methods of a path."""
    return where[-1:] != () and (where[-1] in MAY_GROW or where[-2:-1] == ("paths",))


def _in_required(stored: list[str], found: list[str], added: set[str], where: tuple[str, ...]) -> Iterator[str]:
    """An answer may have a new property always; a request must not need one."""
    allowed = set[str]() if where[-2].endswith(REQUEST) else added
    for name in set(stored) - set(found):
        yield f"  gone:    {_path(where)}: {name}"
    for name in set(found) - set(stored) - allowed:
        yield f"  new:     {_path(where)}: {name} has to be given"


def _in_parameters(stored: list[Any], found: list[Any], where: tuple[str, ...]) -> Iterator[str]:
    before, now = _by_name(stored), _by_name(found)
    for name in before.keys() - now.keys():
        yield f"  gone:    {_path(where)}: {name}"
    for name in now.keys() - before.keys():
        if now[name].get("required"):
            yield f"  new:     {_path(where)}: {name} has to be given"
    for name in before.keys() & now.keys():
        yield from openapi_differences(before[name], _as_before(before[name], now[name]), *where, name)


def _as_before(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What ``now`` says of one value: a parameter that may be repeated, and could not before, is asked as it was."""
    if before["schema"].get("type") == "array" or now["schema"].get("type") != "array" or not now.get("explode"):
        return now
    rest = {name: value for name, value in now.items() if name not in ("explode", "style")}
    return rest | {"schema": now["schema"]["items"]}


def _by_name(parameters: list[Any]) -> dict[str, Any]:
    return {f"{one['in']} {one['name']}": one for one in parameters}


def _in_enumeration(stored: list[Any], found: list[Any], where: tuple[str, ...]) -> Iterator[str]:
    for value in stored:
        if value not in found:
            yield f"  gone:    {_path(where)}: {value}"


_LISTS = {"parameters": _in_parameters, "enum": _in_enumeration}


def _path(where: tuple[str, ...]) -> str:
    return " > ".join(where)
