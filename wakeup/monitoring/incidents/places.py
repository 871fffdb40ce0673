"""Places that may go dark as one: a feeder, a substation, a company, or a carrier within a company (STA-5)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

FEEDER, SUBSTATION, COMPANY, CARRIER, OUR_SIDE = "feeder", "substation", "company", "carrier", "our side"
#: From the narrowest to the widest.
_RANKS: Final = {FEEDER: 0, SUBSTATION: 1, COMPANY: 2, CARRIER: 3, OUR_SIDE: 4}


class Place(NamedTuple):
    """What it does not name is empty. A feeder belongs to its substation, where that is known."""

    company: int
    substation: str = ""
    feeder: str = ""
    carrier: str = ""

    @property
    def scope(self) -> str:
        if self.carrier:
            return CARRIER
        if self.feeder:
            return FEEDER
        return SUBSTATION if self.substation else COMPANY

    @property
    def rank(self) -> int:
        """The wider it is the higher."""
        return _RANKS[self.scope]


@lru_cache(maxsize=50_000)
def places_of(company: int, substation: str, feeder: str) -> tuple[Place, ...]:
    """Those of a concentrator, the widest first. A name that is empty is no place."""
    found = [Place(company)]
    if substation:
        found.append(Place(company, substation))
    if feeder:
        found.append(Place(company, substation, feeder))
    return tuple(found)
