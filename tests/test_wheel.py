"""The wheel: it holds what the checkout holds, and runs the product where there is no checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from itertools import chain
from pathlib import Path

import pytest

from tests import ROOT
from tests.test_project import LOCKS, pins, project_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ROOMS = ("smmeplus", "profiles", "concentrators", "wakeup", "reports")
DATA = ("templates", "static", "locale")
APART = ("audit.txt", "clients.txt")  # of programs that stand beside the product

#: What a browser does first, through the WSGI application of an installed product.
VISIT = """
import smmeplus.wsgi
from django.test import Client
from smmeplus.common.version import version

client = Client()
page = client.get("/sign-in/", headers={"accept-language": "es"})
assert page.status_code == 200, page
assert "Iniciar sesi" in page.content.decode(), "not in Spanish"
for name in ("smmeplus.css", "bootstrap/css/bootstrap.min.css", "admin/css/base.css"):
    file = client.get("/static/" + name)
    assert file.status_code == 200 and b"".join(file), name
print(smmeplus.wsgi.__file__, version())
"""


def pip(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "pip", "-q", *arguments, "--no-deps", "--no-index"], check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", ROOT, "-w", folder, "--no-build-isolation")
    (made,) = folder.iterdir()
    return made


def test_it_holds_every_file_of_the_product_and_nothing_else(wheel: Path) -> None:
    own = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in project_files()}
    wanted = {name: content for name, content in own.items() if name.startswith(tuple(f"{room}/" for room in ROOMS))}
    wanted |= {f"smmeplus/data/{name}": own[name] for name in own if name.startswith(tuple(f"{it}/" for it in DATA))}
    with zipfile.ZipFile(wheel) as archive:
        packed = {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}
    assert packed.keys() == wanted.keys()
    assert [name for name in wanted if packed[name] != wanted[name]] == []


@pytest.mark.parametrize(
    "name",
    [
        "smmeplus/data/templates/registration/login.html",
        "smmeplus/data/static/smmeplus.css",
        "smmeplus/data/locale/it/LC_MESSAGES/django.mo",
        "concentrators/demo/installation-chile.csv",
        "wakeup/migrations/0001_initial.py",
    ],
)
def test_of_each_kind_of_file_one_is_known_to_be_in_it(wheel: Path, name: str) -> None:
    assert name in zipfile.ZipFile(wheel).namelist()


def test_its_version_and_its_requirements_are_those_of_the_project(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        facts = archive.read(name).decode()
    assert f"\nVersion: {PROJECT['version']}\n" in facts
    asked = [*PROJECT["dependencies"], *chain.from_iterable(PROJECT["optional-dependencies"].values())]
    assert facts.count("\nRequires-Dist: ") == len(asked) > 10


@pytest.mark.parametrize("lock", [one for one in LOCKS if one.name not in APART], ids=lambda path: path.name)
def test_a_lock_pins_what_the_project_requires(lock: Path) -> None:
    names = {re.split(r"[\[~;=<> ]", requirement)[0].lower() for requirement in PROJECT["dependencies"]}
    assert names <= pins(lock).keys()


@pytest.mark.ci_only
def test_installed_away_from_the_checkout_it_runs(wheel: Path, tmp_path: Path) -> None:
    packages, home = tmp_path / "packages", tmp_path / "home"
    pip("install", wheel, "--target", packages, "--no-compile")
    (home / "var").mkdir(parents=True)
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "HOME", "TMPDIR")}
    environment = kept | {
        "PYTHONPATH": str(packages),
        "SECRET_KEY": "long-enough-and-of-many-different-characters-0123456789",
        "HTTPS": "false",
        "ALLOWED_HOSTS": "testserver",
        "STATIC_FROM_PACKAGES": "true",
    }

    def run(*command: str | Path) -> str:
        return subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=True).stdout

    assert "Applying wakeup.0001_initial... OK" in run(packages / "bin" / "smmeplus", "migrate")
    assert (home / "var" / "smmeplus.sqlite3").exists()
    assert run(sys.executable, "-c", VISIT).split() == [str(packages / "smmeplus" / "wsgi.py"), PROJECT["version"]]
