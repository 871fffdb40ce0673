"""A pytest plugin: marks the tests that ask the clock, themselves or in a fixture, with ``time``.

The result of such a test may depend on the day it runs, so ``make test-days`` runs it on many. Tests whose product code
asks a clock that they have not stopped have the mark in their source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType

import pytest

TESTS = Path(__file__).resolve().parent.parent
CLOCKS, ASKED = {"timezone", "datetime", "date"}, {"now", "today", "localtime"}


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what -m does not name
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(map(asks_clock, functions_of(item))):
            item.add_marker(pytest.mark.time)


def functions_of(item: pytest.Item) -> Iterator[Callable[..., object]]:
    """The test and the fixtures that it uses."""
    if isinstance(item, pytest.Function):
        yield item.function
        for fixtures in item._fixtureinfo.name2fixturedefs.values():
            yield fixtures[-1].func


@cache
def asks_clock(function: Callable[..., object]) -> bool:
    """Whether it is a function of the tests with ``timezone.now()``, ``date.today()`` or the like."""
    code = getattr(function, "__code__", None)
    if code is None or TESTS not in Path(code.co_filename).parents:
        return False
    names = set(_names(code))
    return bool(names & CLOCKS) and bool(names & ASKED)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
