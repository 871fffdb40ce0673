"""Whether a concentrator is alive, computed from facts whenever it is read (STA-1, STA-2).

Wake-ups are due while a concentrator is in field and in service and the profile that stands in it has wake-up enabled.
Silence counts from its last wake-up, or from the installation if there was none since; and from when the period was
written if that is later. While it is out of service the clock of its silence stands still. So neither a shorter period
nor the end of a repair makes it unreachable at once, and neither makes one reachable that was unreachable before: only
a wake-up does. The instant of a deadline belongs to the time before it.

Other messages and wake-ups before the installation do not count. `sql.py` computes the same in SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Concentrator, Watch
from concentrators.procedures.due import tail_of
from profiles.models import SystemSettings
from wakeup.monitoring.expected.rules import OutOfServiceSpan, out_time
from wakeup.monitoring.status.blindness import Blind, blind_times, blind_times_kept, judged_at

if TYPE_CHECKING:
    from wakeup.models import WakeupTotal


class Status(models.TextChoices):
    """Of a concentrator in field; any other has none."""

    NEVER_CALLED = "never called", _l("never called")
    REACHABLE = "reachable", _l("reachable")
    LATE = "late", _l("late")
    UNREACHABLE = "unreachable", _l("unreachable")
    DISABLED = "disabled", _l("disabled")
    OUT_OF_SERVICE = "out of service", _l("out of service")

    @property
    def colour(self) -> str:
        """Bootstrap's word for its colour, as in ``text-bg-danger``."""
        return _COLOURS[self]

    @property
    def rank(self) -> int:
        """Its place among all statuses: 0 is the worst."""
        return WORST_FIRST.index(self)


#: The order in which operators look at them (UI-8).
WORST_FIRST = (
    Status.UNREACHABLE,
    Status.LATE,
    Status.NEVER_CALLED,
    Status.OUT_OF_SERVICE,
    Status.DISABLED,
    Status.REACHABLE,
)
#: Behind all of them: what is not in field has no status.
NO_RANK = len(WORST_FIRST)

_COLOURS = {
    Status.NEVER_CALLED: "info",
    Status.REACHABLE: "success",
    Status.LATE: "warning",
    Status.UNREACHABLE: "danger",
    Status.DISABLED: "secondary",
    Status.OUT_OF_SERVICE: "secondary",
}


class StatusReason(models.TextChoices):
    MESSAGE = "message", _l("message")
    SILENCE = "silence", _l("silence")
    #: Whether still in time, late or unreachable: it has sent no wake-up since it was installed.
    NEVER_CALLED = "never called", _l("never called")
    POWER = "power", _l("power")
    PROFILE = "profile", _l("profile")
    OPERATOR = "operator", _l("operator")
    #: It would be lost by now, but it was our side: it is late until it has had the time to try anew (STA-4).
    OUR_SIDE = "our side", _l("our side")


@dataclass(frozen=True, slots=True)
class Timing:
    """How long after it is due a wake-up is late (``margin``), and the retries have passed as well (``tail``).

    ``blind`` are the times in which it was our side, which put the judgement off.
    """

    margin: timedelta = timedelta(seconds=60)
    tail: timedelta = timedelta(seconds=240)
    blind: tuple[Blind, ...] = ()

    @classmethod
    def of(cls, settings: SystemSettings, blind: tuple[Blind, ...] = ()) -> Timing:
        """What the settings say; by default 60 s, and three times 60 s more."""
        margin = timedelta(seconds=settings.margin_s)
        return cls(margin, tail_of(settings), blind)

    @classmethod
    def of_page(cls, settings: SystemSettings) -> Timing:
        """With the times in which it was our side; mostly no query."""
        return cls.of(settings, blind_times_kept(retry_tail_of(settings)))

    @classmethod
    def in_force(cls, settings: SystemSettings) -> Timing:
        """The same as the database has it now; one query."""
        return cls.of(settings, blind_times(retry_tail_of(settings)))


