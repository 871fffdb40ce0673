"""What happens in the demo's 30 days: who is silent, where the supply fails, what operators do.

Times are hours before now. Concentrators are those of the installation file in the order of their serial numbers: the
first 60 are installed, and the rest is in the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, NamedTuple

DAY: Final = 24.0
MINUTE: Final = 1 / 60
DAYS: Final = 30
SEED: Final = 58_692

IN_FIELD: Final = 60
EACH: Final = IN_FIELD // 2  # with each of the two profiles, at the end
#: In the store of the demo there is no such serial number: it was taken out of the field, and still sends.
REMOVED_SERIAL: Final = "16CEC50610035911"
DRIFTED_RETRIES: Final = 5
OUT_REASON: Final = "Transformer is exchanged"


class Outage(NamedTuple):
    """Hours before now from which and to which it lasts; one that lasts ends after now, and is below 0."""

    begin: float
    end: float


class PlaceOutage(NamedTuple):
    """The supply of these substations or feeders fails, and their concentrators send a last gasp."""

    places: Sequence[str]
    outage: Outage


class Loss(NamedTuple):
    """One concentrator is not heard for a while, and has not lost its supply."""

    whose: int  # by the order of their serial numbers
    outage: Outage


_OURS: Final = Outage(20.1 * DAY, 20.1 * DAY - 25 * MINUTE)
_OUT: Final = Outage(1.3 * DAY, -3 * DAY)
_PLANNED: Final = PlaceOutage(("SC1-F3",), Outage(9.6 * DAY, 9.6 * DAY - 200 * MINUTE))


@dataclass(frozen=True)
class Story:
    #: Silent since then, for good.
    silent: Sequence[tuple[int, float]] = ((5, 13.2 * DAY), (41, 6.4 * DAY), (17, 2.3 * DAY))
    #: The listener was restarted: nothing could be heard.
    ours: Outage = _OURS
    supply: Sequence[PlaceOutage] = (
        PlaceOutage(("Maipu", "Lo Espejo"), Outage(16.3 * DAY, 16.3 * DAY - 95 * MINUTE)),
        _PLANNED,
        PlaceOutage(("N4-F1",), Outage(47 * MINUTE, -70 * MINUTE)),
    )
    #: Told beforehand: this failure of a supply, and from the night after the next one on work at a substation.
    planned: PlaceOutage = _PLANNED
    planned_at: float = 11 * DAY
    planned_next: str = "Quilicura"
    planned_next_at: float = 0.9 * DAY
    #: Given the shorter period, one first and then the rest; one of them refuses it.
    changed: Sequence[int] = tuple(range(14, EACH))
    changed_at: float = 12.2 * DAY
    refuses: int = 29
    #: Its retries are other ones all of a sudden, which reading back finds.
    drifts: int = 35
    drifted_at: float = 4.4 * DAY
    read_back_at: float = 4 * DAY
    out_of_service: int = 11
    out: Outage = _OUT
    #: Installed late, where another device answers: it has never called.
    newcomer: int = 52
    newcomer_at: float = 3.1 * DAY
    newcomer_is: int = 70
    removed_at: float = 8.2 * DAY
    #: Have keys from now on, and cipher what they send.
    ciphered: Sequence[int] = (3, 8, 33, 38, 46, 55)

    @property
    def special(self) -> frozenset[int]:
        """Those that have a part of their own."""
        silent = (index for index, _at in self.silent)
        return frozenset((*silent, *self.changed, self.drifts, self.out_of_service, self.newcomer))

    def losses(self, random: Random, count: int = 34) -> list[Loss]:
        """Short silences that nobody explains, each of another concentrator."""
        usual = [index for index in range(IN_FIELD) if index not in self.special]
        found = []
        for index in random.sample(usual, count):
            begin = random.uniform(0.3 * DAY, (DAYS - 1) * DAY)
            hours = random.uniform(0.3, 2.5) if index < EACH else random.uniform(2.5, 7)
            found.append(Loss(index, Outage(begin, begin - hours)))
        return found
