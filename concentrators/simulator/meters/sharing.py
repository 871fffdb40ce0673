"""Meters that two concentrators list: heard by turns, moved, picked up from a silent one, failed, or a name used twice.

Neighbours are those of one substation (crosstalk); a name may be used twice anywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from concentrators.simulator.meters.chance import chance
from concentrators.simulator.meters.layout import MadeMeter, Net
from concentrators.simulator.meters.life import DAY, HOUR, Seen, heard, last_contact, seen_since

_SHARED_OF: Final = 60  # of so many meters one is heard by a neighbour, too
_FEWEST: Final = 20  # meters of a concentrator of which some are shared
_TURN: Final = 5 * HOUR
_MOVES: Final = 24 * DAY  # from one move home to the next
_REMOVED_AFTER: Final = 9 * DAY
_FAILS: Final = 60 * DAY
_PICKED_UP: Final = 3  # meters of a silent concentrator
_PICKED_UP_AFTER: Final = 3 * HOUR
_TWICE_OF: Final = 40  # of so many concentrators one has a meter whose name is used twice


class Sharing(Enum):
    LIVE = "live"
    MOVED = "moved"
    PICKED_UP = "picked up"
    FAILED = "failed"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class Shared:
    """A meter of ``home`` that ``other`` lists, too; it is reached directly there."""

    meter: MadeMeter
    home: Net
    other: Net
    how: Sharing

    def seen(self, seed: int, at: float) -> tuple[Seen | None, Seen | None]:
        """By its home and by the other one; None if it is not in the list."""
        return _SEEN[self.how](self, seed, at)


def shared_of(nets: Sequence[Net], seed: int) -> list[Shared]:
    """No meter is shared twice, and no repeater or supervisor is shared."""
    found = list[Shared]()
    for home, other in _neighbours(nets):
        found += _with_neighbour(home, other, seed)
    for number in range(0, len(nets) - 1, _TWICE_OF):
        found += _used_twice(nets[number], nets[number + 1 :])
    return found


def _neighbours(nets: Sequence[Net]) -> Iterator[tuple[Net, Net]]:
    """Each with the one behind it in its substation, the last with the first."""
    stations = defaultdict[str, list[Net]](list)
    for net in nets:
        stations[net.place.substation].append(net)
    for substation, some in stations.items():
        if substation and len(some) > 1:
            yield from zip(some, [*some[1:], some[0]], strict=True)


def _with_neighbour(home: Net, other: Net, seed: int) -> Iterator[Shared]:
    """The last of its meters but one: that one may be used twice."""
    if home.place.meters < _FEWEST or other.place.silent_since is not None:
        return
    is_silent = home.place.silent_since is not None
    count = _PICKED_UP if is_silent else max(home.place.meters // _SHARED_OF, 1)
    leaves = [meter for meter in home.meters[1:-1] if not meter.is_switch][-count:]
    for meter in leaves:
        yield Shared(meter, home, other, Sharing.PICKED_UP if is_silent else _how(meter, seed))


def _how(meter: MadeMeter, seed: int) -> Sharing:
    drawn = chance(seed, meter.name, "shared")
    if drawn < 0.35:
        return Sharing.LIVE
    return Sharing.MOVED if drawn < 0.92 else Sharing.FAILED


def _used_twice(home: Net, others: Sequence[Net]) -> Iterator[Shared]:
    """By one in another substation, where nobody hears it."""
    last = home.meters[-1]
    far = [net for net in others if net.place.substation != home.place.substation and net.place.silent_since is None]
    if far and not last.is_switch and not last.is_supervisor and home.place.silent_since is None:
        yield Shared(last, home, far[0], Sharing.TWICE)


def _live(one: Shared, seed: int, at: float) -> tuple[Seen | None, Seen | None]:
    """It is registered with one of them at a time, and goes from one to the other every few hours."""
    name = one.meter.name
    into = (at + 2 * _TURN * chance(seed, name, "turn")) % (2 * _TURN)
    now = heard(seed, name, at)
    left_at = at - into % _TURN
    before = seen_since(last_contact(seed, name, left_at), at)
    # It counts as active where it was heard some hours ago.
    before = Seen(before.last_contact, now.state)
    return (now, before) if into < _TURN else (before, now)


def _moved(one: Shared, seed: int, at: float) -> tuple[Seen | None, Seen | None]:
    """The list that it has left keeps it as failed, until it is removed there."""
    name, half = one.meter.name, _MOVES / 2
    into = (at + _MOVES * chance(seed, name, "move")) % _MOVES
    moved_at = at - into % half
    is_kept = at - moved_at < _REMOVED_AFTER
    left = seen_since(last_contact(seed, name, moved_at), at) if is_kept else None
    now = heard(seed, name, at)
    return (now, left) if into < half else (left, now)


def _picked_up(one: Shared, seed: int, at: float) -> tuple[Seen | None, Seen | None]:
    """Its home says nothing any more, so that its last list still has it as active."""
    since, now = one.home.place.silent_since, heard(seed, one.meter.name, at)
    is_heard = since is not None and at >= since.timestamp() + _PICKED_UP_AFTER
    return now, now if is_heard else None


def _failed(one: Shared, seed: int, at: float) -> tuple[Seen | None, Seen | None]:
    """Both have heard it until it failed; before, only its home."""
    name = one.meter.name
    into = (at + _FAILS * chance(seed, name, "fails")) % _FAILS
    if into < _FAILS / 2:
        return heard(seed, name, at), None
    lost = seen_since(last_contact(seed, name, at - (into - _FAILS / 2)), at)
    return lost, lost


def _twice(one: Shared, seed: int, at: float) -> tuple[Seen | None, Seen | None]:
    """Two meters, each of which is heard where it is."""
    return heard(seed, one.meter.name, at), heard(seed, f"{one.meter.name} again", at)


_SEEN: Final = {
    Sharing.LIVE: _live,
    Sharing.MOVED: _moved,
    Sharing.PICKED_UP: _picked_up,
    Sharing.FAILED: _failed,
    Sharing.TWICE: _twice,
}
