"""The verdict of each minute, kept as spans with true times (STA-4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models.functions import Coalesce

from profiles.models import SystemSettings
from wakeup.models import ListenerRun, VerdictSpan
from wakeup.models.verdicts import Cause
from wakeup.monitoring.status.rules import Timing
from wakeup.monitoring.verdicts.gaps import close_gap
from wakeup.monitoring.verdicts.gathering import evidence_at
from wakeup.monitoring.verdicts.rules import Canary, Evidence, Finding, Verdict, verdict_on_all, verdict_on_carrier

_FAILING: Final = frozenset({Cause.OUR_SIDE, Cause.CARRIER, Cause.CANARY_AWAY})


def judge(now: datetime) -> Verdict:
    """Find the verdicts at ``now`` on all and on each carrier, note them, and return the one on all."""
    settings = SystemSettings.current()
    with transaction.atomic():
        close_gap(now)
    evidence = evidence_at(now, Timing.in_force(settings), settings.falls_percent / 100)
    of_all = verdict_on_all(evidence)
    carriers = sorted({*evidence.carriers, *(canary.carrier for canary in evidence.canaries)} - {""})
    verdicts = {name: verdict_on_carrier(evidence, name, of_all) for name in carriers}
    with transaction.atomic():
        for carrier, verdict in {"": of_all, **verdicts}.items():
            _note(carrier, verdict, evidence)
        _end_others({"", *carriers}, now)
    return of_all


def _note(carrier: str, verdict: Verdict, evidence: Evidence) -> None:
    now = evidence.now
    last = VerdictSpan.objects.select_for_update().filter(carrier=carrier, ended_at=None).first()
    said = {
        "carriers": list(verdict.carriers),
        "evidence": _as_json(verdict.evidence),
        "against": _as_json(verdict.against),
        "judged_at": now,
    }
    if last is not None and last.cause == verdict.cause:
        if now >= last.judged_at:  # else a watcher whose clock goes before ours has just judged
            VerdictSpan.objects.filter(pk=last.pk).update(**said)
        return
    change = max(_changed_at(carrier, verdict, evidence), _begun_after(carrier, now))
    if last is not None:
        VerdictSpan.objects.filter(pk=last.pk).update(ended_at=change)
    VerdictSpan.objects.create(carrier=carrier, cause=verdict.cause, began_at=change, **said)


def _begun_after(carrier: str, now: datetime) -> datetime:
    """When the last verdict ended or, if it lasts, began; ``now`` if there was none."""
    spans = VerdictSpan.objects.filter(carrier=carrier).annotate(at=Coalesce("ended_at", "began_at"))
    found: datetime | None = spans.order_by("-at").values_list("at", flat=True).first()
    return found or now


def _end_others(carriers: Iterable[str], now: datetime) -> None:
    """A carrier that nobody has any more has no verdict any more."""
    VerdictSpan.objects.filter(ended_at=None).exclude(carrier__in=carriers).update(ended_at=now)


def _changed_at(carrier: str, verdict: Verdict, evidence: Evidence) -> datetime:
    """When that came about, which is before anybody could notice.

    What fails began when it was last heard, and ended when it was heard again.
    """
    before = evidence.before.get(carrier)
    if verdict.cause == Cause.OUR_SIDE and not evidence.listeners:
        return _last_listener_at() or evidence.now
    if verdict.cause in _FAILING:
        return evidence.silent_since(_canaries_of(carrier, verdict.cause, verdict, evidence)) or evidence.now
    if before not in _FAILING:
        return evidence.now
    again = evidence.arriving(_canaries_of(carrier, before, verdict, evidence))
    return min((canary.heard_at for canary in again if canary.heard_at is not None), default=evidence.now)


def _canaries_of(carrier: str, cause: Cause, verdict: Verdict, evidence: Evidence) -> Sequence[Canary]:
    """Those that show ``cause``: our side by all of them, a carrier by its own."""
    if cause == Cause.OUR_SIDE:
        return evidence.canaries
    carriers = verdict.carriers or ((carrier,) if carrier else ())
    return [canary for canary in evidence.canaries if canary.carrier in carriers] if carriers else evidence.canaries


def _last_listener_at() -> datetime | None:
    ended = Coalesce("ended_at", "seen_at")
    return ListenerRun.objects.order_by(ended.desc()).values_list(ended, flat=True).first()


def _as_json(findings: Iterable[Finding]) -> list[dict[str, object]]:
    return [finding.as_json() for finding in findings]
