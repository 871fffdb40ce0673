"""What the name of a meter tells, and the one form of a MAC (MET-1)."""

from __future__ import annotations

import pytest

from concentrators.meters.names import canonical_mac, kind_of, manufacturer_of
from concentrators.models import MeterKind


@pytest.mark.parametrize("name", ["CIR2081511137", "cir2081000001", "ZIVS004512345"])
def test_a_meter_of_a_series_of_supervisors_is_one(name: str) -> None:
    assert kind_of(name) is MeterKind.SUPERVISOR


@pytest.mark.parametrize("name", ["CIR2080511137", "ZIV0045123450", "SAG2081511137", "2081511137", "", "ZIVS10451234"])
def test_any_other_meter_is_a_customers(name: str) -> None:
    assert kind_of(name) is MeterKind.CUSTOMER


@pytest.mark.parametrize(
    ("name", "maker"),
    [
        ("CIR2081511137", "CIR"),
        ("ZIVS004512345", "ZIV"),
        ("lgz0014630200", "LGZ"),
        ("XYZ1", "XYZ"),
        ("METER0001", ""),
        ("AB123", ""),
        ("16CEC50600000001", ""),
        ("CIR", ""),
        ("CIR20815111A7", ""),
        ("", ""),
    ],
)
def test_the_maker_is_the_three_letters_before_the_number(name: str, maker: str) -> None:
    assert manufacturer_of(name) == maker


@pytest.mark.parametrize(
    "text",
    [
        "40:40:22:00:a1:b2",
        "0x40402200A1B2",
        "0X40402200a1b2",
        "40402200A1B2",
        "40-40-22-00-A1-B2",
        "4040.2200.A1B2",
        " 40 40 22 00 a1 b2 ",
    ],
)
def test_all_forms_of_a_mac_are_one(text: str) -> None:
    assert canonical_mac(text) == "40402200A1B2"


def test_a_mac_may_have_64_bits() -> None:
    assert canonical_mac("40:40:22:FF:FE:00:A1:B2") == "404022FFFE00A1B2"


@pytest.mark.parametrize(
    "text",
    ["", "CIR2081511137", "40:40:22", "40402200A1B", "40:40:22:00:a1:b2:c3", "FF:FF:FF:FF:FF:FF", "0" * 16, "0x", "::"],
)
def test_anything_else_is_no_mac(text: str) -> None:
    assert canonical_mac(text) == ""
