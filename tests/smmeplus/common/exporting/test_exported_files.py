"""What stands in exported files, on any database: what PostgreSQL writes by COPY, Python writes elsewhere (REP-6)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    DurationField,
    Field,
    FloatField,
    IntegerField,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast

from concentrators.models import Company, Concentrator
from smmeplus.common.exporting import ExportColumn, csv_blocks
from smmeplus.common.exporting.files import json_blocks
from tests.factories import ConcentratorTypeFactory

pytestmark = pytest.mark.django_db

#: Texts, and what stands for them in a file.
TEXTS = {
    "": "",
    " ": " ",
    " blanks ": " blanks ",
    "a,b": '"a,b"',
    'say "so"': '"say ""so"""',
    '"': '""""',
    "two\nlines": '"two\nlines"',
    "old\rlines": '"old\rlines"',
    "both\r\nlines": '"both\r\nlines"',
    "\\.": "\\.",
    "\\N\\n\\\\": "\\N\\n\\\\",
    "NULL": "NULL",
    "50 % of %s": "50 % of %s",
    "a;b\tc": "a;b\tc",
    "'quoted'": "'quoted'",
    "=1+1": "'=1+1",
    "+1": "'+1",
    "-1,5": '"\'-1,5"',
    "@x": "'@x",
    "\uff1d1+1": "'\uff1d1+1",
    "\uff0b1": "'\uff0b1",
    "\uff0d1": "'\uff0d1",
    "\uff20x": "'\uff20x",
    "\ufe661": "'\ufe661",
    "\ufe621": "'\ufe621",
    "\ufe631": "'\ufe631",
    "\ufe6bx": "'\ufe6bx",
    "1\uff1d1": "1\uff1d1",
    "\tx": "'\tx",
    "\rx": '"\'\rx"',
    " =1": " =1",
    "Ñuñoa 東京 🔌": "Ñuñoa 東京 🔌",
    "e\u0301\u202e\u00a0\ufeff": "e\u0301\u202e\u00a0\ufeff",
    "\x01\x02\x1f\x7f": "\x01\x02\x1f\x7f",
}
#: Times in UTC with a zone, and what stands for them there.
MOMENTS = [
    ("2020-09-06 03:59:59.999999", "America/Santiago", "2020-09-05T23:59:59.999999-04:00"),
    ("2020-09-06 04:00:00", "America/Santiago", "2020-09-06T01:00:00.000000-03:00"),
    ("2020-04-05 02:59:59", "America/Santiago", "2020-04-04T23:59:59.000000-03:00"),
    ("2020-04-05 03:00:00.5", "America/Santiago", "2020-04-04T23:00:00.500000-04:00"),
    ("2020-09-23 12:00:00.000001", "Asia/Kolkata", "2020-09-23T17:30:00.000001+05:30"),
    ("2020-09-23 12:00:00.1", "America/St_Johns", "2020-09-23T09:30:00.100000-02:30"),
    ("2020-09-23 12:00:00", "Asia/Kathmandu", "2020-09-23T17:45:00.000000+05:45"),
    ("2020-09-23 12:00:00", "Pacific/Kiritimati", "2020-09-24T02:00:00.000000+14:00"),
    ("2020-07-01 12:00:00", "Europe/London", "2020-07-01T13:00:00.000000+01:00"),
    ("2020-12-01 12:00:00", "Europe/London", "2020-12-01T12:00:00.000000+00:00"),
    ("2020-12-31 23:59:59.999999", None, "2020-12-31T23:59:59.999999+00:00"),
    ("1900-01-01 12:00:00", "America/Santiago", "1900-01-01T07:17:15.000000-04:42:45"),
    ("0001-02-03 12:00:00", None, "0001-02-03T12:00:00.000000+00:00"),
    ("9999-06-30 12:00:00", None, "9999-06-30T12:00:00.000000+00:00"),
]


def csv_of(rows: QuerySet[Any], *columns: ExportColumn) -> str:
    return b"".join(csv_blocks(rows, columns)).decode()


def json_of(rows: QuerySet[Any], *columns: ExportColumn) -> Any:
    return json.loads(b"".join(json_blocks(rows, columns)))


def make(company: Company, texts: Sequence[str]) -> QuerySet[Concentrator]:
    """Concentrators with these texts as their feeders, in this order."""
    type_ = ConcentratorTypeFactory.create()
    Concentrator.objects.bulk_create(
        Concentrator(serial_number=f"S{number:05}", company=company, type=type_, feeder=text, customers=number)
        for number, text in enumerate(texts)
    )
    return Concentrator.objects.order_by("serial_number")


