"""How the bench knows that the sender is not what it measures: who used the processors, and what for."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from tests.bench.context import Run


def processor_notes(echoes: Sequence[Run], listeners: Sequence[Run]) -> list[str]:
    """Rates and shares of a processor, against the echo server and against the listener; medians of the rounds."""
    return [_note(name, runs) for name, runs in (("echo server", echoes), ("listener", listeners)) if runs]


def _note(name: str, runs: Sequence[Run]) -> str:
    rate = median(run.outcome.rate for run in runs)
    shares = ", ".join(
        f"{who if who != 'server' else 'it'} {_busy(runs, who):.0%} ({_microseconds(runs, who):.3g} µs a message)"
        for who in runs[0].processor
    )
    return f"against the {name} {rate:,.0f}/s; of one processor: {shares}"


def _busy(runs: Sequence[Run], who: str) -> float:
    return median(run.busy(who) for run in runs)


def _microseconds(runs: Sequence[Run], who: str) -> float:
    return median(1e6 * run.processor[who] / run.outcome.answered for run in runs)