def retry_tail_of(settings: SystemSettings) -> timedelta:
    """How long after our side is well again it takes until every concentrator has tried anew: a pause and a round."""
    round_s = settings.retry_count * settings.retry_interval_s
    return timedelta(minutes=settings.retry_pause_min, seconds=round_s)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the status of one concentrator follows from (times are aware).

    What they mean stands with the model ``Watch``; ``period`` is None while wake-up is disabled, ``since`` while it is
    not in field. ``outs`` are times out of service: at least those that were not over when the silence began.
    """

    since: datetime | None = None
    silent_from: datetime | None = None
    period: timedelta | None = None
    last_wakeup_at: datetime | None = None
    last_gasp_at: datetime | None = None
    lost_due_at: datetime | None = None
    outs: Sequence[OutOfServiceSpan] = ()

    @classmethod
    def of(cls, concentrator: Concentrator, outs: Sequence[OutOfServiceSpan]) -> Facts:
        """Those of ``concentrator``; no query if it was loaded with its watch and total."""
        watch: Watch | None = getattr(concentrator, "watch", None)
        total: WakeupTotal | None = getattr(concentrator, "total", None)
        if watch is None:
            return cls()
        gasp = total.last_gasp_at if total else None
        return cls(
            since=watch.since,
            silent_from=watch.silent_from,
            period=timedelta(minutes=watch.period_min) if watch.period_min else None,
            last_wakeup_at=total.last_wakeup_at if total else None,
            last_gasp_at=watch.kept_gasp_at if gasp and gasp == watch.void_gasp_at else gasp,
            lost_due_at=watch.lost_due_at,
            outs=outs,
        )

    @property
    def heard_at(self) -> datetime | None:
        """The last wake-up that counts: what it sent in the store or at its place before does not."""
        last = self.last_wakeup_at
        return last if last and self.since and last >= self.since else None

    @property
    def silence_began(self) -> datetime:
        """The later of its last wake-up and when silence counts from; only where a wake-up is expected."""
        return max(at for at in (self.silent_from, self.last_wakeup_at) if at is not None)


class ComputedStatus(NamedTuple):
    """``since`` is the true time of the change, not of its noticing: None for *reachable*, which facts do not tell.

    ``due_at`` is when the wake-up is or was due that decides; None where none is expected.
    """

    status: Status | None = None
    since: datetime | None = None
    due_at: datetime | None = None
    reason: str = ""


def status_of(facts: Facts, now: datetime, timing: Timing) -> ComputedStatus:
    """The status at ``now``. Out of service goes before disabled, and both before a last gasp or silence."""
    if facts.since is None or facts.silent_from is None:
        return ComputedStatus()
    outs = [out.begin for out in facts.outs if out.begin <= now < out.end]
    if outs:
        return ComputedStatus(Status.OUT_OF_SERVICE, max(min(outs), facts.since), None, StatusReason.OPERATOR)
    if facts.period is None:
        return ComputedStatus(Status.DISABLED, facts.silent_from, None, StatusReason.PROFILE)
    return _status_by_silence(facts, facts.since, _due_at(facts, facts.period, now), now, timing)


def lost_at(facts: Facts, due_at: datetime, timing: Timing) -> datetime | None:
    """When it turns unreachable unless it is heard before; None while nobody can say, because it is our side."""
    return judged_at(due_at + timing.tail, facts.silence_began, timing.blind)


def _status_by_silence(
    facts: Facts, since: datetime, due_at: datetime, now: datetime, timing: Timing
) -> ComputedStatus:
    heard_at = facts.heard_at
    if facts.last_gasp_at and facts.last_gasp_at >= (heard_at or since):
        gasped_at = _not_while_out(facts, facts.last_gasp_at, now)
        return ComputedStatus(Status.UNREACHABLE, gasped_at, due_at, StatusReason.POWER)
    reason = StatusReason.SILENCE if heard_at else StatusReason.NEVER_CALLED
    lost = lost_at(facts, due_at, timing)
    if lost and now > lost:
        return ComputedStatus(Status.UNREACHABLE, _not_while_out(facts, lost, now), due_at, reason)
    if heard_at is None:
        return ComputedStatus(Status.NEVER_CALLED, since, due_at, reason)
    if now > due_at + timing.margin:
        reason = StatusReason.OUR_SIDE if now > due_at + timing.tail else reason
        return ComputedStatus(Status.LATE, _not_while_out(facts, due_at + timing.margin, now), due_at, reason)
    return ComputedStatus(Status.REACHABLE, None, due_at, StatusReason.MESSAGE)


def _due_at(facts: Facts, period: timedelta, now: datetime) -> datetime:
    last = facts.last_wakeup_at
    if facts.lost_due_at and (last is None or last < facts.lost_due_at):
        return facts.lost_due_at
    began = facts.silence_began
    return began + period + out_time(facts.outs, began, now)


def _not_while_out(facts: Facts, moment: datetime, now: datetime) -> datetime:
    """``moment``, or the end of the last time out of service if that was later."""
    return max([moment, *(out.end for out in facts.outs if out.begin < out.end <= now)])
