"""Names of files, which help only where the content says nothing (MET-2)."""

from __future__ import annotations

from datetime import datetime

import pytest

from concentrators.meters.stg.names import FileName, read_name
from tests.concentrators.meters.stg.documents import CONCENTRATOR, cnc, document, meter, received, s24

MADE = datetime(2026, 11, 29, 12)  # noqa: DTZ001 - a wall clock


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("CIR9990000001_188DE4_S24_0_20261129120000", FileName(CONCENTRATOR, 0x188DE4, MADE)),
        ("cir9990000001_0_s24_1_20261129120000.gz", FileName(CONCENTRATOR, 0, MADE)),
        ("CIR9990000001_0_S24_20261129120000", FileName(CONCENTRATOR, 0, MADE)),
        ("in/box/CIR9990000001_0_S24_0_20261129120000.xml", FileName(CONCENTRATOR, 0, MADE)),
        ("C:\\in\\CIR9990000001_0_S24_0_20261129120000", FileName(CONCENTRATOR, 0, MADE)),
        ("CIR9990000001_0_G02_0_20261129120000 (2)", FileName(CONCENTRATOR, 0, MADE)),
        ("CIR9990000001_S24", FileName(CONCENTRATOR, None, None)),
        ("CIR9990000001_xyz_S24_0_20261329120000", FileName(CONCENTRATOR, None, None)),
        ("CIR 1_0_S24_0_20261129", FileName("", 0, None)),
        ("S24_0_20261129120000", FileName()),
        ("list.csv", FileName()),
        ("", FileName()),
        ("_" * 300, FileName()),
    ],
)
def test_each_part_may_lack(name: str, found: FileName) -> None:
    assert read_name(name) == found


def test_the_content_is_trusted_more() -> None:
    plain = document(cnc(s24(meter())))
    named = received(plain, file_name="ZIV0000000001_FF_G02_1_20200101000000")
    assert (named.rows, named.listed_at, named.request_id) == (received(plain).rows, received(plain).listed_at, 0)
    assert named.file_name == "ZIV0000000001_FF_G02_1_20200101000000"


@pytest.mark.parametrize(("name", "kept"), [("x" * 300, "x" * 255), ("a\0b", "a�b"), ("a\udcffb", "a?b")])
def test_a_name_is_kept_as_a_database_takes_it(name: str, kept: str) -> None:
    assert received(document(cnc(s24())), file_name=name).file_name == kept
