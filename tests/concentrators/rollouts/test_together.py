"""Two writers lead the same roll-outs, operators command them meanwhile, and any of them may die (CFG-4)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from django.db import connection

from concentrators.configuration import rollouts
from concentrators.configuration.rollouts import advance, open_and_close
from concentrators.models import RollOut
from concentrators.rollouts.commands import RollOutError, cancel, pause
from profiles.models import SpontaneousProfile
from tests.concentrators.rollouts.fleet import MINUTE, NOW, call, due, installed, outcomes, write

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each gives, begun in the same moment in threads with connections of their own."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait(10)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def work() -> bool:
    has_advanced = advance(NOW)
    open_and_close(NOW)
    return has_advanced


def test_of_two_writers_one_releases_the_next_wave(profile: SpontaneousProfile) -> None:
    installed(4, profile, waves="1, 1, 1, all")
    for wave in range(1, 4):
        serial = f"R{wave - 1:04}"
        write([serial], NOW)
        call([serial], NOW)
        at_once(work, work)
        at_once(work, work)
        assert RollOut.objects.get().current_wave == wave + 1
        assert due(NOW) == [f"R{wave:04}"]


def test_a_pause_holds_back_whatever_is_released_meanwhile(profile: SpontaneousProfile) -> None:
    one = installed(20, profile, waves="1, 1, all")
    write(["R0000"], NOW)
    call(["R0000"], NOW)
    at_once(work, work, lambda: pause(one, user=None, now=NOW))
    work()
    found = RollOut.objects.get()
    assert (found.state, due(NOW)) == ("paused", [])


def test_of_a_pause_and_a_cancellation_neither_is_lost(profile: SpontaneousProfile) -> None:
    one = installed(20, profile, waves="1, all")

    def try_to_pause() -> None:
        with suppress(RollOutError):
            pause(one, user=None, now=NOW)

    at_once(work, try_to_pause, lambda: cancel(one, user=None, now=NOW))
    assert (RollOut.objects.get().state, outcomes()) == ("cancelled", {"cancelled": 20})


class KilledError(Exception):
    """As far as the database is concerned, the process is gone."""


def test_a_writer_that_dies_between_two_steps_is_made_up_for(
    profile: SpontaneousProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(3, profile, waves="1, all")
    write(["R0000"], NOW)
    call(["R0000"], NOW + MINUTE)

    def die(*_args: object) -> None:
        raise KilledError

    for step in ("_take_steps", "_counts", "_stepped", "_open_or_close"):
        with monkeypatch.context() as patch:
            patch.setattr(rollouts, step, die)
            with pytest.raises(KilledError):
                work()
        if step == "_stepped":
            assert RollOut.objects.get().current_wave == 1
            advance(NOW)
    assert RollOut.objects.get().current_wave == 2
    assert due(NOW + MINUTE) == ["R0001", "R0002"]
    work()
    assert outcomes() == {"confirmed": 1, "released": 2}
