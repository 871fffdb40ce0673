"""How the bench knows that the sender is not what it measures: who used the processors, and what for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from tests.bench.context import Run
from tests.bench.figures import ratios


def processor_notes(runs: Mapping[str, Sequence[Run]]) -> list[str]:
    """Rates and shares of a processor against each server; medians of its runs."""
    return [_note(name, of_server) for name, of_server in runs.items()]


def sender_note(name: str, by_one: Sequence[Run], by_two: Sequence[Run]) -> str:
    """What the same load reaches if two processes send it: more only if one of them is too few."""
    rates = [[run.outcome.rate for run in runs] for runs in (by_one, by_two)]
    return (
        f"two senders reach {median(rates[1]):,.0f}/s against the {name}, {median(ratios(*reversed(rates))):.2f} x one"
    )


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
