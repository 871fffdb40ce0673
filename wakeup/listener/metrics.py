"""What a listener has done since it started: plain numbers, changed on its event loop alone (LIS-7)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from smmeplus.dlms.kinds import Kind
from wakeup.models import Reason


@dataclass(slots=True)
class Metrics:
    """Counters that only grow."""

    #: Stored messages by kind and format.
    accepted: Counter[tuple[Kind, int]] = field(default_factory=Counter)
    #: Stored stray frames by reason.
    strays: Counter[Reason] = field(default_factory=Counter)
    #: Frames that could not be stored; their connections were reset.
    failed: int = 0
    #: Datagrams that came while there was no room for them.
    dropped_datagrams: int = 0
    #: Connections accepted.
    connections: int = 0
    #: Connections turned away or cut off, by why: "full", "proxy", "idle", "slow", "not reading".
    cut_off: Counter[str] = field(default_factory=Counter)
