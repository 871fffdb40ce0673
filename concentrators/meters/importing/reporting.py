"""What was imported in words, for logs and commands, which are in English (MET-2)."""

from __future__ import annotations

from collections.abc import Iterator

from concentrators.meters.importing.outcome import Imported, ImportRow
from concentrators.models import MeterRowKind

SHOWN = 20  # rows of a kind


def summary_of(imported: Imported) -> Iterator[str]:
    """Line by line: the lists, how many meters, what was passed over, and what is faulty."""
    facts = imported.facts
    if facts.sheet:
        others = f"; not read: {', '.join(facts.other_sheets)}" if facts.other_sheets else ""
        yield f"Sheet “{facts.sheet}” was read, with {facts.hidden_rows} hidden rows{others}."
    for caution in facts.cautions:
        yield f"Caution: {caution}"
    for one in imported.lists:
        part = "whole" if one.whole else "partial"
        yield f"{one.concentrator}: {one.source} of {one.listed_at:%Y-%m-%d %H:%M:%S} UTC, {part}: {one.outcome}"
    yield ", ".join(f"{imported.counts[kind]} {kind.name.lower()}" for kind in MeterRowKind if _is_told(imported, kind))
    for serial, reason in imported.passed_over.items():
        yield f"Passed over: {serial}: {reason}"
    for serial in imported.unknown:
        yield f"Unknown concentrator: {serial}"
    yield from _faults(imported)


def rows_of(imported: Imported, kind: MeterRowKind) -> Iterator[str]:
    """The first rows of a kind: line, concentrator, meter, and what changes from what to what."""
    rows = [row for row in imported.rows if row.kind == kind]
    if rows:
        which = f", of which these are the first {SHOWN}" if len(rows) > SHOWN else ""
        yield f"{kind.name.lower()}: {len(rows)}{which}"
    for row in rows[:SHOWN]:
        yield f"  {_place(row)}: {'; '.join([*map(_difference, row.says), *row.faults]) or '—'}"


def _is_told(imported: Imported, kind: MeterRowKind) -> bool:
    return bool(imported.counts[kind]) or kind in (MeterRowKind.NEW, MeterRowKind.CHANGED, MeterRowKind.UNCHANGED)


def _faults(imported: Imported) -> Iterator[str]:
    faulty = [row for row in imported.rows if row.faults]
    for row in faulty[:SHOWN]:
        yield f"{_place(row)}: {'; '.join(row.faults)}"
    if len(faulty) > SHOWN:
        yield f"and {len(faulty) - SHOWN} more faulty rows"


def _place(row: ImportRow) -> str:
    line = f"line {row.line}" if row.line else ""
    return " ".join(filter(None, (line, row.concentrator, row.meter))) or "file"


def _difference(said: tuple[str, object, object]) -> str:
    name, before, after = said
    return f"{name}: {after}" if before in (None, "") else f"{name}: {before} → {'—' if after is None else after}"
