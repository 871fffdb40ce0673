"""What is to be done so that those alarms stand that should (STA-9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from wakeup.models.alarms import AlarmKind, Priority
from wakeup.models.incidents import IncidentScope
from wakeup.monitoring.alarms.rules.deciding import Dues
from wakeup.monitoring.alarms.rules.due import Due

#: Why an alarm ended of which nothing else is known.
OVER = "over"


class Plan(NamedTuple):
    """``moved`` are alarms by the key they have now, that become another one; ``kept`` may have changed."""

    raised: list[Due]
    ended: list[tuple[str, str]]
    moved: list[tuple[str, Due]]
    kept: list[Due]


def plan(standing: Mapping[str, AlarmKind | str], dues: Dues) -> Plan:
    """From the kinds of the alarms that stand, by key. An alarm of many at once goes over into that of the company."""
    new = [due for key, due in dues.standing.items() if key not in standing]
    of_companies = {f"wide {due.company}": due for due in reversed(new) if _is_of_company(due)}
    moved = [(key, due) for key, due in of_companies.items() if key in standing]
    # What has gone over cannot be kept as well: the rest of the flood gets one of its own.
    gone_over = {key for key, _due in moved}
    raised = [due for due in new if due not in [moved_to for _key, moved_to in moved]]
    raised += [due for key, due in dues.standing.items() if key in gone_over]
    gone = standing.keys() - dues.standing.keys() - gone_over
    ended = [(key, dues.reasons.get(key, OVER)) for key in sorted(gone)]
    kept = [due for key, due in dues.standing.items() if key in standing and key not in gone_over]
    return Plan(raised, ended, moved, kept)


def _is_of_company(due: Due) -> bool:
    is_high = due.priority == Priority.HIGH
    return is_high and due.company is not None and due.facts.get("scope") == IncidentScope.COMPANY
