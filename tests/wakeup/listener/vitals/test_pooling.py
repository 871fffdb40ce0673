"""Whether sessions are shared is asked until the database answers, and only an answer refuses anything (OPS-2)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from django.db import OperationalError

from tests.wakeup.listener.writers.intakes import Clock, run, until
from wakeup.listener.vitals import pooling
from wakeup.listener.vitals.pooling import AGAIN_AFTER_S, PoolingCheck, SharedSessionsError


class Answers:
    """What the database says, one after the other; an error is raised."""

    def __init__(self, *answers: bool | Exception) -> None:
        self._left = list(answers)

    def __call__(self) -> bool:
        answer = self._left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


AWAY = OperationalError("connection refused")


async def begin_and_end(*answers: bool | Exception) -> tuple[Clock, list[str]]:
    """Begin, wait until the database has answered, and end; how long it has slept, and whether a late find was told."""
    clock, told = Clock(), list[str]()
    check = PoolingCheck(lambda: told.append("found"), ask=Answers(*answers), sleep=clock.sleep)
    await check.begin()
    await until(check._task.done)
    told.append("begun")
    await check.end()
    return clock, told


def outcome(work: Coroutine[Any, Any, tuple[Clock, list[str]]]) -> tuple[Clock, list[str]]:
    found: list[tuple[Clock, list[str]]] = []

    async def keep() -> None:
        found.append(await work)

    run(keep())
    return found[0]


def test_sessions_of_its_own_are_asked_for_once() -> None:
    clock, told = outcome(begin_and_end(False))
    assert (clock.slept, told) == ([], ["begun"])


def test_a_database_that_is_away_is_not_refused_but_asked_again() -> None:
    clock, told = outcome(begin_and_end(AWAY, AWAY, False))
    assert (clock.slept, told) == ([AGAIN_AFTER_S] * 2, ["begun"])


def test_shared_sessions_are_refused_before_it_listens() -> None:
    with pytest.raises(SharedSessionsError, match="pool_mode=session"):
        run(begin_and_end(True))  # type: ignore[arg-type]


def test_they_are_refused_late_if_the_database_was_away() -> None:
    told: list[str] = []

    async def work() -> None:
        clock = Clock()
        check = PoolingCheck(lambda: told.append("found"), ask=Answers(AWAY, True), sleep=clock.sleep)
        await check.begin()
        await until(lambda: told)
        with pytest.raises(SharedSessionsError):
            await check.end()

    run(work())
    assert told == ["found"]


def test_a_database_that_hangs_does_not_hold_up_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pooling, "FIRST_S", 0.01)

    async def work() -> None:
        check = PoolingCheck(lambda: None)
        monkeypatch.setattr(check._worker, "do", lambda _work: asyncio.Event().wait())
        await check.begin()
        await check.end()

    run(work())
