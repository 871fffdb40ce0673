"""Which concentrators are simulated: those of a company in field, or made-up ones (SIM-2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from concentrators.models import Concentrator, State
from concentrators.simulator.addresses import loopback_source
from concentrators.simulator.behaviour import Profile
from concentrators.simulator.ciphering.inventory import COLUMNS, ciphering_in
from concentrators.simulator.ciphering.pushes import Ciphering

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Installation:
    """A concentrator in field: its configuration, the loopback address that it sends from, and its feeder, if any.

    Its clock is wrong by ``clock_off`` seconds, beside what all clocks of the fleet are. With ``ciphering`` it ciphers
    what it sends; it keeps the first that it was given, whose counter goes on.
    """

    serial: str
    profile: Profile
    source: str
    feeder: str = ""
    clock_off: float = 0.0
    ciphering: Ciphering | None = field(default=None, compare=False)


def installations(company_id: int) -> list[Installation]:
    """The company's concentrators in field, by serial number. Those with wake-up disabled are included, and silent.

    The wake-up IP of their profiles is left out on purpose: it is the load balancer of the real network, to which a
    simulated fleet must never send.
    """
    in_field = Concentrator.objects.filter(company=company_id, state=State.IN_FIELD).order_by("serial_number")
    rows = in_field.values_list(
        "pk",
        "serial_number",
        "management_ip",
        "profile__wakeup_enabled",
        "profile__wakeup_period",
        "profile__last_gasp_enabled",
        "feeder",
        *(f"device_keys__{column}" for column in COLUMNS),
    )
    return [
        Installation(
            serial,
            _profile(enabled, minutes, last_gasp),
            loopback_source(pk, management_ip),
            feeder,
            ciphering=ciphering_in(*keys),
        )
        for pk, serial, management_ip, enabled, minutes, last_gasp, feeder, *keys in rows
    ]


def made_up(count: int, period_min: int) -> list[Installation]:
    """``count`` concentrators that are in no inventory, each with a period of ``period_min`` minutes."""
    profile = Profile(period=period_min * MINUTE)
    return [Installation(f"SIM{number:010d}", profile, loopback_source(number)) for number in range(1, count + 1)]


def _profile(enabled: bool, minutes: int | None, last_gasp: bool) -> Profile:
    return Profile(period=minutes * MINUTE if enabled and minutes else None, last_gasp=last_gasp)
