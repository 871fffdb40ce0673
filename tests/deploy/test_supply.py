"""What is known against the components of a release, and the list of them (62443-4-1)."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from email.message import Message
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from tests.support.supply.audit import CannotAskError, audit
from tests.support.supply.sbom import completed, licence_of, without_licence

#: Stands for pip-audit: answers what is in a file beside it, by the name of the requirements it is asked about.
PROGRAM = f"""#!{sys.executable}
import pathlib, shutil, sys
asked = pathlib.Path(sys.argv[sys.argv.index("-r") + 1]).stem
answer = pathlib.Path(__file__).with_name(asked + ".json")
if not answer.exists():
    sys.exit("cannot reach the registry")
shutil.copy(answer, sys.argv[sys.argv.index("--output") + 1])
"""
OLD = {"name": "django", "version": "1.11", "vulns": [{"id": "CVE-1", "fix_versions": ["2.0"]}]}
GOOD = {"name": "good", "version": "1", "vulns": []}
BAD = {
    "name": "bad",
    "version": "1",
    "vulns": [{"id": "A", "fix_versions": ["2", "3"]}, {"id": "B", "fix_versions": []}],
}
UNKNOWN = {"name": "unknown", "skip_reason": "unknown was not found"}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "pip-audit"
    file.write_text(PROGRAM)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def asked(program: Path, probe: object, *packages: object) -> list[str]:
    for name, found in (("probe", [probe]), ("base", list(packages))):
        program.with_name(f"{name}.json").write_text(json.dumps({"dependencies": found}))
    return audit(str(program), program.with_name("base.txt"))


def test_nothing_is_known(program: Path) -> None:
    assert asked(program, OLD, GOOD) == []


def test_what_is_known_is_told_with_what_mends_it(program: Path) -> None:
    assert asked(program, OLD, GOOD, BAD) == ["bad 1: A, mended by 2, 3", "bad 1: B, mended by no version yet"]


@pytest.mark.parametrize("probe", [{**OLD, "vulns": []}, {"name": "django", "skip_reason": "not found"}])
def test_a_registry_without_advisories_is_not_believed(program: Path, probe: object) -> None:
    with pytest.raises(CannotAskError, match="has no advisories"):
        asked(program, probe, GOOD)


def test_a_package_that_nobody_knows_is_not_passed_over(program: Path) -> None:
    with pytest.raises(CannotAskError, match="unknown was not found"):
        asked(program, OLD, GOOD, UNKNOWN)


def test_a_registry_that_is_away_is_told(program: Path) -> None:
    with pytest.raises(CannotAskError, match="cannot reach the registry"):
        audit(str(program), program.with_name("base.txt"))


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--must-ask",), 2)])
def test_it_says_so_and_fails_only_where_it_must_ask(program: Path, options: tuple[str, ...], code: int) -> None:
    command = [sys.executable, "-m", "tests.support.supply.audit", str(program), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.startswith("NOT AUDITED. ")) == (code, True)


class Package(Distribution):
    """One that is installed, by its metadata alone."""

    def __init__(self, *lines: tuple[str, str]) -> None:
        self._message = Message()
        for name, value in lines:
            self._message[name] = value

    @property
    def metadata(self) -> Any:
        return self._message

    def read_text(self, filename: str) -> None:
        return None

    def locate_file(self, path: Any) -> Path:
        return Path(path)


MIT = ("Classifier", "License :: OSI Approved :: MIT License")


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        ((("License-Expression", "BSD-3-Clause"), ("License", "BSD")), {"expression": "BSD-3-Clause"}),
        ((("License", "BSD"), MIT), {"license": {"name": "BSD"}}),
        ((("License", "x" * 65), MIT), {"license": {"name": "MIT License"}}),
        ((MIT, ("Classifier", "Framework :: Django")), {"license": {"name": "MIT License"}}),
        ((), None),
    ],
)
def test_a_licence_is_what_the_package_says_of_itself(lines: tuple[Any, ...], licence: object) -> None:
    assert licence_of(Package(*lines)) == licence


def test_the_list_does_not_change_with_the_lines_of_the_lock() -> None:
    def made(line: int, *installed: Distribution) -> dict[str, Any]:
        part = {"bom-ref": f"L{line}", "purl": "pkg:pypi/a-b@1", "name": "A_b", "description": f"line {line}"}
        links = [{"ref": "root", "dependsOn": [f"L{line}"]}, {"ref": f"L{line}"}]
        return completed({"components": [part], "dependencies": links}, installed)

    assert made(1) == made(7)
    assert made(1)["dependencies"] == [{"ref": "root", "dependsOn": ["pkg:pypi/a-b@1"]}, {"ref": "pkg:pypi/a-b@1"}]
    assert without_licence(made(1)) == ["A_b"]
    assert without_licence(made(1, Package(("Name", "a.b"), MIT))) == []


def test_every_locked_package_that_is_installed_here_has_a_licence() -> None:
    locked = {
        line.split("==")[0] for line in Path(ROOT, "requirements/base.txt").read_text().splitlines() if "==" in line
    }
    installed = [one for one in distributions() if one.metadata["Name"].lower() in locked]
    assert len(installed) > 30
    assert [one.metadata["Name"] for one in installed if licence_of(one) is None] == []
