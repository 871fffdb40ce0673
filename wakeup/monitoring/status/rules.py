"""Whether a concentrator is alive, computed from facts whenever it is read (STA-1, STA-2).

Wake-ups are due while a concentrator is in field and in service and its profile has wake-up enabled. Silence counts
from its last wake-up, or from the installation if there was none since; and from the change of profile if that is
later, because the new period is written only then. While it is out of service the clock of its silence stands still.
So neither a shorter period nor the end of a repair makes it unreachable at once, and neither makes one reachable
that was unreachable before: only a wake-up does.

Other messages and wake-ups before the installation do not count. `sql.py` computes the same in SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Concentrator, State
from profiles.models import SystemSettings
from wakeup.monitoring.expected.rules import AssignedSpan, Expectation, OutOfServiceSpan, out_time

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


@dataclass(frozen=True, slots=True)
class Timing:
    """How long after it is due a wake-up is late (``margin``), and the retries have passed as well (``tail``)."""

    margin: timedelta = timedelta(seconds=60)
    tail: timedelta = timedelta(seconds=240)

    @classmethod
    def of(cls, settings: SystemSettings) -> Timing:
        """What the settings say; by default 60 s, and three times 60 s more."""
        margin = timedelta(seconds=settings.margin_s)
        return cls(margin, settings.retry_count * timedelta(seconds=settings.retry_interval_s) + margin)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the status of one concentrator follows from (times are aware).

    ``period`` is that of its profile, None while wake-up is disabled. ``assigned`` are its assignments, in the
    order of time; where there is none the concentrator counts as assigned when it was installed.
    """

    installed_at: datetime | None
    period: timedelta | None
    in_field: bool = True
    last_wakeup_at: datetime | None = None
    last_gasp_at: datetime | None = None
    assigned: Sequence[AssignedSpan] = ()
    outs: Sequence[OutOfServiceSpan] = ()

    @classmethod
    def of(cls, concentrator: Concentrator, expectation: Expectation) -> Facts:
        """Those of ``concentrator``; no query if it was loaded with its profile and total."""
        total: WakeupTotal | None = getattr(concentrator, "total", None)
        profile = concentrator.profile
        minutes = profile.wakeup_period if profile and profile.wakeup_enabled else None
        return cls(
            installed_at=concentrator.installed_at,
            period=timedelta(minutes=minutes) if minutes else None,
            in_field=concentrator.state == State.IN_FIELD,
            last_wakeup_at=total.last_wakeup_at if total else None,
            last_gasp_at=total.last_gasp_at if total else None,
            assigned=expectation.assigned,
            outs=expectation.outs,
        )


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
    if not facts.in_field or facts.installed_at is None:
        return ComputedStatus()
    outs = [out.begin for out in facts.outs if out.begin <= now < out.end]
    if outs:
        return ComputedStatus(Status.OUT_OF_SERVICE, max(min(outs), facts.installed_at), None, StatusReason.OPERATOR)
    if facts.period is None:
        return ComputedStatus(Status.DISABLED, _assigned_at(facts, facts.installed_at), None, StatusReason.PROFILE)
    return _status_by_silence(facts, facts.installed_at, facts.period, now, timing)


def _status_by_silence(
    facts: Facts, installed_at: datetime, period: timedelta, now: datetime, timing: Timing
) -> ComputedStatus:
    heard_at = _heard_at(facts, installed_at)
    due_at = _due_at(facts, heard_at or installed_at, period, now, timing)
    if facts.last_gasp_at and facts.last_gasp_at >= (heard_at or installed_at):
        since = _not_while_out(facts, facts.last_gasp_at, now)
        return ComputedStatus(Status.UNREACHABLE, since, due_at, StatusReason.POWER)
    reason = StatusReason.SILENCE if heard_at else StatusReason.NEVER_CALLED
    if now >= due_at + timing.tail:
        return ComputedStatus(Status.UNREACHABLE, _not_while_out(facts, due_at + timing.tail, now), due_at, reason)
    if now >= due_at + timing.margin:
        return ComputedStatus(Status.LATE, _not_while_out(facts, due_at + timing.margin, now), due_at, reason)
    if heard_at is None:
        return ComputedStatus(Status.NEVER_CALLED, installed_at, due_at, reason)
    return ComputedStatus(Status.REACHABLE, None, due_at, StatusReason.MESSAGE)


def _heard_at(facts: Facts, installed_at: datetime) -> datetime | None:
    """The last wake-up since the installation: what it sent in the store or at its place before does not count."""
    last = facts.last_wakeup_at
    return last if last and last >= installed_at else None


def _assigned_at(facts: Facts, installed_at: datetime) -> datetime:
    """Since when it has had its profile."""
    return next((one.begin for one in facts.assigned if one.end is None), installed_at)


def _due_at(facts: Facts, silent_since: datetime, period: timedelta, now: datetime, timing: Timing) -> datetime:
    """When the next wake-up is due, or was if it was unreachable already before its last change of profile."""
    for one in facts.assigned:
        if one.period is None or (one.end and one.end <= silent_since):
            continue
        begin = max(one.begin, silent_since)
        due_at = begin + one.period + out_time(facts.outs, begin, one.end or now)
        if one.end is None or due_at + timing.tail <= one.end:
            return due_at
    return silent_since + period


def _not_while_out(facts: Facts, moment: datetime, now: datetime) -> datetime:
    """``moment``, or the end of the last time out of service if that was later."""
    return max([moment, *(out.end for out in facts.outs if out.end <= now)])
