"""What is to happen by the words of the requirements alone: what the product's code is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, repeat
from typing import Final

#: Minutes from one attempt to the next, while none gets through.
_FIRST_ROUND: Final = (0, 1, 1, 1)
_LATER_ROUND: Final = (30, 1, 1)

#: From which status a silence does not lead to this one: who has never called goes straight to unreachable.
_SKIPPED: Final = {"late": ("never called", "unreachable"), "unreachable": ("unreachable",)}

#: When a message came in, its kind, and when it was sent by its device's clock, if that says so; in seconds.
Heard = tuple[float, str, float | None]


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


def changes(period: float, heard: Sequence[Heard], end: float) -> Iterator[tuple[float, str, str]]:
    """When the status of a concentrator changes, to what and why, by STA-1 and STA-2.

    It was installed at 0 s, and ``heard`` are its messages in the order of time. A last gasp that was sent before the
    last wake-up, by the device's own clock, says nothing.
    """
    yield 0.0, "never called", "operator"
    status, due, called = "never called", period, None
    for moment, kind, clock in (*heard, (end, "end", None)):
        for tail, worse in ((60.0, "late"), (240.0, "unreachable")):
            if due + tail < moment and status not in _SKIPPED[worse]:
                status = worse
                yield due + tail, worse, "silence"
        is_old = clock is not None and called is not None and clock < called
        if kind == "lastgasp" and status != "unreachable" and not is_old:
            status = "unreachable"
            yield moment, status, "last gasp"
        elif kind in ("boot", "keepalive"):
            if status != "reachable":
                yield moment, "reachable", "message"
            status, due, called = "reachable", moment + period, clock
