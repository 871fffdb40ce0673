"""Random histories of a company: feeders that go dark with gasps or without, carriers that fail, single silences."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

from tests.wakeup.monitoring.incidents.reference import Dark, Place

Fleet = list[tuple[tuple[Place, ...], str]]
PERIOD, TAIL, DAY = 1_200, 240, 9_000


def history(seed: int) -> tuple[list[Dark], Counter[Place]]:
    """The outages of some hours, and how many concentrators each place has. Some come and go within minutes."""
    chance, fleet = random.Random(seed), fleet_of(seed)
    sizes: Counter[Place] = Counter(place for places, _ in fleet for place in places)
    fails = {"claro": sorted(chance.sample(range(DAY), 2))} if chance.random() < 0.6 else {}
    dark: list[Dark] = []
    busy = [0] * len(fleet)  # until when each is dark
    for begin in sorted(chance.randrange(DAY) for _ in range(chance.randint(1, 16))):
        place = chance.choice(sorted(sizes))
        hit = [who for who, (places, _) in enumerate(fleet) if place in places and chance.random() < 0.7]
        length, gasps = chance.choice((60, 400, 4_000, 9_000)), chance.choice((0.0, 0.3, 0.6, 1.0))
        for who in hit if chance.random() < 0.7 else hit[:1]:
            at = begin + chance.choice((0, 0, 30, 200, 290, 500, 700))
            if at > busy[who]:
                one = _dark(chance, len(dark), who, fleet[who], at, length, gasps, fails)
                dark.append(one)
                busy[who] = one.ended + 1
    return dark, sizes


def fleet_of(seed: int) -> Fleet:
    """The places and the carrier of each concentrator."""
    return list(_fleet(random.Random(-seed - 1)))


def _fleet(chance: random.Random) -> Iterator[tuple[tuple[Place, ...], str]]:
    company = ("c",)
    for substation in ("s", "t"):
        for feeder in ("1", "2"):
            for _ in range(chance.randint(1, 9)):
                places = (company, (*company, substation), (*company, substation, feeder))
                yield places[: chance.choice((1, 3, 3, 3, 3))], chance.choice(("claro", "entel", ""))


def _dark(
    chance: random.Random,
    key: int,
    who: int,
    traits: tuple[tuple[Place, ...], str],
    at: int,
    length: int,
    gasps: float,
    fails: dict[str, list[int]],
) -> Dark:
    places, carrier = traits
    begin, end = fails.get(carrier, [0, 0])
    is_cut = begin <= at < end
    if chance.random() < gasps and not is_cut:
        return Dark(key, who, places, at, at, at, at + length, gasped=True)
    last = at - chance.randrange(PERIOD)
    noticed = last + PERIOD + TAIL
    ended = max(noticed + 1, at + length)
    return Dark(
        key, who, places, last, last + PERIOD, noticed, ended, carrier=carrier if begin <= noticed < end else ""
    )
