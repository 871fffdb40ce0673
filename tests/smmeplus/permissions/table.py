"""Reads docs/permissions.md, which says who may what, and writes its lines."""

from __future__ import annotations

import re
from typing import NamedTuple

from tests import ROOT

FILE = ROOT / "docs" / "permissions.md"
NOBODY, NO_ROLE, VIEWER, OPERATOR, ADMINISTRATOR, OF_ALL = ROLES = (
    *("nobody", "no role", "viewer", "operator", "administrator", "of all"),
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
READS, WRITES, REFUSED = "r", "w", "-"
#: What a row says of the things of companies that the user is not in.
NOT_THERE, SHARED, NO_THING = "not there", "shared", "-"
_ROW = re.compile(r"\| `([^`]+)` \| ([A-Z ]+) \|(.*)\|")


class Row(NamedTuple):
    """What a role may at an address: ``r`` to look, ``w`` to use the methods other than GET; ``-`` nothing.

    ``methods`` are those that the address has. ``of_others`` says what comes if it leads to another company's thing.
    """

    name: str
    methods: tuple[str, ...]
    rights: tuple[str, ...]
    of_others: str

    def allows(self, role: str, method: str) -> bool:
        return method in self.methods and (READS if method == "GET" else WRITES) in self.rights[ROLES.index(role)]

    def __str__(self) -> str:
        cells = (f"`{self.name}`", " ".join(self.methods), *self.rights, self.of_others)
        return f"| {' | '.join(cells)} |"


def rows() -> list[Row]:
    found = []
    for line in FILE.read_text().splitlines():
        if match := _ROW.fullmatch(line):
            *rights, of_others = (cell.strip() for cell in match[3].split("|"))
            assert len(rights) == len(ROLES), line
            found.append(Row(match[1], tuple(match[2].split()), tuple(rights), of_others))
    return found
