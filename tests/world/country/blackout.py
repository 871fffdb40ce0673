"""Fourteen of sixteen regions go dark within a minute, carriers and canaries follow as their batteries run out.

It is told four hours shorter than it was. Whose fault each silence is stands beside it: what a dark region takes with
it, carriers included, began in the field, until that region and its carrier are back.
"""

from __future__ import annotations

from itertools import product
from typing import Final

from tests.world.events import Event, NetworkLost, NetworkRestored, PowerLost, PowerRestored
from tests.world.scenario import Scenario, Traits
from tests.world.trace import hms, seconds

DARK: Final = (
    *("Arica y Parinacota", "Tarapacá", "Antofagasta", "Atacama", "Coquimbo", "Valparaíso", "Metropolitana"),
    *("O'Higgins", "Maule", "Ñuble", "Biobío", "Araucanía", "Los Ríos", "Los Lagos"),
)
LIT: Final = ("Aysén", "Magallanes")
CARRIERS: Final = ("Claro", "Entel", "Movistar")
EACH: Final = 3  # concentrators of a carrier in a region

#: When the stations of a carrier have no battery any more, in dark regions, and when they have supply again.
STATIONS: Final = {"Claro": ("3:00:00", "5:00:00"), "Movistar": ("3:30:00", "5:20:00")}
#: The canary of a carrier stands in Santiago and has a battery, too.
CANARY_EMPTY: Final = {"Entel": "4:00:00", "Movistar": "3:45:00"}
BEGIN: Final = "1:00:00"
#: The last ones to be dark are the first to have supply again, one region every ten minutes.
BACK: Final = {region: hms(seconds("4:30:00") + 600 * place) for place, region in enumerate(reversed(DARK))}


def group(region: str, carrier: str) -> str:
    return f"{region}/{carrier}"


def canary(carrier: str) -> str:
    return f"canary of {carrier}"


def _power() -> list[tuple[str, Event]]:
    """Four seconds from one region to the next."""
    return [
        event
        for place, region in enumerate(DARK)
        for carrier in CARRIERS
        for event in (
            (hms(seconds(BEGIN) + 4 * place), PowerLost(group(region, carrier), gasps_lost=0.6)),
            (BACK[region], PowerRestored(group(region, carrier))),
        )
    ]


def _carriers() -> list[tuple[str, Event]]:
    events: list[tuple[str, Event]] = []
    for carrier, (lost, restored) in STATIONS.items():
        away = (*(group(region, carrier) for region in DARK), canary(carrier))
        events += [(lost, NetworkLost(away)), (restored, NetworkRestored(away))]
    for carrier, empty in CANARY_EMPTY.items():
        events += [(empty, PowerLost(canary(carrier))), (BACK["Metropolitana"], PowerRestored(canary(carrier)))]
    return events


BLACKOUT: Final = Scenario(
    lasts="7:20:00",
    groups={
        **{group(region, carrier): EACH for region, carrier in product((*DARK, *LIT), CARRIERS)},
        **{canary(carrier): 1 for carrier in CARRIERS},
    },
    traits={
        **{
            group(region, carrier): Traits(carrier, region, substation=region)
            for region, carrier in product((*DARK, *LIT), CARRIERS)
        },
        **{canary(carrier): Traits(carrier, is_canary=True) for carrier in CARRIERS},
    },
    events=tuple(sorted((*_power(), *_carriers()), key=lambda one: seconds(one[0]))),
    canaries=1,
    step_s=20,
    #: Whatever feeders and substations were noticed first.
    incidents=("1:00:00 to 6:40:00 company, power, 126 of 144",),
)


#: The same for all and for each carrier. What is dark is known a minute later at most, here by last gasps, and it is
#: the field until the last region has supply again, whatever the canaries of carriers do meanwhile.
VERDICTS: Final = ("0:01:00 ok", "1:01:00 field", "6:41:00 ok")

#: When some are heard again: with the supply of their region, or by a retry as soon as their carrier is back, too.
HEARD_AGAIN: Final = {
    "Los Lagos/Entel 0": "4:30:00",
    "Los Lagos/Claro 0": "5:03:00",  # four attempts from 4:30 on, and a pause
    "Biobío/Movistar 0": "5:33:00",
    "Metropolitana/Claro 0": "5:40:00",
    "Arica y Parinacota/Entel 0": "6:40:00",
}


def is_silent(region: str, carrier: str, at: float) -> bool:
    """Whether a concentrator there has no supply, or no way to us, ``at`` so many seconds after the beginning."""
    if region not in DARK or at < seconds(BEGIN) + 4 * DARK.index(region):
        return False
    lost, restored = STATIONS.get(carrier, ("0:00:00", "0:00:00"))
    return at < seconds(BACK[region]) or seconds(lost) <= at < seconds(restored)
