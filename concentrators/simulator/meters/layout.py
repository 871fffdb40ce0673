"""Which meters hang on a concentrator, and through which repeaters they are reached: a tree as PRIME builds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from concentrators.simulator.meters.chance import chance, one_of

DEEPEST: Final = 5  # repeaters in the path
MOST_METERS: Final = 998  # of one concentrator: their names count to 999, and one is the supervisor
NO_SWITCH: Final = 255  # as the base node says it
_METERS_A_SWITCH: Final = 11
_DIRECT: Final = 0.3  # the share of meters that need no repeater
_MAKERS: Final = ("CIR", "CIR", "ZIV", "ZIV", "ZIV", "SAG", "LGZ")
_MODELS: Final = ("SIM 1P", "SIM 1P", "SIM 3P")
_SMALL: Final = 30  # so few meters lie too close together for long paths


@dataclass(frozen=True, slots=True)
class Place:
    """A concentrator. ``number`` is one of its own from 1 to 99,999, which the names of its meters begin with.

    From ``silent_since`` on it hands over no list.
    """

    number: int
    serial: str
    substation: str
    meters: int
    silent_since: datetime | None = None

    def __post_init__(self) -> None:
        if not (0 < self.number < 10**5 and 0 <= self.meters <= MOST_METERS):
            raise ValueError(f"{self.serial}: no number {self.number} with {self.meters} meters is possible")


@dataclass(frozen=True, slots=True)
class MadeMeter:
    """``parent`` is its repeater by its position in the list of its concentrator, None if it is reached directly."""

    name: str
    mac: int  # EUI-48
    maker: str
    model: str
    is_supervisor: bool
    parent: int | None
    level: int  # repeaters in the path
    lnid: int
    lsid: int  # NO_SWITCH if it is no repeater

    @property
    def is_switch(self) -> bool:
        return self.lsid != NO_SWITCH


@dataclass(frozen=True, slots=True)
class Net:
    """A concentrator and its own meters, each behind its repeater; the first one is the substation's supervisor."""

    place: Place
    meters: tuple[MadeMeter, ...]

    def sid_of(self, meter: MadeMeter) -> int:
        return 0 if meter.parent is None else self.meters[meter.parent].lsid

    @property
    def switches(self) -> list[int]:
        """Their positions."""
        return [position for position, meter in enumerate(self.meters) if meter.is_switch]


def lay_out(places: Iterable[Place], seed: int) -> list[Net]:
    """In the order of ``places``. What one looks like does not depend on the others."""
    return [Net(place, tuple(_meters_of(place, seed))) for place in places]


def _meters_of(place: Place, seed: int) -> list[MadeMeter]:
    made = [_supervisor(place, seed)]
    switches = max(place.meters // _METERS_A_SWITCH, 1)
    deepest = 1 if place.meters < _SMALL else 2 + int(chance(seed, place.serial, "depth") * (DEEPEST - 1))
    parents = list[int]()  # those that may have something behind them
    for index in range(1, place.meters + 1):
        lsid = index if index <= switches < place.meters else NO_SWITCH
        parent = _parent_of(index, parents, seed, place)
        level = 0 if parent is None else made[parent].level + 1
        made.append(_customer(place, index, seed, parent=parent, level=level, lsid=lsid))
        if lsid != NO_SWITCH and level < deepest:
            parents.append(index)
    return made


def _parent_of(index: int, parents: list[int], seed: int, place: Place) -> int | None:
    """Long paths come about, as a repeater is most often behind the one that was there before it."""
    if not parents or chance(seed, place.serial, index, "direct") < _DIRECT:
        return None
    nearest = parents[-3:] if index == parents[-1] + 1 else parents
    return one_of(nearest, seed, place.serial, index, "parent")


def _supervisor(place: Place, seed: int) -> MadeMeter:
    """Of the two makers whose supervisors have names of their own (meters.md A3)."""
    is_ziv = chance(seed, place.serial, "supervisor") < 0.5
    name = f"ZIVS0099{place.number:05}" if is_ziv else f"CIR20819{place.number:05}"
    maker = name[:3]
    mac = _mac(place, 0)
    return MadeMeter(name, mac, maker, "SIM LVS", is_supervisor=True, parent=None, level=0, lnid=1, lsid=NO_SWITCH)


def _customer(place: Place, index: int, seed: int, *, parent: int | None, level: int, lsid: int) -> MadeMeter:
    maker = one_of(_MAKERS, seed, place.serial, index, "maker")
    model = one_of(_MODELS, seed, place.serial, index, "model")
    name = f"{maker}99{place.number:05}{index:03}"
    lnid = index + 1
    return MadeMeter(name, _mac(place, index), maker, model, False, parent, level, lnid, lsid)


def _mac(place: Place, index: int) -> int:
    """Its second bit says that nobody was given it: 02:99:…"""
    return (0x0299 << 32) | (place.number << 12) | index
