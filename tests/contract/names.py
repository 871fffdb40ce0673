"""The names that others depend on, as a list beside the code: tables, addresses, commands, metrics and so on.

``names.json`` and ``openapi.json`` say what the product had when they were written. The tests here fail if something of
that is gone or has changed; what is new is allowed, because nobody depends on it yet. If a change is meant, write the
lists anew, once for each database, and commit them together with the change::

    export DJANGO_SETTINGS_MODULE=tests.settings
    env -u DATABASE_URL python -m tests.contract.names
    python -m tests.support.postgres -- python -m tests.contract.names

That runs the same tests, which then write what they find instead of comparing it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
NAMES, OPENAPI = HERE / "names.json", HERE / "openapi.json"
#: If it is set the lists are written.
WRITE = "WRITE_FROZEN_NAMES"

#: Facts by name; a set of names has empty ones.
Facts = Mapping[str, str]


def check(kind: str, found: Facts, *, may_grow: bool = False) -> None:
    """AssertionError names each entry of the list ``kind`` that is gone or is another one in ``found``.

    With ``may_grow`` a fact may be longer than it was: the head of a file with another column at its end.
    """
    assert found, f"nothing was found of {kind}"
    if is_writing():
        _write(NAMES, _read(NAMES) | {kind: _packed(found)})
        return
    said = "\n".join(differences(_unpacked(_read(NAMES)[kind]), found, may_grow=may_grow))
    assert not said, f"{kind}: others depend on what was there before (see tests/contract/names.py):\n{said}"


def check_openapi(found: Mapping[str, Any], differ: Iterable[str]) -> None:
    """AssertionError with ``differ``, the differences between ``found`` and :func:`stored_openapi`."""
    if is_writing():
        _write(OPENAPI, found)
        return
    said = "\n".join(differ)
    assert not said, f"OpenAPI: clients depend on what was there before (see tests/contract/names.py):\n{said}"


def stored_openapi() -> dict[str, Any]:
    return _read(OPENAPI)


def differences(stored: Facts, found: Facts, *, may_grow: bool = False) -> list[str]:
    """A line for each entry of ``stored`` that is gone or has changed."""
    lines = [f"  gone:    {name} {fact}".rstrip() for name, fact in stored.items() if name not in found]
    for name, fact in stored.items():
        now = found.get(name, fact)
        if now != fact and not (may_grow and now.startswith(f"{fact},")):
            lines.append(f"  changed: {name}: was {fact or 'without'}, is {now or 'without'}")
    return lines


def is_writing() -> bool:
    return WRITE in os.environ


def _packed(found: Facts) -> object:
    return dict(found) if any(found.values()) else sorted(found)


def _unpacked(stored: dict[str, str] | list[str]) -> Facts:
    return stored if isinstance(stored, dict) else dict.fromkeys(stored, "")


def _read(file: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return read


def _write(file: Path, content: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    os.environ[WRITE] = "1"
    sys.exit(pytest.main([str(HERE), "-q"]))
