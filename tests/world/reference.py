"""When messages arrive, by the words of SIM-1 alone: what the product's state machine is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Final

#: Minutes from one attempt to the next, while none gets through.
_FIRST_ROUND: Final = (0, 1, 1, 1)
_LATER_ROUND: Final = (30, 1, 1)


def attempts(due: float) -> Iterator[float]:
    """When a message that is due at ``due`` is sent, again and again, in seconds."""
    moment = due
    for minutes in chain(_FIRST_ROUND, chain.from_iterable(repeat(_LATER_ROUND))):
        moment += 60.0 * minutes
        yield moment


def arrivals(boot: float, period: float, end: float, is_open: Callable[[float], bool]) -> Iterator[tuple[float, str]]:
    """When the messages of a concentrator arrive before ``end``, and their kinds; the way is open or not."""
    due, kind = boot, "boot"
    while True:
        moment = next(moment for moment in attempts(due) if is_open(moment) or moment >= end)
        if moment >= end:
            return
        yield moment, kind
        due, kind = moment + period, "keepalive"
