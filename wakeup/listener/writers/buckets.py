"""How many messages of each sender are stored (SEC-2); what is above is answered as usual and counted by the minute.

Each sender has a bucket, from which a message takes one place and into which places come back with time::

    60 a minute, 120 at once: who has been silent may send 120 messages in one second, and then one a second
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from smmeplus.dlms.kinds import Kind
from wakeup.formats.seals import Seal
from wakeup.recording.arrivals import Arrival

MINUTE_S = 60.0
MAX_SENDERS = 500_000  # that are remembered; a bucket is forgotten as soon as it is full again

LOST = 1e-6  # places, at most, in sums of fractions


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages a minute, and at once; 0 a minute means no limit."""

    of_serial: int = 0
    burst_of_serial: int = 0
    of_address: int = 0

    @property
    def burst_of_address(self) -> int:
        return 2 * self.of_address


class Buckets:
    """The places that serial numbers and addresses have taken.

    ``is_shared`` tells the addresses of balancers, behind which many concentrators are. Every message looks here, so
    there is no clock and no object for each sender.
    """

    def __init__(self, rates: Rates, is_shared: Callable[[str], bool] = lambda _address: False) -> None:
        self._rates = rates
        self._limits_serials, self._limits_addresses = rates.of_serial > 0, rates.of_address > 0
        self._room_of_serial = max(rates.burst_of_serial, 1) - 1 + LOST
        self._room_of_address = max(rates.burst_of_address, 1) - 1 + LOST
        self._by_serial: dict[str, float] = {}
        self._by_address: dict[str, float] = {}
        self._is_shared = is_shared
        self._let_through: set[tuple[str, Kind]] = set()  # within this minute
        self._minute_s = 0.0  # of it that has passed
        self._at: float | None = None

    @property
    def senders(self) -> int:
        """How many are remembered."""
        return len(self._by_serial) + len(self._by_address)

    def refill(self, now: float) -> None:
        """Give places back for the time since the last call, in seconds by a clock. To be called every few seconds."""
        seconds, self._at = now - (now if self._at is None else self._at), now
        self._by_serial = _refilled(self._by_serial, seconds * self._rates.of_serial / MINUTE_S)
        self._by_address = _refilled(self._by_address, seconds * self._rates.of_address / MINUTE_S)
        self._minute_s += seconds
        if self._minute_s >= MINUTE_S:
            self._minute_s = 0.0
            self._let_through.clear()

    def sender_above(self, arrival: Arrival, is_behind_balancer: bool = False) -> str | None:
        """Who has sent more than is stored, if ``arrival`` is above: its serial number or its address."""
        if self._limits_serials:
            sender = arrival.serial if arrival.seal is None else _bucket_of(arrival.serial, arrival.seal)
            taken = self._by_serial.get(sender, 0)
            if taken > self._room_of_serial:
                return None if self._is_first(arrival, sender) else arrival.serial
            self._by_serial[sender] = taken + 1
        if self._limits_addresses and not is_behind_balancer:
            return self._address_above(arrival)
        return None

    def _address_above(self, arrival: Arrival) -> str | None:
        address = arrival.source_ip
        if self._is_shared(address):
            return None
        taken = self._by_address.get(address, 0)
        if taken > self._room_of_address:
            return None if self._is_first(arrival, arrival.serial) else address
        self._by_address[address] = taken + 1
        return None

    def _is_first(self, arrival: Arrival, sender: str) -> bool:
        """Whether ``arrival`` is the first boot, last gasp or other message of ``sender`` within this minute.

        *Other* too, because for some type of concentrator it may mean one of these.
        """
        first = (sender, arrival.kind)
        if arrival.kind == Kind.KEEPALIVE or first in self._let_through or len(self._let_through) >= MAX_SENDERS:
            return False
        self._let_through.add(first)
        return True


def _bucket_of(serial: str, seal: Seal) -> str:
    """What is plain or sent again may be anybody's, so it takes no place of what only the device itself can send."""
    return f"{serial} again" if seal.is_old else f"{serial} ciphered"  # no serial number has a blank


def _refilled(taken: dict[str, float], back: float) -> dict[str, float]:
    """``taken`` less ``back`` places of each; who has taken none is forgotten."""
    left = {sender: places - back for sender, places in taken.items() if places > back}
    if len(left) > MAX_SENDERS:  # of a flood those that came first are forgotten
        left = dict(islice(left.items(), len(left) - MAX_SENDERS, None))
    return left


UNLIMITED = Buckets(Rates())
