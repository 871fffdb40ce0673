"""The status of one concentrator in words, and its times out of service, for its page (CON-6, STA-1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Concentrator
from concentrators.procedures.out_of_service import shortened
from smmeplus.common.wording.durations import in_words
from wakeup.monitoring.changes.tables import badge
from wakeup.monitoring.concentrator.facts import SetOut, out_at
from wakeup.monitoring.status.advice import what_to_do
from wakeup.monitoring.status.rules import ComputedStatus, Facts, Status, StatusReason, Timing, status_of

SHOWN_OUTS = 20
SHOWN_CHANGES = 20


@dataclass(frozen=True, slots=True)
class ShownStatus:
    """A status with the reason, and for how long it has been silent and what to do about it in words.

    ``due_at`` is as in ComputedStatus; ``since`` is, too, and of *reachable* what the history tells.
    """

    status: Status
    reason: str
    advice: str
    since: datetime | None
    due_at: datetime | None

    @classmethod
    def of(
        cls, concentrator: Concentrator, outs: Sequence[SetOut], now: datetime, timing: Timing
    ) -> ShownStatus | None:
        """That of ``concentrator`` with its times out of service at ``now``; None if it is not in field."""
        facts = Facts.of(concentrator, [out.span for out in outs if out.span.begin < out.end])
        computed = status_of(facts, now, timing)
        if computed.status is None:
            return None
        reason = _in_words(computed, facts, out_at(outs, now))
        advice = f"{_silence_in_words(computed, facts, now)} {what_to_do(computed.status, computed.reason)}".strip()
        since = computed.since or _noted_since(concentrator, computed.status)
        return cls(computed.status, reason, advice, since, computed.due_at)


def _noted_since(concentrator: Concentrator, status: Status) -> datetime | None:
    watch = getattr(concentrator, "watch", None)
    return watch.status_at if watch and watch.status == status else None


def _in_words(computed: ComputedStatus, facts: Facts, out: SetOut | None) -> str:
    match computed.reason:
        case StatusReason.OPERATOR if out:
            return _("until %(at)s: %(reason)s") % {"at": _moment(out.end), "reason": shortened(out.reason)}
        case StatusReason.POWER:
            return _("last gasp at %(at)s") % {"at": _moment(facts.last_gasp_at)}
        case StatusReason.SILENCE | StatusReason.OUR_SIDE:
            return _("silent since %(at)s") % {"at": _moment(facts.last_wakeup_at)}
        case StatusReason.NEVER_CALLED:
            return _("no wake-up since it was installed at %(at)s") % {"at": _moment(facts.since)}
        case StatusReason.MESSAGE:
            return _("last wake-up at %(at)s") % {"at": _moment(facts.last_wakeup_at)}
    return _("its profile has wake-up disabled")


def _silence_in_words(computed: ComputedStatus, facts: Facts, now: datetime) -> str:
    """For how long it has not been heard, wherever a wake-up is expected of it; else empty."""
    if computed.reason in (StatusReason.PROFILE, StatusReason.OPERATOR):
        return ""
    length = in_words(now - (facts.heard_at or facts.since or now))
    if computed.status == Status.REACHABLE:
        return _("Heard %(length)s ago.") % {"length": length}
    return _("Silent for %(length)s.") % {"length": length}


def _moment(at: datetime | None) -> str:
    return f"{formats.date_format(at.astimezone(UTC), 'DATETIME_FORMAT')} UTC" if at else "—"


class Progress(models.TextChoices):
    PLANNED = "planned", _l("planned")
    PRESENT = "present", _l("present")
    OVER = "over", _l("over")
    CALLED_OFF = "called off", _l("called off")


@dataclass(frozen=True, slots=True)
class ShownOut:
    """A time out of service; ``planned_end`` is None and ``ended_by`` empty unless it was ended early."""

    out: SetOut
    progress: Progress
    planned_end: datetime | None
    ended_by: str

    @classmethod
    def of(cls, out: SetOut, now: datetime) -> ShownOut:
        if out.first_end is None or out.first_end == out.end:
            return cls(out, _progress(out, now), None, "")
        return cls(out, _progress(out, now), out.first_end, out.changed_by or _("the system"))

    @property
    def can_be_ended(self) -> bool:
        return self.progress in (Progress.PLANNED, Progress.PRESENT)


def _progress(out: SetOut, now: datetime) -> Progress:
    if out.end == out.begin:
        return Progress.CALLED_OFF
    if now < out.begin:
        return Progress.PLANNED
    return Progress.PRESENT if now < out.end else Progress.OVER


def shown_outs(outs: Sequence[SetOut], now: datetime) -> Sequence[ShownOut]:
    """The first 20 of ``outs``, which are newest first."""
    return [ShownOut.of(out, now) for out in outs[:SHOWN_OUTS]]


def latest_changes(changes: Sequence[Any]) -> Sequence[Any]:
    """The first 20 of ``changes``, which are newest first, with ``shown_from`` and ``shown_to`` for a page."""
    shown = changes[:SHOWN_CHANGES]
    for change in shown:
        change.shown_from, change.shown_to = badge(change.from_status), badge(change.to_status)
    return shown
