"""Contracts of the project as a whole: its rooms, its locks, its files."""

from __future__ import annotations

import ast
import fnmatch
import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT

LIBRARY = ROOT / "smmeplus" / "dlms"
MAX_LINES = 300
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"(?P<name>[a-z0-9._-]+)(\[[a-z0-9,-]+\])?==(?P<version>[^ ;]+)")


def ignored() -> list[str]:
    """The patterns of .gitignore, which are plain names here; read, because git need not be installed."""
    return [".git", *(line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split())]


def project_files() -> Iterator[Path]:
    """Every file that is under version control, or would be."""
    patterns = ignored()

    def kept(names: list[str]) -> list[str]:
        return [name for name in names if not any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]

    for folder, folders, files in os.walk(ROOT):
        folders[:] = kept(folders)
        yield from (Path(folder, name) for name in kept(files))


def python_files(under: Path = ROOT) -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py" and path.is_relative_to(under)]


def imports_of(path: Path) -> set[str]:
    """The full names of the modules that the file imports anywhere, even inside a function."""
    package = path.relative_to(ROOT).parts[:-1]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            names.add(".".join([*base, *([node.module] if node.module else [])]))
    return names


def room(module: str) -> str:
    return module.partition(".")[0]


def requirements(lock: Path) -> list[str]:
    """The requirements of a lock file, each with its hashes on one line."""
    joined = lock.read_text().replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def pins(lock: Path) -> dict[str, str]:
    return {match["name"]: match["version"] for line in requirements(lock) if (match := PIN.match(line))}


def test_there_are_files_to_look_at() -> None:
    assert len(python_files()) > 50
    locks = ["amqp.txt", "audit.txt", "base.txt", "clients.txt", "demo.txt", "dev.txt"]
    assert [path.name for path in LOCKS] == locks


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_no_registry(lock: Path) -> None:
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host| @ ", lock.read_text())


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_pins_every_package_to_one_version_and_its_hashes(lock: Path) -> None:
    loose = [line for line in requirements(lock) if not PIN.match(line) or "--hash=sha256:" not in line]
    assert not loose


def test_the_tests_run_with_the_versions_of_the_product() -> None:
    base, demo, dev = (pins(LOCKS[0].with_name(f"{name}.txt")) for name in ("base", "demo", "dev"))
    assert base.items() <= demo.items() <= dev.items()


def test_the_dlms_codec_is_a_library_of_its_own() -> None:
    wrong = {
        str(path.relative_to(ROOT)): names
        for path in python_files(LIBRARY)
        if (names := sorted(name for name in imports_of(path) if not _is_pure(name, path)))
    }
    assert not wrong


def _is_pure(module: str, path: Path) -> bool:
    """Only what ciphers needs another library."""
    if room(module) == "cryptography":
        return path.parent == LIBRARY / "ciphering"
    return room(module) in sys.stdlib_module_names or f"{module}.".startswith("smmeplus.dlms.")


def test_no_python_file_is_too_long_to_read() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in python_files() if "migrations" not in path.parts}
    assert not {str(path.relative_to(ROOT)): lines for path, lines in lengths.items() if lines > MAX_LINES}


def test_every_command_is_named_in_a_test() -> None:
    tests = "\n".join(path.read_text() for path in python_files(ROOT / "tests") if path.name.startswith("test_"))
    commands = {path.stem for path in python_files() if path.parts[-3:-1] == ("management", "commands")}
    assert not {name for name in commands - {"__init__"} if not re.search(rf"\b{name}\b", tests)}


def test_every_migration_says_what_it_does() -> None:
    names = [path.stem for path in python_files() if path.parent.name == "migrations" and path.stem != "__init__"]
    assert not [name for name in names if not re.match(r"\d{4}_(?!auto_)[a-z]", name)]


def test_no_file_names_a_folder_of_a_developers_machine() -> None:
    # Put together here, or this file would be the first to be found.
    folders = [f"/{name}/".encode() for name in ("work", "root", "home")]
    wrong = {
        str(path.relative_to(ROOT)) for path in project_files() for folder in folders if folder in path.read_bytes()
    }
    assert not wrong


def test_continuous_integration_can_be_started() -> None:
    assert (ROOT / ".ci" / "run").stat().st_mode & stat.S_IXUSR
