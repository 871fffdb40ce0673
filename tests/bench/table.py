"""Results as a table to read and as JSON to keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tests.bench.figures import Result, Spread


def table(results: Sequence[Result], compared_with: str = "floor") -> str:
    """One line a result, and under it what explains it; ``compared_with`` heads the other figures."""
    header = ("", "what", "figure", compared_with, "ratio", "target", "")
    rows = [_cells(result) for result in results]
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [_line(header, widths)]
    for result, row in zip(results, rows, strict=True):
        lines.append(_line(row, widths))
        lines += [f"         {note}" for note in result.notes]
    return "\n".join(lines)


def as_json(results: Mapping[str, Iterable[Result]], about: Mapping[str, str]) -> dict[str, Any]:
    """All results by database, for ``json.dump``."""
    return {
        "about": dict(about),
        "databases": {
            database: [
                asdict(result) | {"target": str(result.target or ""), "met": result.is_met} for result in of_database
            ]
            for database, of_database in results.items()
        },
    }


def _cells(result: Result) -> tuple[str, ...]:
    floor = f"{_spread(result.floor)} {result.floor_name}" if result.floor else ""
    return (
        result.requirement,
        result.what,
        f"{_spread(result.figure)} {result.unit}",
        floor,
        _spread(result.ratio) if result.ratio else "",
        str(result.target or ""),
        result.verdict,
    )


def _spread(spread: Spread) -> str:
    middle, low, high = map(_number, spread)
    return middle if low == high else f"{middle} ({low} … {high})"


def _number(value: float) -> str:
    """Three digits that count, and all of those before the point."""
    decimals = next((places for limit, places in ((100, 0), (10, 1)) if abs(value) >= limit), 2)
    return f"{value:,.{decimals}f}"


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    return "  ".join(_padded(cells, widths)).rstrip()


def _padded(cells: Iterable[str], widths: Iterable[int]) -> Iterator[str]:
    return (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
