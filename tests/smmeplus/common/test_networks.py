"""Ports, as people and files write them."""

from __future__ import annotations

import pytest

from smmeplus.common.networks import parse_port


@pytest.mark.parametrize(("text", "port"), [("1", 1), ("4059", 4059), ("65535", 65_535)])
def test_a_port_is_a_number_of_16_bits_from_1_on(text: str, port: int) -> None:
    assert parse_port(text) == port


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "1.0", "1_000", " 1 ", "٣", "http", "9" * 5000])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of an ill-formed number there is but one error
        parse_port(text)
