"""COPY as the source of exports: what is read when, and what becomes of the connection (REP-6, PER-4)."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
import time_machine
from django.db import DataError, InterfaceError, connection
from django.db.models import F, IntegerField, QuerySet, Value
from django.db.models.functions import Cast
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from concentrators.models import Company, Concentrator
from smmeplus.common.exporting import ExportColumn, copying, export, files
from smmeplus.common.exporting.copying import BLOCK_BYTES
from smmeplus.common.lists import ListPage
from tests.factories import ConcentratorTypeFactory
from tests.smmeplus.common.all_lists import LISTS, List, list_views
from tests.smmeplus.populated import BEGIN
from wakeup.monitoring.inventory.views import Inventory

__test__ = connection.vendor == "postgresql"  # elsewhere there is no COPY; see test_exported_files.py

MANY = 3_000
COLUMNS = (ExportColumn("serial_number", "serial_number"), ExportColumn("feeder", "feeder"))
QUOTIENT = ExportColumn("quotient", "quotient")


def is_exported(listed: List) -> bool:
    view: Any = list_views()[listed.view]
    return issubclass(view, ListPage) and (
        bool(view.export_columns) or view.get_export_columns is not ListPage.get_export_columns
    )


def make_many(company: Company) -> QuerySet[Concentrator]:
    """So many concentrators that their file has several blocks, in the order in which they lie in the database."""
    type_ = ConcentratorTypeFactory.create()
    Concentrator.objects.bulk_create(
        Concentrator(serial_number=f"S{number:05}", company=company, type=type_, feeder="F" * 60, customers=number)
        for number in range(MANY)
    )
    return Concentrator.objects.order_by()


def failing_at(rows: QuerySet[Any], number: int) -> QuerySet[Any]:
    """``rows`` with ``quotient``, which has no value in one of them."""
    failing: QuerySet[Any] = rows.annotate(quotient=Cast(Value(1), IntegerField()) / (F("customers") - number))
    return failing


def begun(rows: QuerySet[Any], file_format: str = "csv", *more: ExportColumn) -> StreamingHttpResponse:
    """The answer with the file, as Django has it when the view is done."""
    response: Any = export(rows, (*COLUMNS, *more), file_format=file_format, name="test")
    rendered: StreamingHttpResponse = response.render()
    return rendered


#: Python writes their files: no query has their rows.
COMPUTED = {"reports:days", "reports:reliability"}


@pytest.mark.django_db  # so that it runs where the others of this file do
def test_there_are_lists_to_export() -> None:
    assert {"concentrators:list", "reports:wakeup"} <= {one.view for one in LISTS if is_exported(one)}


@pytest.mark.django_db
@pytest.mark.parametrize("listed", [one for one in filter(is_exported, LISTS) if one.view not in COMPUTED], ids=str)
@time_machine.travel(BEGIN, tick=False)
def test_the_file_of_every_list_comes_by_copy_and_is_the_one_that_python_writes(
    client: Client, full: Company, listed: List, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = [listed.url(export=file_format) for file_format in ("csv", "json")]
    with CaptureQueriesContext(connection) as queries:
        by_copy = [client.get(address).getvalue() for address in addresses]
    assert sum(query["sql"].startswith("COPY (") for query in queries) == len(addresses)
    for name in ("csv_copy", "json_copy"):
        monkeypatch.setattr(files, name, lambda rows, columns: None)
    assert [client.get(address).getvalue() for address in addresses] == by_copy
    assert by_copy[0].count(b"\n") > 25


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_a_long_file_comes_in_blocks_of_whole_lines(chile: Company, file_format: str) -> None:
    blocks = list(begun(make_many(chile), file_format))
    assert len(blocks) > 2
    assert all(BLOCK_BYTES <= len(block) < BLOCK_BYTES + 1_000 for block in blocks[:-2])
    assert b"".join(blocks).count(b"F" * 60) == MANY


@pytest.mark.django_db
def test_a_file_that_ends_with_a_full_block_is_whole(chile: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "BLOCK_BYTES", 1)
    rows = make_many(chile)[:3]
    assert len(json.loads(begun(rows, "json").getvalue())) == 3
    assert len(begun(rows).getvalue().splitlines()) == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("file_format", ["csv", "json", "xlsx"])
def test_a_client_that_goes_away_leaves_a_connection_that_can_be_used(chile: Company, file_format: str) -> None:
    response = begun(make_many(chile), file_format)
    next(iter(response))
    response.close()
    assert Concentrator.objects.count() == MANY
    assert_idle()


@pytest.mark.django_db(transaction=True)
def test_so_does_one_that_goes_before_the_first_byte(chile: Company) -> None:
    begun(make_many(chile)).close()
    assert Concentrator.objects.count() == MANY
    assert_idle()


def assert_idle() -> None:
    assert connection.connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_an_error_in_the_middle_breaks_the_file_off(chile: Company, file_format: str) -> None:
    blocks = iter(begun(failing_at(make_many(chile), MANY - 1), file_format, QUOTIENT))
    assert not next(blocks).endswith(b"]")
    with pytest.raises(DataError, match="division by zero"):
        list(blocks)
    assert Concentrator.objects.count() == MANY
    assert_idle()


@pytest.mark.django_db
def test_an_error_before_the_first_byte_is_the_error_of_a_page(
    client: Client, full: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Inventory, "export_columns", (*COLUMNS, QUOTIENT))
    monkeypatch.setattr(Inventory, "get_queryset", lambda self: failing_at(Concentrator.objects.all(), 0))
    client.raise_request_exception = False
    assert client.get("/concentrators/?export=csv").status_code == 500


@pytest.mark.django_db(transaction=True)
def test_what_is_asked_meanwhile_on_the_connection_is_refused_and_does_not_wait_for_ever(chile: Company) -> None:
    response = begun(make_many(chile))
    with pytest.raises(InterfaceError, match="busy with an export"):
        chile.refresh_from_db()
    assert len(response.getvalue().splitlines()) == MANY + 1
    chile.refresh_from_db()


@pytest.mark.django_db(transaction=True)
def test_a_short_file_keeps_the_connection_busy_no_longer_than_its_view_lasts(chile: Company) -> None:
    response = begun(make_many(chile)[:100])
    assert Concentrator.objects.count() == MANY
    assert len(response.getvalue().splitlines()) == 101
