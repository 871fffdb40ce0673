from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT
from tests.plugins.effort import SOAKS
from tests.world.planted.faults import FAULTS, Fault

LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.sqlite3*", "staticfiles", "docs", "browser", "bench")


def test_each_fault_fits_the_code_of_today() -> None:
    for fault in FAULTS:
        assert (ROOT / fault.file).read_text().count(fault.before) == 1, fault.what
    assert len(FAULTS) >= 20


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product and its tests."""
    return Path(shutil.copytree(ROOT, tmp_path_factory.mktemp("planted") / "copy", ignore=LEFT_OUT))


def tried_out(copy: Path, room: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of a room as at the desk, up to the first that fails; random histories last."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    for name in ("CI", "SOAK", "DATABASE_URL"):
        environment.pop(name, None)
    files = sorted(copy.glob(f"tests/wakeup/monitoring/{room}/test_*.py"), key=lambda file: "histories" in file.name)
    command = (sys.executable, "-m", "pytest", *map(str, files), "-q", "-x", "-p", "no:cacheprovider")
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.soak
@pytest.mark.ci_only
@pytest.mark.parametrize("fault", FAULTS if SOAKS else FAULTS[:1], ids=lambda fault: fault.what)
def test_each_fault_is_found(copy: Path, fault: Fault) -> None:
    file = copy / fault.file
    whole = file.read_text()
    file.write_text(whole.replace(fault.before, fault.after))
    try:
        run = tried_out(copy, fault.room)
    finally:
        file.write_text(whole)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout[-2_000:] + run.stderr[-2_000:]
