"""Programs of the system that tests put before or behind the product: the machine's own, or installed for the tests."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SBIN = Path("/usr/sbin")  # not on the PATH of an ordinary user
APT_GET = ("apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300")


def program(name: str, *more: str, package: str = "") -> Path:
    """The path of program ``name``. If it is not there, its package is installed, with ``more`` of them.

    ``package`` is needed only where it has another name than the program.

    Where there is none and none can be installed, the test is skipped, and fails in CI.
    """
    packages = (package or name, *more)
    found = _find(name, *packages)
    what_to_do = f"This test needs {name}. Install it (Debian and Ubuntu: apt-get install {' '.join(packages)})."
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(what_to_do)
    if found is None:
        pytest.skip(what_to_do)
    return found


@functools.cache
def _find(name: str, *packages: str) -> Path | None:
    return _installed(name) or _from_apt(name, *packages)


def _installed(name: str) -> Path | None:
    found = shutil.which(name) or (SBIN / name if (SBIN / name).exists() else None)
    return Path(found) if found else None


def _from_apt(name: str, *packages: str) -> Path | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (("update",), ("install", "--yes", "--no-install-recommends", *packages)):
        subprocess.run([*APT_GET, *arguments], env=environment, capture_output=True, check=False)
    return _installed(name)
