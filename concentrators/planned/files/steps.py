"""What a file would do to the planned work of a company, and does when that is confirmed (STA-8, CON-5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from time import thread_time
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import TextChoices
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.importing.errors import shown
from concentrators.models import Company, Concentrator, PlannedSource, PlannedWork
from concentrators.planned.files.items import Found, Item
from concentrators.planned.times import Time
from concentrators.planned.works import Names, OverError, cancel, check, store

MOST_TIMES_OF_FILE = 100_000
LONGEST_S = 10.0  # of a processor
#: What makes a work without a key the same as one that is there.
SAME = ("scope", "concentrator_id", "substation", "feeder", "title", "begin", "end", "rule")
#: What a file can change of one.
CHANGED = (*SAME, "zone", "left_out", "added")


class StepKind(TextChoices):
    """In the order of the preview: what may be a mistake comes first."""

    REFUSED = "refused", _l("rejected")
    CANCELLED = "cancelled", _l("cancelled")
    CHANGED = "changed", _l("changed")
    NEW = "new", _l("new")
    UNCHANGED = "unchanged", _l("unchanged")
    OVER = "over", _l("over already")

    @property
    def colour(self) -> str:
        """Of its badge, as Bootstrap names it."""
        colours = {self.REFUSED: "danger", self.NEW: "success", self.CHANGED: "info", self.CANCELLED: "warning"}
        return colours.get(self, "secondary")


WRITTEN = (StepKind.CANCELLED, StepKind.CHANGED, StepKind.NEW)


class Step(NamedTuple):
    """What is done for one work. ``reason`` says why it is refused; ``seen`` what stands there then."""

    line: int
    kind: StepKind
    work: PlannedWork | None = None
    times: tuple[Time, ...] = ()
    seen: str = ""
    reason: str = ""
    before: tuple[Any, ...] | None = None  # the values that are stored


def steps_of(found: Found, company: Company, source: PlannedSource, now: datetime) -> list[Step]:
    """What storing ``found`` would do, in the order of the preview.

    Raises ValidationError if its works have so many times, or rules so long to work out, that others would wait.
    """
    planner = _Planner(found.items, company, source, now)
    steps = [Step(one.line, StepKind.REFUSED, seen=one.seen, reason=one.reason) for one in found.wrong]
    left, end = MOST_TIMES_OF_FILE, thread_time() + LONGEST_S
    for item in found.items:
        steps.append(planner.step(item))
        left -= len(steps[-1].times)
        if left < 0 or thread_time() > end:
            raise ValidationError(_("The works of this file have too many times. Upload it in parts."))
    order = list(StepKind)
    return sorted(steps, key=lambda step: (order.index(step.kind), step.line))


def digest_of(steps: Iterable[Step]) -> str:
    """Of what is shown, and of what it was made from: whoever confirms confirms this."""
    said = [(step.line, step.kind.value, step.before, step.work and _values(step.work)) for step in steps]
    return salted_hmac("smmeplus.planned.files", repr(said)).hexdigest()


def write(steps: Iterable[Step], *, user: User, now: datetime) -> int:
    """Do what ``steps`` say, all or none; how many works are new or changed. Raises PlannedError."""
    number = 0
    with transaction.atomic():
        for step in steps:
            if step.kind not in WRITTEN or step.work is None:
                continue
            number += 1
            if step.kind == StepKind.CANCELLED:
                cancel(step.work, user=user, now=now)
            else:
                step.work.set_by = step.work.set_by or user
                store(step.work, user=user, now=now)
    return number


class _Planner:
    """Loads once what all items of a file need."""

    def __init__(self, items: Iterable[Item], company: Company, source: PlannedSource, now: datetime) -> None:
        items = list(items)
        self.company, self.source, self.now = company, source, now
        self.names = Names(company)
        serials = {item.serial.strip().upper() for item in items if item.serial}
        ones = Concentrator.objects.filter(company=company, serial_number__in=serials)
        self.ones = {one.serial_number: one for one in ones}
        works = PlannedWork.objects.filter(company=company).select_related("company", "set_by", "concentrator")
        self.by_uid = {work.uid: work for work in works.filter(uid__in={item.uid for item in items if item.uid})}
        titles = {item.title for item in items if not item.uid}
        self.alike = {_same(work): work for work in works.filter(title__in=titles, cancelled_at=None)}
        self.keys = set[str]()

    def step(self, item: Item) -> Step:
        try:
            return self._step(item)
        except ValidationError as error:
            return Step(item.line, StepKind.REFUSED, seen=shown(item.title), reason=" ".join(error.messages))

    def _step(self, item: Item) -> Step:
        if item.uid and item.uid in self.keys:
            raise ValidationError(_("This key stands there twice."))
        self.keys.add(item.uid)
        known = self.by_uid.get(item.uid)
        if item.is_cancelled:
            return self._cancelled(item, known)
        before = _values(known) if known else None
        work = self._work(item, known)
        try:
            times = tuple(check(work, self.now))
        except OverError:
            return Step(item.line, StepKind.OVER, work)
        if known is None:
            return Step(item.line, StepKind.UNCHANGED if _same(work) in self.alike else StepKind.NEW, work, times)
        is_same = before == _values(work) and known.cancelled_at is None
        return Step(item.line, StepKind.UNCHANGED if is_same else StepKind.CHANGED, work, times, before=before)

    def _cancelled(self, item: Item, known: PlannedWork | None) -> Step:
        if known is None or known.cancelled_at:
            return Step(item.line, StepKind.UNCHANGED, known)
        has_more = known.windows.filter(end__gt=self.now).exists()
        return Step(item.line, StepKind.CANCELLED if has_more else StepKind.OVER, known)

    def _work(self, item: Item, known: PlannedWork | None) -> PlannedWork:
        """``known`` or a new work, with what ``item`` says."""
        work = known or PlannedWork(company=self.company, source=self.source, uid=item.uid)
        work.scope, work.title, work.rule = item.scope, item.title, item.rule
        work.substation, work.feeder = self.names.spelt(item.substation.strip(), item.feeder.strip())
        work.begin, work.end = (datetime.fromisoformat(text) for text in (item.begin, item.end))
        work.zone, work.left_out, work.added = item.zone, item.left_out, item.added
        serial = item.serial.strip().upper()
        work.concentrator = self.ones.get(serial)
        if serial and work.concentrator is None:
            raise ValidationError(_("This company has no concentrator “%(serial)s”.") % {"serial": shown(item.serial)})
        return work


def _same(work: PlannedWork) -> tuple[Any, ...]:
    return tuple(getattr(work, name) for name in SAME)


def _values(work: PlannedWork) -> tuple[Any, ...]:
    return tuple(getattr(work, name) for name in CHANGED)
