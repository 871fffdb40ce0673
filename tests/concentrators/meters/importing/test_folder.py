"""A folder whose files are imported as they come (MET-2): no database, for what is taken is given."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import DataError, OperationalError

from concentrators.meters.importing import Imported, ImportedList, RefusedFile
from concentrators.meters.importing.folder import EMPTY_FOR, Folder
from concentrators.models import MeterSource

WRITTEN = datetime(2027, 3, 1, 12, tzinfo=UTC)
#: What importing a file with this content comes to.
OUTCOMES: dict[bytes, Callable[[], Imported]] = {
    b"good": lambda: taken(),
    b"partly": lambda: taken(unknown=["X1"]),
    b"of nobody": lambda: Imported(unknown=["X1"]),
    b"bad": lambda: fail(RefusedFile("It begins with <html>.")),
    b"away": lambda: fail(OperationalError("away")),
    b"wrong value": lambda: fail(DataError("out of range")),
    b"fault of ours": lambda: fail(ZeroDivisionError()),
}


def taken(unknown: list[str] | None = None) -> Imported:
    return Imported(lists=[ImportedList("C1", MeterSource.S24, WRITTEN, True, "taken")], unknown=unknown or [])


def fail(error: Exception) -> Imported:
    raise error


@pytest.fixture
def seen() -> list[tuple[str, datetime]]:
    """Names and times of the files that were imported."""
    return []


@pytest.fixture
def folder(tmp_path: Path, seen: list[tuple[str, datetime]]) -> Folder:
    def take(content: bytes, name: str, written_at: datetime) -> Imported:
        seen.append((name, written_at))
        return OUTCOMES[content]()

    made = Folder(tmp_path, take)
    made.prepare()
    return made


def put(folder: Folder, name: str, content: bytes, age_s: float = 0) -> Path:
    path = folder.path / name
    path.write_bytes(content)
    at = WRITTEN.timestamp() - age_s
    os.utime(path, (at, at))
    return path


def round_of(folder: Folder) -> None:
    for path in folder.still():
        folder.import_one(path)


def files(folder: Folder) -> list[str]:
    return sorted(str(path.relative_to(folder.path)) for path in folder.path.rglob("*") if path.is_file())


def test_a_file_is_taken_in_the_second_round_and_moved(folder: Folder, seen: list[tuple[str, datetime]]) -> None:
    put(folder, "a", b"good")
    round_of(folder)
    assert (seen, files(folder)) == ([], ["a"])
    round_of(folder)
    assert (seen, files(folder), folder.taken) == ([("a", WRITTEN)], ["done/a"], 1)


@pytest.mark.parametrize("change", [b"good", b"goo"])
def test_a_file_that_is_still_being_written_is_left_alone(
    folder: Folder, seen: list[tuple[str, datetime]], change: bytes
) -> None:
    put(folder, "a", b"go", age_s=9)
    round_of(folder)
    put(folder, "a", change, age_s=1)
    round_of(folder)
    assert seen == []


def test_a_file_that_changes_while_it_is_read_is_left_alone(folder: Folder, seen: list[tuple[str, datetime]]) -> None:
    path = put(folder, "a", b"go")
    list(folder.still())
    (still,) = folder.still()
    put(folder, "a", b"good")
    folder.import_one(still)
    assert (seen, files(folder)) == ([], ["a"])
    path.unlink()
    folder.import_one(still)  # another one was faster
    assert files(folder) == []


def test_an_empty_file_has_only_begun(folder: Folder) -> None:
    path = put(folder, "a", b"")
    os.utime(path, (time.time(), time.time()))
    round_of(folder)
    assert list(folder.still()) == []
    os.utime(path, (time.time() - EMPTY_FOR.total_seconds() - 1,) * 2)
    round_of(folder)
    assert list(folder.still()) == [path]


@pytest.mark.parametrize(
    ("content", "to", "says"),
    [
        (b"partly", "done", "Unknown concentrator: X1"),
        (b"of nobody", "refused", "Unknown concentrator: X1"),
        (b"bad", "refused", "It begins with <html>."),
        (b"wrong value", "refused", "could not take this file"),
        (b"fault of ours", "refused", "could not take this file"),
    ],
)
def test_what_there_is_to_say_lies_beside_the_file_and_costs_no_other(
    folder: Folder, content: bytes, to: str, says: str
) -> None:
    put(folder, "a.xml", content, age_s=9)
    put(folder, "b.xml", b"good")
    round_of(folder)
    round_of(folder)
    assert files(folder) == sorted([f"{to}/a.xml", f"{to}/a.xml.txt", "done/b.xml"])
    assert says in (folder.path / to / "a.xml.txt").read_text()
    assert (folder.taken, folder.refused) == ((2, 0) if to == "done" else (1, 1))


def test_while_the_database_is_away_files_stay(folder: Folder) -> None:
    put(folder, "a", b"away")
    round_of(folder)
    with pytest.raises(OperationalError):
        round_of(folder)
    assert files(folder) == ["a"]
    assert list(folder.still()) == [folder.path / "a"]


def test_no_file_is_lost_when_names_come_again(folder: Folder) -> None:
    put(folder, "done/a.csv", b"1")
    put(folder, "done/a-1.csv.txt", b"2")
    for _ in range(2):
        put(folder, "a.csv", b"partly")
        round_of(folder)
        round_of(folder)
    assert [name for name in files(folder) if not name.endswith(".txt")] == [
        *("done/a-2.csv", "done/a-3.csv"),
        "done/a.csv",
    ]
    assert (folder.path / "done/a-1.csv.txt").read_bytes() == b"2"


def test_a_name_of_any_length_and_bytes_is_moved(folder: Folder) -> None:
    names = ["x" * 255, "y" * 200 + "." + "z" * 54, os.fsdecode(b"\xff\xfe.csv")]
    for name in names:
        put(folder, name, b"partly")
    round_of(folder)
    round_of(folder)
    assert (folder.taken, len(files(folder))) == (3, 6)
    assert all(name.startswith("done/") for name in files(folder))


def test_the_oldest_file_comes_first(folder: Folder, seen: list[tuple[str, datetime]]) -> None:
    for name, age in (("a", 1), ("b", 3), ("c", 2)):
        put(folder, name, b"good", age)
    round_of(folder)
    round_of(folder)
    assert [name for name, _at in seen] == ["b", "c", "a"]


def test_folders_links_and_hidden_files_are_let_be(folder: Folder, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "secret"
    elsewhere.write_bytes(b"good")
    (folder.path / "link").symlink_to(elsewhere)
    (folder.path / "sub").mkdir()
    os.mkfifo(folder.path / "pipe")
    put(folder, ".hidden", b"good")
    list(folder.still())
    assert list(folder.still()) == []


def test_a_file_that_is_too_long_is_refused_unread(folder: Folder, settings: object) -> None:
    settings.UPLOAD_MAX_MB = 0  # type: ignore[attr-defined]
    put(folder, "a", b"good")
    round_of(folder)
    round_of(folder)
    assert files(folder) == ["refused/a", "refused/a.txt"]


def test_a_file_system_without_links_is_enough(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_paths: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    put(folder, "a", b"good")
    round_of(folder)
    round_of(folder)
    assert files(folder) == ["done/a"]
