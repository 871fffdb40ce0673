"""A pytest plugin: ``--shuffle`` runs the files, and the tests of each file, in any order; ``--shuffle 7`` in the 7th.

What fails then, and not in the usual order, depends on what another test has left behind.
"""

from __future__ import annotations

import random
from itertools import groupby
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shuffle", nargs="?", type=int, const=random.randrange(1_000_000), help="tests in any order")


def pytest_report_header(config: pytest.Config) -> str | None:
    order = config.getoption("shuffle")
    return None if order is None else f"in any order: again by --shuffle {order}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("shuffle") is None:
        return
    chance = random.Random(config.getoption("shuffle"))
    files = [list(of_file) for _path, of_file in groupby(sorted(items, key=_file), key=_file)]
    chance.shuffle(files)
    for of_file in files:
        chance.shuffle(of_file)
    items[:] = [item for of_file in files for item in of_file]


def _file(item: pytest.Item) -> Path:
    return item.path
