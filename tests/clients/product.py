"""The running product that the clients meet, and what a day's work with it has to find."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from knox.models import AuthToken

from concentrators.models import Assignment, Company
from smmeplus.dlms.kinds import Kind
from smmeplus.models import TokenDetails
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.users import make_operator
from wakeup.models import Format, Message
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

SILENT: Final = ("A1", "A2")
IN_STORE: Final = ("S1", "S2", "S3")
EACH: Final = 115  # messages of yesterday, of each silent one
PAGE: Final = 100
REQUESTS_AN_HOUR: Final = 40  # more than a day's work takes; what follows it meets a 429
#: A client that has no room for it cannot read the messages of a fleet of 400,000 after its 37th day.
BEYOND_32_BITS: Final = 2**31 + 7


@dataclass(frozen=True)
class Product:
    """Where it is, and who asks; ``day`` is yesterday, whose messages all came between noon and the afternoon."""

    url: str
    token: str
    reading_token: str
    day: datetime

    def arguments(self) -> list[str]:
        """Those of each script and program of a day's work, in this order."""
        times = (self.day.isoformat(), (self.day + timedelta(days=1)).isoformat(), self.day.date().isoformat())
        return [self.url, self.token, self.reading_token, *times, *IN_STORE]


def make_product(url: str, now: datetime) -> Product:
    """Chile with two silent ones, one that calls, one installed this moment, and three in the store; and two tokens."""
    chile: Company = CompanyFactory.create(name="Chile")
    profile = SpontaneousProfileFactory.create(name="Ten")
    for serial in (*SILENT, "B1", "C1"):
        begin = now if serial == "C1" else now - timedelta(days=3)
        one = ConcentratorFactory.create(
            company=chile, serial_number=serial, state="in field", profile=profile, installed_at=begin
        )
        Assignment.objects.create(concentrator=one, begin=begin, period_min=10)
    for serial in IN_STORE:
        ConcentratorFactory.create(company=chile, serial_number=serial)
    day = datetime.combine(now.date() - timedelta(days=1), time(), UTC)
    _send(day, now)
    operator = make_operator(chile)
    return Product(url, _token(operator, may_write=True), _token(operator, may_write=False), day)


def _send(day: datetime, now: datetime) -> None:
    noon = day + timedelta(hours=12)
    minutes = [noon + timedelta(minutes=minute) for minute in range(EACH)]
    record([_wake_up(serial, at) for at in minutes for serial in SILENT])
    record([_wake_up("B1", now)])
    Message.objects.filter(received_at=noon, concentrator__serial_number="A1").update(id=BEYOND_32_BITS)


def _wake_up(serial: str, at: datetime) -> Arrival:
    return Arrival(serial, Kind.KEEPALIVE, Format.PUSH, at, source_ip="10.60.0.7", port=58692, raw=b"\x00\x01")


def _token(user: User, *, may_write: bool) -> str:
    stored, token = AuthToken.objects.create(user)
    TokenDetails.objects.create(token=stored, name="a day's work", may_write=may_write)
    return str(token)


def found_in_a_day() -> dict[str, Any]:
    """What each client has to say at the end of the day, as JSON."""
    return {
        "unreachable": list(SILENT),
        "fleet": 7,
        "messages": 2 * EACH,
        "highest_id": BEYOND_32_BITS,
        "pages": 3,
        "received": 2 * EACH,
        "installed": len(IN_STORE),
        "again": len(IN_STORE),
        "not_found": "not_found",
        "forbidden": "token_read_only",
        "conflict": ["in_field", "concentrators.0 in_field", "concentrators.1 in_field", "concentrators.2 in_field"],
        "invalid": ["invalid", "concentrators.1 does_not_exist"],
        "throttled": "throttled",
        "waits": True,
    }
