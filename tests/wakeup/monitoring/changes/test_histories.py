"""Random histories: the changes that watchers record are those of a reference model, made once each (STA-3)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from concentrators.models import Company, Concentrator, OutOfService, PastWatch
from concentrators.procedures.actions import install, make_available, modify, remove
from concentrators.procedures.out_of_service import end_early, set_out_of_service
from concentrators.procedures.watches import note_written
from profiles.models import SpontaneousProfile
from smmeplus.dlms.clock import Clock
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.plugins.effort import IN_CI, SOAKS
from tests.reports.arrivals import utc
from tests.wakeup.monitoring.changes.reference import Happening, Reference, Told
from wakeup.models import Format, StatusChange
from wakeup.monitoring.changes.watcher import SETTLED, watch
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db

BEGIN = utc("2020-09-24 12:00")
MINUTE = timedelta(minutes=1)
MINUTES = 80
PERIODS = (0, 2, 5, 15)
#: Between the two databases: each tries half of them.
SEEDS = 10_000 if SOAKS else 200 if IN_CI else 48
#: Concentrators that live through their histories side by side: a pass takes as long for one as for some.
AT_ONCE = 4
LAST_SEED = (1 << 60) - 1
#: In CI Hypothesis draws the same numbers wherever it runs.
OTHERS = 0 if connection.vendor == "sqlite" else LAST_SEED


class Life:
    """A concentrator and what happens to it."""

    def __init__(self, company: Company, seed: int) -> None:
        self.chance = random.Random(seed)
        self.one = ConcentratorFactory.create(company=company)
        self.profiles = {
            minutes: SpontaneousProfileFactory.create(wakeup_period=minutes or 10, wakeup_enabled=bool(minutes))
            for minutes in PERIODS
        }
        self.busy_until = 0  # out of service
        self.in_field = False
        self.last_wakeup = -1

    def history(self) -> Mapping[int, Happening]:
        """What happens at some of the minutes; of all that makes no sense nothing happens."""
        found = {}
        calls_every = self.chance.choice([2, 3, 5, 15, 40])
        for minute in range(MINUTES):
            if happened := self._happening(minute, calls_every):
                found[minute] = happened
        return found

    def _happening(self, minute: int, calls_every: int) -> Happening | None:
        chance = self.chance.random()
        if not self.in_field:
            return self._install() if chance < 0.15 else self._wakeup(minute) if chance < 0.2 else None
        if chance < 1 / calls_every:
            return self._wakeup(minute)
        what = self.chance.choice([*["nothing"] * 24, "gasp", "stale gasp", "modify", "write", "out", "back", "remove"])
        return getattr(self, f"_{what.replace(' ', '_')}")(minute)  # type: ignore[no-any-return]

    def _install(self) -> Happening:
        self.in_field = True
        return Happening("install", self.chance.choice(PERIODS))

    def _wakeup(self, minute: int) -> Happening:
        self.last_wakeup = minute
        return Happening("wakeup")

    def _nothing(self, _minute: int) -> None:
        return None

    def _gasp(self, _minute: int) -> Happening:
        return Happening("gasp")

    def _stale_gasp(self, _minute: int) -> Happening | None:
        return Happening("stale gasp") if self.last_wakeup >= 0 else None

    def _modify(self, _minute: int) -> Happening:
        return Happening("modify", self.chance.choice(PERIODS))

    def _write(self, _minute: int) -> Happening:
        return Happening("write")

    def _remove(self, _minute: int) -> Happening | None:
        if self.chance.random() < 0.5:
            return None
        self.in_field = False
        return Happening("remove")

    def _out(self, minute: int) -> Happening | None:
        if minute <= self.busy_until:
            return None
        begin = minute + self.chance.choice([0, 0, 3, 10])
        length = self.chance.randint(1, 20)
        self.busy_until = begin + length
        return Happening("out", length, begin)

    def _back(self, minute: int) -> Happening | None:
        if not minute < self.busy_until:
            return None
        return Happening("back")

    def do(self, minute: int, happened: Happening) -> None:
        now, everything = BEGIN + minute * MINUTE, Concentrator.objects.filter(pk=self.one.pk)
        match happened.what:
            case "install":
                install(everything, self._profile(happened), user=None, now=now)
            case "modify":
                modify(everything, self._profile(happened), user=None, now=now)
            case "remove":
                remove(everything, user=None, now=now)
                make_available(everything, user=None, now=now)
            case "write":
                note_written([self.one.pk], now)
            case "out":
                begin = BEGIN + happened.begin * MINUTE
                set_out_of_service(
                    self.one, begin=begin, end=begin + happened.number * MINUTE, reason="x", user=None, now=now
                )
            case "back":
                for out in OutOfService.objects.filter(concentrator=self.one, begin__lte=now, end__gt=now):
                    end_early(out, user=None, now=now)
            case _:
                self._send(minute, happened.what)

    def _profile(self, happened: Happening) -> SpontaneousProfile:
        return self.profiles[happened.number]

    def _send(self, minute: int, what: str) -> None:
        kind = Kind.KEEPALIVE if what == "wakeup" else Kind.LASTGASP
        at = BEGIN + minute * MINUTE
        sent = at - MINUTE * (minute + 1) if what == "stale gasp" else at
        years_wrong = Clock((sent - timedelta(days=3000)).replace(tzinfo=None), 0)
        arrival = Arrival(self.one.serial_number, kind, Format.PUSH, at, "10.60.0.7", 58692, years_wrong)
        record([arrival] * (1 if self.chance.random() < 0.9 else 2))


@given(st.integers(0, LAST_SEED).map(lambda seed: seed ^ OTHERS))
@example(1272)  # a last gasp behind an installation, older by its clock than the wake-up before that
@settings(max_examples=SEEDS // 2 // AT_ONCE, suppress_health_check=list(HealthCheck))
def test_what_is_recorded_is_what_a_reference_model_tells(chile: Company, seed: int) -> None:
    with transaction.atomic():
        lives = [Life(chile, seed + number * (LAST_SEED + 1)) for number in range(AT_ONCE)]
        histories = [life.history() for life in lives]
        live_through(lives, histories)
        for life, history in zip(lives, histories, strict=True):
            assert recorded(life.one) == list(Reference().live(history, MINUTES)), (seed, history)
        assert not PastWatch.objects.exists()
        transaction.set_rollback(True)


def live_through(lives: Sequence[Life], histories: Sequence[Mapping[int, Happening]]) -> None:
    """Let all happen, and watchers come by at times that the first one draws."""
    chance = lives[0].chance
    passes = chance.choice([0.02, 0.1, 0.3])
    for minute in range(MINUTES):
        for life, history in zip(lives, histories, strict=True):
            if minute in history:
                life.do(minute, history[minute])
        for _watcher in range(2):
            if chance.random() < passes:
                watch(BEGIN + minute * MINUTE + SETTLED)
    watch(BEGIN + (MINUTES - 1) * MINUTE + timedelta(seconds=30) + SETTLED)


def recorded(one: Concentrator) -> list[Told]:
    changes = StatusChange.objects.filter(concentrator=one).order_by("pk")
    found = changes.values_list("at", "from_status", "to_status", "reason")
    return [Told(round((at - BEGIN) / MINUTE), *rest) for at, *rest in found]
