"""The changelog: dated releases, newest first, whose entries are lines."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from itertools import pairwise

from tests import ROOT

LINES = (ROOT / "CHANGELOG.md").read_text().splitlines()
RELEASE = re.compile(r"## (\d+\.\d+\.\d+) \u2013 (\d{4}-\d\d-\d\d)")
GROUPS = ("### Added", "### Changed", "### Fixed", "### Upgrading")


def releases() -> list[tuple[tuple[int, ...], date]]:
    found = filter(None, map(RELEASE.fullmatch, LINES))
    return [(tuple(map(int, it[1].split("."))), date.fromisoformat(it[2])) for it in found]


def test_every_entry_is_a_line_of_a_group() -> None:
    heads = ("# Changelog", "## Unreleased", *GROUPS)
    wrong = [it for it in LINES if it and it not in heads and not RELEASE.fullmatch(it) and not it.startswith("- ")]
    assert wrong == []
    assert [it for it in LINES if it.startswith("- ") and (it.endswith(".") or len(it) > 120)] == []


def test_releases_stand_newest_first_below_what_is_unreleased() -> None:
    assert [line for line in LINES if line][1] == "## Unreleased"
    assert all(new[0] > old[0] and new[1] >= old[1] for new, old in pairwise(releases()))


def test_the_version_of_the_project_is_that_of_the_newest_release() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert ".".join(map(str, releases()[0][0])) == version