def test_any_text_stands_in_a_file_as_it_is_and_is_no_formula(chile: Company) -> None:
    rows = make(chile, list(TEXTS))
    columns = (ExportColumn("customers", "customers"), ExportColumn("feeder", "feeder"))
    content = csv_of(rows, *columns)
    assert content == "\ufeffcustomers,feeder\n" + "".join(
        f"{number},{text}\n" for number, text in enumerate(TEXTS.values())
    )
    read = [row[1] for row in csv.reader(io.StringIO(content, newline=""))][1:]
    assert [text.removeprefix("'") for text in read] == [text.removeprefix("'") for text in TEXTS]
    assert json_of(rows, *columns) == [{"customers": n, "feeder": text} for n, text in enumerate(TEXTS)]


def test_times_keep_their_microseconds_and_tell_the_offset_of_that_moment(chile: Company) -> None:
    for moment, zone, written in MOMENTS:
        at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        rows = make(chile, ["x"]).annotate(at=Value(at, DateTimeField()))
        columns = (ExportColumn("n", "customers"), ExportColumn("at", "at", ZoneInfo(zone) if zone else None))
        assert csv_of(rows, *columns).splitlines()[1] == f"0,{written}"
        assert json_of(rows, *columns) == [{"n": 0, "at": written}]
        rows.delete()


@pytest.mark.parametrize(
    ("value", "field", "in_csv", "in_json"),
    [
        (None, CharField(), "", None),
        (None, IntegerField(), "", None),
        (None, BooleanField(), "", None),
        (None, DateField(), "", None),
        (None, DateTimeField(), "", None),
        (-7, IntegerField(), "-7", -7),
        (True, BooleanField(), "True", True),
        (False, BooleanField(), "False", False),
        (date(2020, 9, 3), DateField(), "2020-09-03", "2020-09-03"),
        (0.1, FloatField(), "0.1", 0.1),
        (1e22, FloatField(), "1e+22", 1e22),
    ],
    ids=lambda value: value.__class__.__name__ if isinstance(value, Field) else repr(value),
)
def test_a_value_of_any_type_stands_there_as_python_writes_it(
    chile: Company, value: Any, field: Field[Any, Any], in_csv: str, in_json: Any
) -> None:
    rows = make(chile, ["x"]).annotate(value=Cast(Value(value), field))
    columns = (ExportColumn("value", "value"), ExportColumn("again", "value", ZoneInfo("America/Santiago")))
    assert csv_of(rows, *columns) == f"\ufeffvalue,again\n{in_csv},{in_csv}\n"
    assert json_of(rows, *columns) == [{"value": in_json, "again": in_json}]


def test_a_type_that_the_database_writes_in_another_way_is_left_to_python(chile: Company) -> None:
    rows = make(chile, ["x"]).annotate(lasted=Value(timedelta(days=1, seconds=1), DurationField()))
    content = csv_of(rows, ExportColumn("n", "customers"), ExportColumn("lasted", "lasted"))
    assert content.endswith('0,"1 day, 0:00:01"\n')


def test_an_empty_cell_of_a_lone_column_is_still_a_row(chile: Company) -> None:
    rows = make(chile, ["", "\\.", "x"])
    assert list(csv.reader(io.StringIO(csv_of(rows, ExportColumn("feeder", "feeder"))))) == [
        ["\ufefffeeder"], [""], ["\\."], ["x"],
    ]  # fmt: skip


def test_addresses_and_names_of_others_stand_there_or_nothing(chile: Company) -> None:
    make(chile, ["x", "y"])
    Concentrator.objects.filter(feeder="y").update(management_ip="10.60.0.10")
    columns = (ExportColumn("profile", "profile__name"), ExportColumn("management_ip", "management_ip"))
    rows = Concentrator.objects.order_by("-feeder")
    assert csv_of(rows, *columns) == "\ufeffprofile,management_ip\n,10.60.0.10\n,\n"
    assert json_of(rows, *columns) == [
        {"profile": None, "management_ip": "10.60.0.10"},
        {"profile": None, "management_ip": None},
    ]


def test_no_rows_are_an_empty_file(chile: Company) -> None:
    make(chile, ["x"])
    columns = (ExportColumn("a", "feeder"), ExportColumn("b", "customers"))
    for rows in (
        Concentrator.objects.none(),
        Concentrator.objects.filter(pk__in=[]),
        Concentrator.objects.filter(pk=0),
    ):
        assert csv_of(rows, *columns) == "\ufeffa,b\n"
        assert b"".join(json_blocks(rows, columns)) == b"[]"
