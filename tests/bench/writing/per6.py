"""PER-6: the configuration writer, and gurux_dlms with as many threads as are best for it, on the same concentrators.

One concentrator is a connection, an association, who it is and six parameters read, the three that differ from those of
the factory written and read back, the release, and, of the writer alone, its state stored.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter
from typing import NamedTuple

from django.utils import timezone

from concentrators.configuration.jobs import claim
from concentrators.models import Configuration, ConfigurationState
from tests.bench.context import Context
from tests.bench.figures import Result, Spread, Target, compared
from tests.bench.per4 import query
from tests.bench.processor import Meter
from tests.bench.writing import by_gurux, by_writer, fleet
from tests.bench.writing.devices import Site, running, sites, with_keys

CONCENTRATORS = 2_000
OF_GURUX = 400  # it is slower
THREADS = (1, 2, 4, 8)
PENDING = 400_000
AT_ONCE = 200  # as many as a writer looks for
_WHAT = "concentrators associated, read, written, read back and stored"


class Half(NamedTuple):
    """One side of a round: concentrators a second, and the seconds of processor time of each process."""

    rate: float
    processor: dict[str, float]

    def note(self, who: str) -> str:
        shares = ", ".join(f"{name} {1e3 / self.rate * share:.2f} ms" for name, share in self.processor.items())
        return f"{who}: of one processor each concentrator takes {shares}"


def measure(context: Context) -> list[Result]:
    return [*_against_gurux(context), *_looking_up(context)]


def _against_gurux(context: Context) -> list[Result]:
    places = sites(CONCENTRATORS)
    fleet.install(places)
    writer = context.stack.enter_context(by_writer.process(context.place.url))
    gurux = context.stack.enter_context(_process())
    database = {"the database": [context.place.server]} if context.place.server else {}
    _by_writer(places, writer, database)
    best = max(THREADS, key=lambda threads: _by_gurux(places[:OF_GURUX], gurux, threads).rate)
    pairs = [
        (_by_writer(places, writer, database), _by_gurux(places[:OF_GURUX], gurux, best)) for _ in range(context.rounds)
    ]
    ours, theirs = zip(*pairs, strict=True)
    ciphered = _ciphered(places, writer, database, context.rounds)
    rates, floors = [half.rate for half in ours], [half.rate for half in theirs]
    notes = [ours[-1].note("the writer"), theirs[-1].note(f"gurux_dlms with {best} threads, which stores nothing")]
    target = context.on_postgres(Target("≥", 500, "concentrators/s"))
    return [
        Result("PER-6", _WHAT, "concentrators/s", Spread.of(rates), target=target, notes=notes),
        compared(
            *(
                "PER-6",
                "the same; the other client stores nothing",
                "concentrators/s",
                rates,
                "gurux_dlms",
                floors,
            ),
            context.on_postgres(Target("≥", 5)),
        ),
        ciphered,
    ]


def _ciphered(places: list[Site], writer: ProcessPoolExecutor, database: dict[str, list[int]], rounds: int) -> Result:
    """The same with GMAC and every APDU ciphered on both sides, beside what it is without."""
    keyed = with_keys(places)
    pairs = []
    for _ in range(rounds):
        fleet.give_keys(keyed)
        half = _by_writer(keyed, writer, database)
        fleet.take_keys()
        pairs.append((half, _by_writer(places, writer, database)))
    ours, plain = zip(*pairs, strict=True)
    rates, floors = [half.rate for half in ours], [half.rate for half in plain]
    notes = [ours[-1].note("the writer, ciphered"), plain[-1].note("the writer")]
    what = "the same with keys: GMAC, ciphered"
    return compared("PER-6", what, "concentrators/s", rates, "without keys", floors, None, notes)


def _by_writer(places: list[Site], writer: ProcessPoolExecutor, database: dict[str, list[int]]) -> Half:
    """Raises AssertionError unless all of them are written then."""
    fleet.make_due()
    with running(places) as devices:
        pid = writer.submit(by_writer.pid).result()
        half = _timed(
            {"the writer": [pid], "the concentrators": [devices], **database},
            lambda: writer.submit(by_writer.work).result(),
            len(places),
        )
    written = Configuration.objects.filter(state=ConfigurationState.WRITTEN).count()
    assert written == len(places), f"{written} of {len(places)} are written"
    return half


def _by_gurux(places: list[Site], gurux: ProcessPoolExecutor, threads: int) -> Half:
    with running(places) as devices:
        pid = gurux.submit(by_writer.pid).result()
        return _timed(
            {"the client": [pid], "the concentrators": [devices]},
            lambda: gurux.submit(by_gurux.work, places, threads).result(),
            len(places),
        )


def _timed(groups: dict[str, list[int]], work: Callable[[], float], count: int) -> Half:
    meter = Meter(groups)
    seconds = work()
    return Half(count / seconds, {name: used / seconds for name, used in meter.seconds().items()})


def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


def _looking_up(context: Context) -> list[Result]:
    """What a look for the next ones costs while 400,000 are pending, without marking them as held."""
    if not context.is_postgres:
        return []
    fleet.install(sites(PENDING)[Configuration.objects.count() :])
    query("VACUUM ANALYZE")
    fleet.make_due()
    figures = [1e3 * _claim_seconds() for _ in range(max(context.rounds, 5))]
    held = Configuration.objects.exclude(held_by="").count()
    notes = [f"{AT_ONCE} of {PENDING:,} at a time, taken and read with what is to be written; {held:,} were held then"]
    target = Target("<", 50, "ms")
    return [Result("PER-6", "a look for what is due", "ms", Spread.of(figures), target=target, notes=notes)]


def _claim_seconds() -> float:
    now = timezone.now()
    began = perf_counter()
    jobs = claim("bench", AT_ONCE, now)
    seconds = perf_counter() - began
    assert len(jobs) == AT_ONCE
    return seconds
