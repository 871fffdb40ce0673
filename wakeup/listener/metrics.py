"""What a listener has done since it started (LIS-7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Histogram

from smmeplus.common.vitals.pages import TIMES_S
from smmeplus.dlms.kinds import Kind
from wakeup.models import Format, StrayReason
from wakeup.models.listeners import WaitsFor
from wakeup.recording.arrivals import Recorded

NAMESPACE = "smmeplus_listener"

BATCH_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
#: Why connections are turned away or cut off.
CUT_OFF = ("full", "network", "address", "displaced", "proxy", "tls", "idle", "slow", "not reading")


class Metrics:
    """Numbers that only grow, in a registry of their own for each listener."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        counter = partial(Counter, namespace=NAMESPACE, registry=self.registry)
        histogram = partial(Histogram, namespace=NAMESPACE, registry=self.registry)
        self.messages = counter("messages", "Messages stored and counted.", ["kind", "format"])
        self.strays = counter("stray_frames", "Frames stored that belong to no concentrator in field.", ["reason"])
        self.surplus = counter("surplus_messages", "Messages above the rate of their sender: counted, not stored.")
        self.elsewhere = counter("messages_from_elsewhere", "Messages of these that are stored, but counted nowhere.")
        self.cut_off = counter("connections_cut_off", "Connections turned away or cut off.", ["why"])
        self.connections = counter("connections", "Connections accepted.")
        self.handshakes = counter("tls_handshakes", "TLS sessions, by whether they name a device.", ["named"])
        self.failed = counter("failed_frames", "Frames not stored, their connections reset.")
        self.dropped_datagrams = counter("dropped_datagrams", "Datagrams without room.")
        self.outside_datagrams = counter("outside_datagrams", "Datagrams from outside LISTENER_NETWORKS, not read.")
        self.batch_sizes = histogram("batch_size", "Frames of one transaction.", buckets=BATCH_SIZES)
        self.commit_s = histogram("commit_seconds", "Time of one transaction.", buckets=TIMES_S)
        self.answer_s = histogram(
            "answer_seconds", "From a batch's oldest frame until all are answered.", buckets=TIMES_S
        )

        self._begin_at_zero()
        self._messages_of = cache(self._find_messages_of)  # finding it costs more than the rest of counting

    def count(self, recorded: Recorded) -> None:
        for kind_and_format, number in recorded.messages.items():
            self._messages_of(kind_and_format).inc(number)
        for reason, number in recorded.strays.items():
            self.strays.labels(reason).inc(number)
        if recorded.surplus:
            self.surplus.inc(recorded.surplus)
        if recorded.elsewhere:
            self.elsewhere.inc(recorded.elsewhere)

    def _begin_at_zero(self) -> None:
        """A rate is none, and the first event missed, where a number appears only with it."""
        for kind, form in product(Kind, Format):
            if form is not Format.IMPORT:
                self._find_messages_of((kind, form))
        for counter, values in (
            (self.strays, StrayReason.values),
            (self.cut_off, CUT_OFF),
            (self.handshakes, ("yes", "no")),
        ):
            for value in values:
                counter.labels(value)

    def _find_messages_of(self, kind_and_format: tuple[Kind, int]) -> Counter:
        kind, form = kind_and_format
        return self.messages.labels(Kind(kind).word, Format(form).name.lower())


def total(counter: Counter) -> int:
    """The sum of ``counter`` over all its labels."""
    return sum(int(sample.value) for family in counter.collect() for sample in family.samples)


@dataclass(frozen=True, slots=True)
class Levels:
    #: Frames of connections that are read and not answered.
    queue: int
    #: Datagrams that are not stored yet.
    datagrams: int
    #: Open connections.
    connections: int
    #: Whether the database takes nothing.
    is_away: bool
    #: Seconds since the listener started.
    uptime_s: float
    #: What a transaction waits for that takes far too long.
    waits_for: WaitsFor = WaitsFor.NOTHING
    #: When the certificate for TLS ends; None without TLS.
    certificate_ends_at: datetime | None = None
