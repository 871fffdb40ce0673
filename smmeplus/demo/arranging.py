"""What the demo's operators have arranged: work that makes places dark, and who is told of incidents (STA-7, STA-8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from concentrators.models import Company, PlannedScope, PlannedWork
from concentrators.planned.works import store
from smmeplus.demo.story import Outage
from wakeup.models import Receiver, ReceiverKind

#: Nobody has this address (RFC 2606), and `make run` writes mails into a folder.
_ADDRESS = "night-desk@smmeplus.example"
_AROUND = timedelta(minutes=30)


def plan_past_work(company: Company, feeder: str, outage: Outage, now: datetime, *, at: datetime) -> None:
    """Say at ``at`` that ``feeder`` will be dark; ``outage`` is in hours before ``now``."""
    work = PlannedWork(
        company=company,
        scope=PlannedScope.FEEDER,
        feeder=feeder,
        title="New switchgear",
        begin=now - timedelta(hours=outage.begin) - _AROUND,
        end=now - timedelta(hours=outage.end) + _AROUND,
    )
    store(work, user=None, now=at)


def plan_coming_work(company: Company, substation: str, *, at: datetime) -> None:
    """Eight nights, a week apart: the first one is the night after the next one."""
    night = at.astimezone(company.zone).replace(hour=2, minute=0, second=0, microsecond=0) + timedelta(days=2)
    work = PlannedWork(
        company=company,
        scope=PlannedScope.SUBSTATION,
        substation=substation,
        title="Protection tests",
        begin=night,
        end=night + timedelta(hours=3),
        rule="FREQ=WEEKLY;COUNT=8",
    )
    store(work, user=None, now=at)


def add_receiver(company: Company) -> None:
    """It is told of what is open when the watcher of `make run` begins, and of all that follows."""
    Receiver.objects.create(name="Night desk", kind=ReceiverKind.EMAIL, company=company, address=_ADDRESS)
