"""PER-3: how long an answer takes, under the load of PER-1 and alone, against one fdatasync of the same disk."""

from __future__ import annotations

from statistics import median

from tests.bench.context import Context
from tests.bench.figures import Result, Spread, Target, compared, percentile
from tests.bench.floors import fdatasync_times
from tests.bench.per1 import AT_ONCE, one_message_each
from tests.bench.sender import one_after_the_other

MESSAGES = 500
SYNCS = 300


def measure(context: Context) -> list[Result]:
    return [_under_load(context), _alone(context)]


def _under_load(context: Context) -> Result:
    times = [one.listener.outcome.times for one in one_message_each(context)]
    p50, p99 = (Spread.of([1e3 * percentile(round_, share) for round_ in times]) for share in (0.50, 0.99))
    return Result(
        "PER-3",
        f"time to the answer under PER-1, p99 ({AT_ONCE} at once)",
        "ms",
        p99,
        target=context.on_postgres(Target("<", 20, "ms")),
        notes=[f"p50 {p50.median:.2f} ms; both include opening the connection"],
    )


def _alone(context: Context) -> Result:
    figures, floors, tails = [], [], []
    for _ in range(context.rounds):
        floors.append(1e3 * median(fdatasync_times(context.place.directory, SYNCS)))
        run = context.against(context.listener, one_after_the_other, MESSAGES)
        figures.append(1e3 * median(run.outcome.times))
        tails.append(1e3 * percentile(run.outcome.times, 0.99))
    target = context.on_postgres(Target("≤", 6))
    notes = [f"p99 {median(tails):.2f} ms"]
    what = "time to the answer alone, p50 (one connection, one in flight)"
    return compared("PER-3", what, "ms", figures, "one fdatasync", floors, target, notes)
