"""The units of deploy/: systemd itself says that it knows each directive and how much each service is exposed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import ROOT

ANALYZE = shutil.which("systemd-analyze")
UNITS = sorted(Path(ROOT, "deploy", "systemd").glob("*.service"))
#: In tenths, as systemd-analyze takes it. Below 5.0 it calls a service "OK".
MOST_EXPOSED = "30"

pytestmark = pytest.mark.skipif(ANALYZE is None and "CI" not in os.environ, reason="systemd-analyze is not installed")


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ANALYZE), *arguments], capture_output=True, text=True, check=False)


def test_there_are_units() -> None:
    assert len(UNITS) > 5


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_service_is_hardly_exposed(unit: Path) -> None:
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(unit))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_knows_each_directive(unit: Path, tmp_path: Path) -> None:
    """With a program that every machine has: ours is not installed where the tests run."""
    copy = tmp_path / unit.name
    copy.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE))
    done = analyze("verify", "--recursive-errors=no", str(copy))
    said = [line for line in done.stderr.splitlines() if unit.stem.rstrip("@") in line]
    assert (done.returncode, said) == (0, [])


def test_what_is_exposed_and_what_is_unknown_is_found(tmp_path: Path) -> None:
    bare = tmp_path / "bare.service"
    bare.write_text("[Service]\nExecStart=/bin/true\nProtectEverything=yes\n")
    assert analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(bare)).returncode != 0
    assert "ProtectEverything" in analyze("verify", "--recursive-errors=no", str(bare)).stderr
