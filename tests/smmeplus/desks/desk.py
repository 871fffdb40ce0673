"""What the night desk has of a company (STA-5 to STA-11)."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from concentrators.models import Company, Concentrator, PlannedWindow, PlannedWork, PowerFailure, PowerLog
from concentrators.procedures.bulk import BulkChange
from tests.smmeplus.desks.events import add_events
from wakeup.models import Alarm, Delivery, Incident, IncidentNote, Outage, Receiver


class Desk:
    """An outage in an incident with an alarm, told to a receiver, during planned work; each holds ``text``."""

    def __init__(self, company: Company, one: Concentrator, feeder: str, text: str) -> None:
        now = timezone.now()
        self.planned = PlannedWork.objects.create(
            company=company, scope="feeder", feeder=feeder, title=text, begin=now, end=now + timedelta(hours=1)
        )
        window = PlannedWindow.objects.create(work=self.planned, begin=self.planned.begin, end=self.planned.end)
        times = {"began_at": now, "window_from": now, "window_until": now, "opened_at": now}
        self.incident = Incident.objects.create(
            company=company, scope="feeder", feeder=feeder, cause="power", planned=window, **times
        )
        IncidentNote.objects.create(incident=self.incident, at=now, kind="comment", text=text)
        self.outage = Outage.objects.create(
            concentrator=one,
            company=company,
            incident=self.incident,
            planned=window,
            earliest_at=now,
            latest_at=now,
            began_at=now,
            noticed_at=now,
        )
        self.alarm = Alarm.objects.create(
            key=f"incident {self.incident.pk}",
            kind="power",
            priority=1,
            company=company,
            incident=self.incident,
            place=feeder,
            facts={"title": text, "places": [feeder]},
            began_at=now,
            raised_at=now,
            act_by=now + timedelta(hours=1),
        )
        self.action = BulkChange("modification", user=None, now=now)
        self.action.note(Concentrator.objects.filter(pk=one.pk))
        self.receiver = Receiver.objects.create(
            name=text, kind="email", company=company, address="a@example.org", last_number=1
        )
        self.delivery = Delivery.objects.create(
            receiver=self.receiver,
            number=1,
            key="test",
            event="incident opened",
            incident=self.incident,
            made_at=now,
            not_before=now,
            next_try_at=now,
        )
        add_events(company, [one.serial_number], now)
        PowerLog.objects.create(concentrator=one, booted_at=now)
        PowerFailure.objects.create(concentrator=one, ended_at=now, duration_s=60, read_at=now)
