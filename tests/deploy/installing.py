"""``deploy/install.sh`` into an empty folder, as if that were the root of a machine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests import ROOT

SCRIPT = Path(ROOT, "deploy", "install.sh")
#: Where systemd has its own units.
SYSTEMD = Path("/usr/lib/systemd/system")
PROGRAMS = ("opt/smmeplus/.venv/bin/python", "opt/smmeplus/.venv/bin/gunicorn", "bin/kill")


def install(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", SCRIPT, "--root", root, *options], capture_output=True, text=True, check=False)


def install_as_on_debian(root: Path) -> None:
    """With what systemd looks for beside the units: its own targets, and programs, here ones that do nothing."""
    done = install(root, "--site", "smmeplus.test")
    assert done.returncode == 0, done.stderr
    targets = root / SYSTEMD.relative_to("/")
    targets.mkdir(parents=True)
    for unit in (*SYSTEMD.glob("*.target"), SYSTEMD / "systemd-journald.socket"):
        shutil.copy(unit, targets)
    for program in PROGRAMS:
        (root / program).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", root / program)


def units_of(root: Path, pattern: str = "smmeplus-*") -> list[Path]:
    return sorted((root / "etc/systemd/system").glob(pattern))
