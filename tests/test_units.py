"""The units of deploy/, installed: systemd itself says that nothing is wrong and how exposed each service is."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT
from tests.deploy.installing import install_as_on_debian, units_of

ANALYZE = shutil.which("systemd-analyze")
SERVICES = sorted(path.name for path in Path(ROOT, "deploy", "systemd").glob("*.service"))
#: In tenths, as systemd-analyze takes it. Below 5.0 it calls a service "OK".
MOST_EXPOSED = "30"

pytestmark = pytest.mark.skipif(ANALYZE is None and "CI" not in os.environ, reason="systemd-analyze is not installed")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("installed")
    install_as_on_debian(root)
    return root


@pytest.fixture
def spoiled(installed: Path) -> Iterator[Path]:
    """A unit that a test may change."""
    unit = installed / "etc/systemd/system/smmeplus-web.service"
    before = unit.read_text()
    yield unit
    unit.write_text(before)


def verify(root: Path) -> tuple[int, str]:
    """What systemd says of all that is installed: services, templates and timers, with the programs that they start."""
    done = analyze("verify", f"--root={root}", *map(str, units_of(root)))
    return done.returncode, done.stderr


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(ANALYZE), *arguments], capture_output=True, text=True, check=False)


def test_all_units_are_installed(installed: Path) -> None:
    assert [path.name for path in units_of(installed, "*.service")] == SERVICES
    assert len(SERVICES) > 10
    assert len(units_of(installed, "*.timer")) > 3


def test_systemd_finds_nothing_wrong(installed: Path) -> None:
    assert verify(installed) == (0, "")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_hardly_exposed(installed: Path, name: str) -> None:
    done = analyze("security", f"--root={installed}", "--offline=true", f"--threshold={MOST_EXPOSED}", name)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("ProtectHome=true", "ProtectHaus=true", "Unknown key 'ProtectHaus'"),
        ("/bin/gunicorn ", "/bin/no-such-program ", "no-such-program is not executable"),
    ],
)
def test_what_is_wrong_is_found(installed: Path, spoiled: Path, right: str, wrong: str, said: str) -> None:
    spoiled.write_text(spoiled.read_text().replace(right, wrong))
    assert said in verify(installed)[1]


def test_what_is_exposed_is_found(tmp_path: Path) -> None:
    bare = tmp_path / "bare.service"
    bare.write_text("[Service]\nExecStart=/bin/true\n")
    assert analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(bare)).returncode != 0
