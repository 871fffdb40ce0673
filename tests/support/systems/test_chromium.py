"""Which Chromium the browser tests take, out of those that a machine has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.chromium import NAMES, SHELL, ChromiumError, find_chromium

Put = Callable[..., Path]


@pytest.fixture(autouse=True)
def _looks_again() -> Iterator[None]:
    """What was found before is forgotten, and so is what is found here."""
    find_chromium.cache_clear()
    yield
    find_chromium.cache_clear()


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Puts a program that ends with ``code`` where the PATH of a user other than root leads, and nothing else is."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    def put(name: str, code: int = 0) -> Path:
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\nexit {code}\n")
        program.chmod(0o755)
        return program

    return put


def test_the_shell_is_taken_before_one_with_windows(put: Put) -> None:
    put("chromium")
    shell = put(SHELL)
    assert find_chromium() == shell


def test_one_with_windows_stands_for_a_shell_that_does_not_start(put: Put) -> None:
    put(SHELL, code=1)
    chromium = put("chromium")
    assert find_chromium() == chromium


@pytest.mark.parametrize("name", NAMES)
def test_without_a_shell_any_other_is_taken(put: Put, name: str) -> None:
    only = put(name)
    assert find_chromium() == only


def test_what_is_set_is_taken_before_all_else(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put(SHELL)
    mine = put("mine")
    monkeypatch.setenv("CHROMIUM", str(mine))
    assert find_chromium() == mine


def test_where_there_is_none_it_says_what_was_tried(put: Put) -> None:
    put("chromium", code=1)
    with pytest.raises(ChromiumError, match=r"(?s)apt-get install.*Tried:.*PATH: no chromium.*apt-get.*npm"):
        find_chromium()
