"""docs/security.md says where each requirement is met, and that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import ROOT

TEXT = Path(ROOT, "docs", "security.md").read_text()
STATES = ("met", "partly: ", "not met: ", "does not apply")


def rows(title: str) -> list[list[str]]:
    """The cells of the table under that heading, without its head."""
    section = TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1:]]


@pytest.mark.parametrize(("title", "pattern"), [("IEC 62443-4-2", r"CR \d\.\d+ "), ("OWASP ASVS 5.0", r"V\d+ ")])
def test_each_requirement_has_a_state_and_a_place(title: str, pattern: str) -> None:
    found = [re.match(pattern, name) for name, _state, _where in rows(title)]
    names = [match[0] for match in found if match]
    assert len(names) == len(found) == len(set(names)) > 15
    for name, state, where in rows(title):
        assert state.startswith(STATES), name
        assert bool(where) != state.startswith(("not met", "does not apply")) or "looked up" in state, name


@pytest.mark.parametrize("title", ["IEC 62443-4-2", "OWASP ASVS 5.0"])
def test_the_places_are_there(title: str) -> None:
    places = [place for _name, _state, where in rows(title) for place in re.findall(r"`([^`]+)`", where)]
    assert len(places) > 15
    assert [place for place in places if not Path(ROOT, place).exists()] == []


def test_numbers_are_marked_as_from_memory() -> None:
    assert len(re.findall(r"\*\*from memory", TEXT)) == 2


def test_each_port_that_a_unit_or_proxy_opens_is_listed() -> None:
    ports = "\n".join(" ".join(row) for row in rows("Who reaches which port"))
    units = "\n".join(path.read_text() for path in Path(ROOT, "deploy", "systemd").glob("*.service"))
    opened = re.findall(r"(?:--port|--metrics-port|127\.0\.0\.1:)\s*(\d+)", units)
    assert len(set(opened)) > 3
    assert [port for port in opened if port not in ports] == []
