"""PER-8: after a restoration each of 400,000 concentrators calls for the first time, over a connection of its own.

``BENCH_RESTORED`` sets another number of them; the time that they may take is in proportion.
"""

from __future__ import annotations

import os

from concentrators.models import Concentrator, State
from tests.bench.context import Context
from tests.bench.figures import Result, Spread, Target, percentile
from tests.bench.keepalives import boots
from tests.bench.sender import each_once
from tests.bench.senders import Senders
from tests.support.fleet import COMPANY, make_fleet

RESTORED = int(os.environ.get("BENCH_RESTORED", "400_000"))
FULL, WITHIN_S = 400_000, 60
AT_ONCE = 50
MS = 1_000
#: Serial numbers beyond those of the fleet of other measurements.
FIRST = 1_000_000


def measure(context: Context) -> list[Result]:
    """Each message is answered, or this raises; and then each is stored and counted once, or the ledger does."""
    make_fleet(RESTORED * 4 // 3 + 4, days=0, first=FIRST)
    concerned = Concentrator.objects.filter(
        company__name=COMPANY, state=State.IN_FIELD, serial_number__gte=f"{COMPANY.upper()}{FIRST:09}"
    )
    serials = concerned.order_by("?").values_list("serial_number", flat=True)[:RESTORED]
    load = boots(serials)
    outcome = Senders(load, context.stack).send(1, each_once, context.listener.port, AT_ONCE)
    context.ledger.add(outcome.answered)
    target = WITHIN_S * RESTORED / FULL
    return [
        Result(
            "PER-8",
            f"first messages of {RESTORED:,} concentrators, a connection each",
            "s",
            Spread.of([outcome.seconds]),
            target=context.on_postgres(Target("≤", target, "s")),
            notes=[f"{outcome.answered:,} answered, {outcome.rate:,.0f} a second; none refused, none lost"],
        ),
        Result(
            "PER-8",
            "  time of an answer, p99",
            "ms",
            Spread.of([MS * percentile(outcome.times, 0.99)]),
            target=context.on_postgres(Target("<", 100, "ms")),
        ),
    ]
