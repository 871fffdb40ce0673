"""Plays the demo's story: from the installation 30 days ago up to now."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from random import Random

from django.db import transaction

from concentrators.demo import COMPANY, add_company
from concentrators.models import Company, Concentrator, ConcentratorType
from concentrators.procedures.actions import install, modify, remove
from concentrators.procedures.out_of_service import set_out_of_service
from concentrators.simulator.devices import Device
from concentrators.simulator.faults import Faults
from profiles.environments import ENVIRONMENTS
from profiles.models import ProcedureProfile, SpontaneousProfile
from smmeplus.demo.arranging import add_receiver, plan_coming_work, plan_past_work
from smmeplus.demo.fleet import PlayedFleet
from smmeplus.demo.meters import MeterPast
from smmeplus.demo.observing import Observer
from smmeplus.demo.scenario import serials
from smmeplus.demo.story import (
    DAY,
    DAYS,
    DRIFTED_RETRIES,
    EACH,
    IN_FIELD,
    OUT_REASON,
    REMOVED_SERIAL,
    SEED,
    Outage,
    Story,
)
from smmeplus.demo.strangers import record_strangers
from smmeplus.demo.writing import go_on, read_back, write_due
from smmeplus.dlms.data import UNSIGNED
from wakeup.retention.partitions import make_room_for_history

WAVES = {"waves": "1, all", "halt_percent": 25, "tries": 3, "backoff_min": 10}
#: Minutes after a change of profile at which the writer works, and those at which it goes on with the next wave.
_WRITES = (1, 26, 42, 70)
_GOES_ON = (25, 95)
#: Minutes after the beginning and the end of an outage at which the verdict may be another one.
_JUDGED = (1, 3, 12)
_BEFORE_VERDICT = timedelta(seconds=20)
_MINUTE = timedelta(minutes=1)
#: The last hours in which the canary was heard each minute.
_CANARY_H = 24

Act = Callable[[datetime], object]


def load_demo(*, now: datetime, port: int) -> bool:
    """Add the demo company with its past, unless it exists; whether it was added. It is all of it, or nothing.

    ``port`` is that of the listener.
    """
    if Company.objects.filter(name=COMPANY).exists():
        return False
    begin = now - timedelta(days=DAYS)
    # In transactions of its own, as for any history.
    make_room_for_history({(begin + timedelta(days=number)).date() for number in range(DAYS + 1)}, now)
    with _without_collections(), transaction.atomic():
        company = add_company(now=begin)
        if company is not None:
            Past(company, Story(), now, port).play()
    return company is not None


@contextmanager
def _without_collections() -> Iterator[None]:
    """The collector of garbage would look at all messages again and again, and take a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Past:
    def __init__(self, company: Company, story: Story, now: datetime, port: int) -> None:
        self._company = company
        self._story = story
        self._now = now
        self._port = port
        keys = dict(Concentrator.objects.filter(company=company).values_list("serial_number", "pk"))
        self._keys = [keys[serial] for serial in serials()]
        self._canary = Concentrator.objects.canaries().get(company=company)
        self._fast, self._slow = (
            SpontaneousProfile.objects.get(name=name) for name, _period in ENVIRONMENTS["production"].profiles
        )
        begin, end = (self._at(hours).timestamp() for hours in story.ours)
        self._fleet = PlayedFleet(lambda at: not begin <= at < end, port)
        self._observer = Observer(port, self._at(DAYS * DAY))
        self._acts: list[tuple[datetime, int, Act]] = []

    def play(self) -> None:
        self._tell()
        for at, _number, act in sorted(self._acts, key=lambda one: one[:2]):
            act(at)
        for minutes in range(_CANARY_H * 60, 0, -1):
            self._fleet.send_keepalive(self._canary.pk, (self._now - minutes * _MINUTE).timestamp())
        self._judge(self._now)
        record_strangers(self._now, self._port)
        add_receiver(self._company)
        MeterPast(self._company, self._story, self._now).load()
        self._observer.finish(self._now)

    def _tell(self) -> None:
        """All that happens, at its time."""
        story = self._story
        self._plan(DAYS * DAY, self._install_all)
        self._plan(DAYS * DAY, self._judge)
        self._work_after(self._at(DAYS * DAY))
        self._plan(story.changed_at, self._change_profiles)
        self._work_after(self._at(story.changed_at))
        self._plan(story.changed_at, self._begin_refusing)
        self._plan(story.removed_at, self._remove)
        self._plan(story.drifted_at, self._drift)
        self._plan(story.read_back_at, self._read_back)
        self._plan(story.newcomer_at, self._install_newcomer)
        self._work_after(self._at(story.newcomer_at))
        self._plan(story.out.begin, self._take_out_of_service)
        self._plan(story.planned_at, self._plan_past_work)
        self._plan(story.planned_next_at, self._plan_coming_work)
        self._tell_outages()

    def _tell_outages(self) -> None:
        story = self._story
        for index, since in story.silent:
            self._plan(since, partial(self._be_away, index, is_away=True))
        for index, outage in story.losses(Random(SEED)):  # noqa: S311 - the same in each demo
            self._plan(outage.begin, partial(self._be_away, index, is_away=True))
            self._plan(outage.end, partial(self._be_away, index, is_away=False))
        for places, outage in story.supply:
            self._plan(outage.begin, partial(self._cut_off, places))
            if outage.end > 0:
                self._plan(outage.end, partial(self._switch_on, places))
            self._judge_around(outage)
        self._plan(story.ours.begin, self._observer.listener_stopped)
        self._plan(story.ours.end, self._observer.listener_started)
        self._judge_around(story.ours)

    def _plan(self, hours: float, act: Act, after: timedelta = timedelta(0)) -> None:
        self._add(self._at(hours) + after, act)

    def _add(self, at: datetime, act: Act) -> None:
        """What would happen in the future does not."""
        if at < self._now:
            self._acts.append((at, len(self._acts), act))

    def _work_after(self, at: datetime) -> None:
        for minutes in _WRITES:
            self._add(at + minutes * _MINUTE, self._write)
        for minutes in _GOES_ON:
            self._add(at + minutes * _MINUTE, self._go_on)
        self._add(at + 3 * _MINUTE, self._judge)
        self._add(at + timedelta(hours=5), self._go_on)  # those with the longer period have called by then

    def _judge_around(self, outage: Outage) -> None:
        self._plan(outage.begin, self._judge)
        for hours in outage:
            for minutes in _JUDGED:
                self._plan(hours, self._judge, minutes * _MINUTE)

    def _at(self, hours: float) -> datetime:
        """So many hours before now."""
        return self._now - timedelta(hours=hours)

    def _chosen(self, indices: Iterable[int]) -> list[int]:
        return [self._keys[index] for index in indices]

    def _install_all(self, at: datetime) -> None:
        story = self._story
        old = _add_old_one(self._company, at)
        everyone = Concentrator.objects.filter(company=self._company).order_by("serial_number").select_related("type")
        poses = Faults(poses=serials()[story.newcomer_is])
        self._fleet.add(everyone, at.timestamp(), {self._keys[story.newcomer]: poses})
        first = range(IN_FIELD)
        fast = [index for index in first if index < EACH and index not in story.changed]
        slow = [index for index in first if index not in fast and index != story.newcomer]
        for keys, profile in (([*self._chosen(fast), old.pk], self._fast), (self._chosen(slow), self._slow)):
            install(Concentrator.objects.filter(pk__in=keys), profile, user=None, now=at)

    def _change_profiles(self, at: datetime) -> None:
        procedure = ProcedureProfile.objects.create(name="One first, then the rest", **WAVES)
        chosen = Concentrator.objects.filter(pk__in=self._chosen(self._story.changed))
        modify(chosen, self._fast, user=None, now=at, procedure=procedure)

    def _remove(self, at: datetime) -> None:
        self._fleet.record(at.timestamp())
        remove(Concentrator.objects.filter(serial_number=REMOVED_SERIAL), user=None, now=at)

    def _install_newcomer(self, at: datetime) -> None:
        chosen = Concentrator.objects.filter(pk__in=self._chosen([self._story.newcomer]))
        install(chosen, self._slow, user=None, now=at)

    def _take_out_of_service(self, at: datetime) -> None:
        (key,) = self._chosen([self._story.out_of_service])
        end = self._at(self._story.out.end)
        one = Concentrator.objects.get(pk=key)
        set_out_of_service(one, begin=None, end=end, reason=OUT_REASON, user=None, now=at)
        self._fleet.be_away(key, at.timestamp(), is_away=True)

    def _plan_past_work(self, at: datetime) -> None:
        places, outage = self._story.planned
        plan_past_work(self._company, places[0], outage, self._now, at=at)

    def _plan_coming_work(self, at: datetime) -> None:
        plan_coming_work(self._company, self._story.planned_next, at=at)

    def _begin_refusing(self, _at: datetime) -> None:
        self._device(self._story.refuses).faults = Faults(refuses=True)

    def _drift(self, _at: datetime) -> None:
        device = self._device(self._story.drifts)
        device.memory[device.places.retries].value = (UNSIGNED, DRIFTED_RETRIES)

    def _device(self, index: int) -> Device:
        return self._fleet.by_key[self._keys[index]].device

    def _be_away(self, index: int, at: datetime, *, is_away: bool) -> None:
        self._fleet.be_away(self._keys[index], at.timestamp(), is_away=is_away)

    def _cut_off(self, places: Iterable[str], at: datetime) -> None:
        self._fleet.cut_off(places, at.timestamp())

    def _switch_on(self, places: Iterable[str], at: datetime) -> None:
        self._fleet.switch_on(places, at.timestamp())

    def _write(self, at: datetime) -> None:
        write_due(self._fleet, at)

    def _read_back(self, at: datetime) -> None:
        read_back(self._fleet, at)

    def _go_on(self, at: datetime) -> None:
        self._fleet.record(at.timestamp())
        go_on(at)

    def _judge(self, at: datetime) -> None:
        """The canary's messages are those that a verdict asks for; all of them would be a quarter of all messages."""
        self._fleet.send_keepalive(self._canary.pk, (at - _BEFORE_VERDICT).timestamp())
        self._fleet.record(at.timestamp())
        self._observer.judge(at)


def _add_old_one(company: Company, at: datetime) -> Concentrator:
    """The one that will be removed."""
    one = Concentrator(
        serial_number=REMOVED_SERIAL,
        company=company,
        type=ConcentratorType.objects.get(name="CERCO1"),
        management_ip="127.60.2.10",
        substation="Quilicura",
        feeder="Q3-F2",
        customers=154,
        region="Metropolitana",
        carrier="WOM",
    )
    one._history_date = at  # type: ignore[attr-defined] # noqa: SLF001 - django-simple-history reads it
    one.save()
    return one
