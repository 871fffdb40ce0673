"""Keeps the alarms that stand as the rules say: one pass (STA-9).

Any number of watchers may pass: each pass is one transaction under the desk's lock, so an alarm is raised once, and one
that is killed has done nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from profiles.models import SystemSettings
from wakeup.locks import hold_desk
from wakeup.models import Alarm
from wakeup.models.alarms import AlarmKind, Priority
from wakeup.monitoring.alarms.actions import LONGEST_SHELVED
from wakeup.monitoring.alarms.gathering import desk_at
from wakeup.monitoring.alarms.rules import ACT_WITHIN, Due, Limits, alarms_due
from wakeup.monitoring.alarms.rules.planning import OVER, plan

_SHELF: Final = ("shelved_until", "shelved_by_id", "shelved_reason")
#: Changes of priority that an alarm remembers: the last ones.
MOST_NOTES: Final = 20


def limits_of(settings: SystemSettings) -> Limits:
    return Limits(
        timedelta(minutes=settings.alarm_delay_min), settings.alarm_medium_customers, settings.alarm_high_customers
    )


def raise_alarms(now: datetime) -> int:
    """Raise, change and end alarms as of ``now``; return how many began, ended or changed their priority."""
    settings = SystemSettings.current()
    with transaction.atomic():
        hold_desk()
        dues = alarms_due(desk_at(now, settings), limits_of(settings), now)
        rows = {row.key: row for row in Alarm.objects.open().select_related("incident")}
        todo = plan({key: row.kind for key, row in rows.items()}, dues)
        for key, reason in todo.ended:
            _end(rows[key], reason, now)
        changed = sum(_change(rows[key], due, now) for key, due in todo.moved)
        changed += sum(_change(rows[due.key], due, now) for due in todo.kept)
        shelves = _shelves_of(todo.raised, now)
        for due in todo.raised:
            _raise(due, now, shelves.get(due.key))
        for due in dues.at_once:
            _end(_raise(due, now), OVER, now)
    return changed + len(todo.ended) + len(todo.raised) + len(dues.at_once)


def _shelves_of(raised: Sequence[Due], now: datetime) -> Mapping[str, Alarm]:
    """By key the alarm that was shelved until later than ``now`` and came back meanwhile.

    It stays on its shelf, or whoever has shelved it would hear of it all the same; but not a worse one, and not many
    incidents at once, which are others each time.
    """
    due = {one.key: one.priority for one in raised if one.kind != AlarmKind.WIDE}
    lately = Alarm.objects.filter(key__in=due, ended_at__gte=now - LONGEST_SHELVED) if due else Alarm.objects.none()
    last = {row.key: row for row in lately.order_by("raised_at", "pk")}
    return {
        key: row
        for key, row in last.items()
        if row.shelved_until and row.shelved_until > now and due[key] <= row.priority
    }


def _raise(due: Due, now: datetime, shelf: Alarm | None = None) -> Alarm:
    shelved = {name: getattr(shelf, name) for name in _SHELF} if shelf else {}
    return Alarm.objects.create(
        **shelved,
        key=due.key,
        kind=due.kind,
        priority=due.priority,
        company_id=due.company,
        incident_id=due.incident,
        planned_id=due.planned,
        place=due.place,
        facts=dict(due.facts),
        began_at=due.began_at,
        raised_at=now,
        act_by=now + ACT_WITHIN[due.priority],
    )


def _end(row: Alarm, reason: str, now: datetime) -> None:
    if row.incident and row.incident.merged_into_id:
        reason = "merged"
    row.ended_at = now
    row.facts = {**row.facts, "ended": reason}
    row.save(update_fields=["ended_at", "facts"])


def _change(row: Alarm, due: Due, now: datetime) -> int:
    """Make ``row`` the alarm that is due; return 1 if a person should notice."""
    facts = {**row.facts, **due.facts}
    if (row.key, row.kind, row.priority) == (due.key, due.kind, due.priority):
        news = {"facts": facts, "place": due.place, "incident_id": due.incident}
        if any(getattr(row, name) != value for name, value in news.items()):
            Alarm.objects.filter(pk=row.pk).update(**news)
        return 0
    row.facts = {**facts, "notes": [*facts.get("notes", ()), _note(row, due, now)][-MOST_NOTES:]}
    _set_priority(row, due.priority, now)
    row.key, row.kind, row.place, row.incident_id = due.key, due.kind, due.place, due.incident
    row.save()
    return 1


def _note(row: Alarm, due: Due, now: datetime) -> Mapping[str, Any]:
    """What it was before, for the page of the alarm."""
    return {"at": now.isoformat(), "kind": str(AlarmKind(row.kind)), "priority": row.priority, "to": int(due.priority)}


def _set_priority(row: Alarm, priority: Priority, now: datetime) -> None:
    """What has become worse is shown again although it was shelved, and has to be acted on sooner."""
    if priority > row.priority:
        row.act_by = min(row.act_by, now + ACT_WITHIN[priority])
        row.shelved_until, row.shelved_by, row.shelved_reason = None, None, ""
    elif priority < row.priority:
        row.act_by = max(row.act_by, row.raised_at + ACT_WITHIN[priority])
    row.priority = priority
