"""Expressions by which PostgreSQL writes the same text for a value as Python does (REP-4, REP-6).

Types that are not listed here are left to Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Expression,
    Field,
    Func,
    JSONField,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Greatest, Least, NullIf, Ord
from django.db.models.lookups import Exact, In, LessThan
from django.db.models.sql.compiler import SQLCompiler

from smmeplus.common.exporting.columns import FORMULA_STARTS, GUARD

Text = Callable[[Expression, tzinfo], Expression]


class Cell(Expression):
    """The column ``name`` of a subquery, with values of the type of ``field``."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, _compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        return connection.ops.quote_name(self.name), ()


def as_it_is(cell: Expression, _zone: tzinfo) -> Expression:
    """COPY writes the same as Python."""
    return cell


def escaped(cell: Expression, _zone: tzinfo) -> Expression:
    """A text, with an apostrophe if it looks like a formula. An empty one becomes NULL, because COPY would quote it."""
    is_formula = In(Ord(cell), [ord(start) for start in FORMULA_STARTS])
    text = NullIf(cell, Value(""))
    return Case(When(is_formula, then=_joined(Value(GUARD), cell)), default=text, output_field=CharField())


def truth(cell: Expression, _zone: tzinfo) -> Expression:
    return Case(When(cell, then=Value("True")), When(~cell, then=Value("False")), output_field=CharField())


def day(cell: Expression, _zone: tzinfo) -> Expression:
    """``2020-09-23``, whatever the server's DateStyle."""
    return _to_char(cell, "YYYY-MM-DD")


def fraction(cell: Expression, _zone: tzinfo) -> Expression:
    """``100.0`` as Python has it, where PostgreSQL says ``100``; both go over to exponents only from 1e15 on."""
    return _replaced(Cast(cell, TextField()), r"^(-?\d+)$", r"\1.0")


def json_fraction(cell: Expression, zone: tzinfo) -> Expression:
    """The same, as a number of JSON."""
    return Cast(fraction(cell, zone), JSONField())


def moment(cell: Expression, zone: tzinfo) -> Expression:
    """``2020-09-23T09:00:00.000000-03:00``: always with six digits, as who reads a column of them expects."""
    here, utc = _at(cell, Value(str(zone))), _at(cell, Value("UTC"))
    return _joined(_clock(here), Value("+00:00") if zone is UTC else _offset(here, utc, zone))


def moment_at_home(cell: Expression, own_zone: Expression, usual: Expression) -> Expression:
    """The same in the zone that ``own_zone`` names; ``usual`` where it is empty."""
    here, utc = _at(cell, own_zone), _at(cell, Value("UTC"))
    at_home = _joined(_clock(here), _any_offset(here, utc))
    return Case(When(Exact(own_zone, Value("")), then=usual), default=at_home, output_field=CharField())


def _clock(here: Expression) -> Expression:
    return _to_char(here, 'YYYY-MM-DD"T"HH24:MI:SS.US')


def _offset(here: Expression, utc: Expression, zone: tzinfo) -> Expression:
    """``-03:00``: the difference between the clock ``here`` and UTC."""
    gap = here - utc
    usual = [When(Exact(gap, Value(offset)), then=Value(text)) for text, offset in _usual_offsets(zone).items()]
    return Case(*usual, default=_any_offset(here, utc))


def _usual_offsets(zone: tzinfo) -> dict[str, timedelta | None]:
    """The offsets from 2000 to 2039 by their texts. Comparing takes a fifth of the time of making the text."""
    months = (datetime(year, month, 1, tzinfo=zone) for year in range(2000, 2040) for month in range(1, 13))
    return {moment.isoformat()[19:]: moment.utcoffset() for moment in months}


def _any_offset(here: Expression, utc: Expression) -> Expression:
    """The text of any offset, with seconds if it has some, as before 1900."""
    sign = Case(When(LessThan(here, utc), then=Value("-")), default=Value("+"))
    gap = _to_char(Greatest(here, utc) - Least(here, utc), "HH24:MI:SS")
    return _joined(sign, _replaced(gap, ":00$", ""))


def _at(cell: Expression, zone: Expression) -> Expression:
    return Func(zone, cell, function="timezone", output_field=DateTimeField())


def _replaced(text: Expression, pattern: str, by: str) -> Expression:
    return Func(text, Value(pattern), Value(by), function="regexp_replace", output_field=CharField())


def _joined(*texts: Expression) -> Expression:
    """All texts joined; NULL if one of them is, unlike Django's Concat."""
    return Func(*texts, template="(%(expressions)s)", arg_joiner=" || ", output_field=CharField())


def _to_char(cell: Any, pattern: str) -> Expression:
    return Func(cell, Value(pattern), function="to_char", output_field=CharField())


_ANY: Mapping[str, Text] = {
    "GenericIPAddressField": as_it_is,
    "DateField": day,
    "DateTimeField": moment,
    "UUIDField": as_it_is,
    **dict.fromkeys(
        (
            "SmallIntegerField",
            "IntegerField",
            "BigIntegerField",
            "PositiveSmallIntegerField",
            "PositiveIntegerField",
            "PositiveBigIntegerField",
            "BigAutoField",
            "ForeignKey",  # its key, which is a number
        ),
        as_it_is,
    ),
}
#: By Django's name of the type of a column.
CSV_TEXTS: Mapping[str, Text] = {
    **_ANY,
    "CharField": escaped,
    "TextField": escaped,
    "BooleanField": truth,
    "FloatField": fraction,
}
JSON_VALUES: Mapping[str, Text] = {
    **_ANY,
    **dict.fromkeys(("CharField", "TextField", "BooleanField"), as_it_is),
    "FloatField": json_fraction,
}
