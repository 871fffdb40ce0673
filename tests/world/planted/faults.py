"""The faults: what stands in a file, and what is put in its place."""

from __future__ import annotations

from typing import Final, NamedTuple

CHANGES: Final = "wakeup/monitoring/changes"
STATUS: Final = "wakeup/monitoring/status"
VERDICTS: Final = "wakeup/monitoring/verdicts"


class Fault(NamedTuple):
    """``before`` stands in ``file`` once. The tests of ``room`` find that ``after`` stands there instead."""

    what: str
    file: str
    before: str
    after: str
    room: str = "changes"


FAULTS: Final = (
    Fault(
        "the watcher moves those forward whose wake-up has not settled",
        f"{CHANGES}/watcher.py",
        "move_forward(until, timing)",
        "move_forward(now, timing)",
    ),
    Fault(
        "the watcher judges what has not settled",
        f"{CHANGES}/watcher.py",
        "min(now - SETTLED, seen_until(now))",
        "min(now, seen_until(now))",
    ),
    Fault(
        "what would be our side is judged before it is known",
        f"{CHANGES}/watcher.py",
        "min(now - SETTLED, seen_until(now))",
        "now - SETTLED",
    ),
    Fault(
        "who calls for the first time is not looked at",
        f"{CHANGES}/watcher.py",
        "yield watches.filter(is_heard=False, since",
        "yield watches.none().filter(is_heard=False, since",
    ),
    Fault(
        "a last gasp is not looked at before the next wake-up is due",
        f"{CHANGES}/watcher.py",
        "yield watches.filter(unseen, ",
        "yield watches.none().filter(unseen, ",
    ),
    Fault(
        "who waited for our side is not looked at again",
        f"{CHANGES}/watcher.py",
        "yield watches.filter(next_at=None, ",
        "yield watches.none().filter(next_at=None, ",
    ),
    Fault(
        "who called too late is moved forward as if in time",
        f"{CHANGES}/moving.py",
        'f"{LAST}__lte": F("next_at"), ',
        "",
    ),
    Fault(
        "who has sent a last gasp is moved forward as if none",
        f"{CHANGES}/moving.py",
        "NOTHING_ELSE = _NO_GASP & ",
        "NOTHING_ELSE = ",
    ),
    Fault(
        "who is out of service is missed",
        f"{CHANGES}/moving.py",
        "_NO_GASP & _NOT_OUT & ",
        "_NO_GASP & ",
    ),
    Fault(
        "many at once are judged while it is our side",
        f"{CHANGES}/moving.py",
        "return Q(pk__in=()) if until is None else Q(next_at__gt=until)",
        "return Q()",
    ),
    Fault(
        "messages from elsewhere count",
        f"{CHANGES}/recording.py",
        "received_at__lte=until, elsewhere=False",
        "received_at__lte=until",
    ),
    Fault(
        "what the counters know of pruned messages is forgotten",
        f"{CHANGES}/recording.py",
        "return sorted([*totals, *heard], key=lambda one: one.at) if totals else heard",
        "return heard",
    ),
    Fault(
        "messages from elsewhere end a silence",
        f"{CHANGES}/returning.py",
        "        elsewhere=False,\n",
        "",
    ),
    Fault(
        "a call that was stored late hides a last gasp",
        f"{CHANGES}/returning.py",
        "(NEWS, NOTHING_ELSE, _GASP_BEFORE)",
        "(NEWS, NOTHING_ELSE)",
    ),
    Fault(
        "who called when it was lost was never unreachable",
        f"{CHANGES}/returning.py",
        "yield Status.LATE, late.filter(**in_time)",
        "yield Status.LATE, late.filter(**by_now)",
    ),
    Fault(
        "a last gasp that was overtaken by a boot counts",
        f"{CHANGES}/replay.py",
        "one.device_time < self._wakeup_clock",
        "one.device_time < one.device_time",
    ),
    Fault(
        "the end of a time out of service is not told",
        f"{CHANGES}/replay.py",
        "for instant in out:",
        "for instant in out[:1]:",
    ),
    Fault(
        "the instant of a deadline belongs to the time after it",
        f"{STATUS}/rules.py",
        "if now > due_at + timing.margin:",
        "if now >= due_at + timing.margin:",
        "status",
    ),
    Fault(
        "a wake-up in the store counts after the installation",
        f"{STATUS}/rules.py",
        "return last if last and self.since and last >= self.since else None",
        "return last",
        "status",
    ),
    Fault(
        "nobody waits for the retries after our side",
        f"{STATUS}/blindness.py",
        "Blind(begin, end, end + retry_tail if end else None)",
        "Blind(begin, end, end)",
    ),
    Fault(
        "a time out of service does not put the wake-up off",
        "concentrators/procedures/due.py",
        'minutes(f"{watch}period_min") + F("paused")',
        'minutes(f"{watch}period_min")',
    ),
    Fault(
        "another period makes an unreachable one reachable",
        "concentrators/procedures/watches.py",
        'default=Subquery(lost.values(due=F("wakeup_due"))[:1])',
        "default=Value(None, DateTimeField())",
    ),
    Fault(
        "a canary that is removed goes on failing",
        f"{VERDICTS}/gathering.py",
        ".canaries().exclude(state=State.REMOVED)",
        ".canaries()",
        "verdicts",
    ),
    Fault(
        "our side begins when it is noticed",
        f"{VERDICTS}/judging.py",
        "return _last_listener_at() or evidence.now",
        "return evidence.now",
        "verdicts",
    ),
    Fault(
        "a time without a listener is not seen in what was left",
        f"{VERDICTS}/gaps.py",
        "if started_at - heard_until > ListenerRun.SILENT_AFTER:",
        "if started_at - heard_until > ListenerRun.SILENT_AFTER * 1000:",
        "verdicts",
    ),
    Fault(
        "a verdict is that of the span that has just ended",
        f"{VERDICTS}/known.py",
        "return span.end is None or moment < span.end",
        "return span.end is None or moment <= span.end",
        "verdicts",
    ),
    Fault(
        "what began in the field becomes the fault of a carrier whose stations are without supply",
        f"{VERDICTS}/rules.py",
        "if evidence.before.get(scope) == Cause.FIELD and falls:",
        "if False:",
        "verdicts",
    ),
)
