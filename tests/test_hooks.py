"""What pre-commit runs is there, and is what `make lint` runs."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from typing import Any

import yaml
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent


def repositories() -> list[dict[str, Any]]:
    config: dict[str, list[dict[str, Any]]] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    return config["repos"]


def commands() -> dict[str, list[str]]:
    """What the hooks say to Python, by their ids: ``["-m", "ruff", "check", …]``."""
    python = ".venv/bin/python"
    words = {hook["id"]: shlex.split(hook["entry"]) for one in repositories() for hook in one["hooks"]}
    return {name: command[command.index(python) + 1 :] for name, command in words.items()}


def test_the_hooks_work_offline() -> None:
    assert [one["repo"] for one in repositories()] == ["local"]
    assert {hook["language"] for one in repositories() for hook in one["hooks"]} == {"system"}


def test_their_commands_are_there() -> None:
    assert len(commands()) == 4
    for command in commands().values():
        if command[0] == "-m":
            assert importlib.util.find_spec(command[1]), command
        else:
            assert (ROOT / command[0]).is_file(), command
            assert command[1] in get_commands(), command


def test_make_lint_runs_them_too() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (lint,) = re.findall(r"^lint:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    for command in commands().values():
        told = " ".join(command[1:]).replace(" --force-exclude", "")
        assert re.search(rf"{re.escape(told)}\b|{re.escape(told)}$", lint, re.MULTILINE), told
