"""Two companies with a little of everything, and programs that ask for their users."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from rest_framework.throttling import SimpleRateThrottle

from concentrators.models import (
    Assignment,
    Company,
    Concentrator,
    ConcentratorMeters,
    Configuration,
    DeviceKeys,
    Meter,
    MeterConflict,
    MeterTally,
    OutOfService,
    PlannedWork,
    PowerFailure,
    Repeater,
    RollOut,
    RollOutMember,
    Sighting,
)
from profiles.models import ProcedureProfile, SystemSettings
from smmeplus.dlms.kinds import Kind
from tests.factories import (
    CompanyFactory,
    ConcentratorFactory,
    IncidentFactory,
    OutageFactory,
    SpontaneousProfileFactory,
)
from tests.smmeplus.api.asking import Api
from tests.smmeplus.desks.events import add_events
from tests.smmeplus.users import make_operator, make_user, make_viewer
from tests.wakeup.monitoring.alarms.stored import make_alarm
from wakeup.models import Delivery, Format, Receiver, StatusChange
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

AT = datetime(2020, 9, 24, 10, 18, 46, 500_000, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _nobody_asks_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache keeps how often each user asked, and users of other tests have the same keys."""
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"user": None, "refused": None})


def arrival(serial: str, at: datetime = AT, kind: Kind = Kind.KEEPALIVE) -> Arrival:
    return Arrival(serial, kind, Format.PUSH, at, source_ip="10.60.0.7", port=58692, raw=b"\x00\x01")


def add_outage(company: Company, one: Concentrator) -> None:
    """In an incident of its own, at which nobody looks."""
    place = {"scope": "feeder", "feeder": f"Feeder of {one.serial_number}"}
    incident = IncidentFactory.create(company=company, began_at=AT, members=1, dark=1, **place)
    OutageFactory.create(company=company, concentrator=one, incident=incident, began_at=AT, cause="power")


def add_meter(company: Company, one: Concentrator) -> None:
    """In the list of ``one``, which it reaches directly, with another behind it, and in a conflict that stands."""
    meter = Meter.objects.create(company=company, name=f"CIR{one.serial_number}", manufacturer="CIR", created_at=AT)
    seen = {"first_seen": AT - DAY, "last_seen": AT, "listed_at": AT, "level": 0, "state": 2}
    sighting = Sighting.objects.create(company=company, concentrator=one, meter=meter, chosen=True, **seen)
    ConcentratorMeters.objects.create(concentrator=one, listed_at=AT, meters=1, active=1, chosen=1, repeaters=1)
    MeterTally.objects.create(
        company=company, manufacturer="CIR", type=one.serial_number, kind="customer", state=2, meters=1
    )
    Repeater.objects.create(concentrator=one, sighting=sighting, direct=1, behind=1, deepest=1)
    MeterConflict.objects.create(company=company, meter=meter, kind=1, lists=2, opened_at=AT, preferred=one)


@pytest.fixture
def chile(db: None) -> Company:
    """Chile: A1 and A2 in field with three messages each, on two days, and a change; A3 available; a roll-out."""
    SystemSettings.objects.create(environment_name="Production", wakeup_ip="10.132.20.228")
    chile: Company = CompanyFactory.create(name="Chile")
    profile = SpontaneousProfileFactory.create(name="Ten")
    for serial in ("A1", "A2"):
        begin = AT - timedelta(days=2)
        one = ConcentratorFactory.create(
            company=chile, serial_number=serial, state="in field", profile=profile, installed_at=begin
        )
        Assignment.objects.create(concentrator=one, begin=begin, period_min=10)
        Configuration.objects.create(concentrator=one, profile=profile, since=begin)
        record([arrival(serial, AT - timedelta(days=1)), arrival(serial, AT, Kind.BOOT)])
        record([arrival(serial, AT + timedelta(seconds=1), Kind.LASTGASP)])
        StatusChange.objects.create(concentrator=one, at=AT, to_status="late", reason="silence")
        PowerFailure.objects.create(concentrator=one, ended_at=AT, duration_s=60, read_at=AT, device_at=AT - DAY)
        add_outage(chile, one)
        add_meter(chile, one)
        out = {"begin": AT - timedelta(hours=2), "end": AT - timedelta(hours=1), "reason": f"Tests of {serial}"}
        OutOfService.objects.create(concentrator=one, **out)
    ConcentratorFactory.create(company=chile, serial_number="A3")
    with_keys = Concentrator.objects.get(serial_number="A2")
    DeviceKeys.objects.create(
        concentrator=with_keys, system_title="4170530000000002", ciphered_only=True, changed_at=AT
    )
    roll_out = RollOut.objects.create(
        company=chile,
        action="installation",
        procedure=ProcedureProfile.objects.default(),
        profile_name="Ten",
        began_at=AT,
        since=AT,
        audit_id=UUID(int=7),
        size=2,
    )
    PlannedWork.objects.create(
        company=chile, scope="feeder", feeder="F1", title="Work 1", begin=AT, end=AT + timedelta(hours=1)
    )
    for one in Concentrator.objects.filter(profile=profile):
        RollOutMember.objects.create(
            roll_out=roll_out, concentrator=one, wave=1, was_in_field=False, outcome="released", since=AT
        )
        make_alarm(chile, AT, place=one.serial_number)
    receiver = Receiver.objects.create(name="Desk", kind="email", company=chile, address="a@example.org")
    times = {"made_at": AT, "not_before": AT, "next_try_at": AT}
    Delivery.objects.create(receiver=receiver, number=1, key="incident 1 opened 1", event="incident opened", **times)
    add_events(chile, ("A1", "A2"), AT)
    return chile


@pytest.fixture
def peru(chile: Company) -> Company:
    """Peru: P1 in field with one message."""
    peru: Company = CompanyFactory.create(name="Peru")
    one = ConcentratorFactory.create(company=peru, serial_number="P1", in_field=True)
    add_outage(peru, one)
    add_meter(peru, one)
    record([arrival("P1")])
    PlannedWork.objects.create(company=peru, scope="company", title="Work 2", begin=AT, end=AT + timedelta(hours=1))
    add_events(peru, ["P1"], AT)
    return peru


@pytest.fixture
def available(chile: Company) -> Concentrator:
    return Concentrator.objects.get(serial_number="A3")


@pytest.fixture
def api(operator: User) -> Api:
    """The operator of Chile's."""
    return Api(operator)


@pytest.fixture
def viewer_api(chile: Company) -> Api:
    return Api(make_viewer(chile))


@pytest.fixture
def stranger_api(chile: Company) -> Api:
    """That of an operator of a company that has nothing."""
    return Api(make_operator(CompanyFactory.create(name="Nowhere"), name="stranger"))


@pytest.fixture
def roleless_api(chile: Company) -> Api:
    """That of a user of Chile without a role."""
    return Api(make_user("roleless", chile))
