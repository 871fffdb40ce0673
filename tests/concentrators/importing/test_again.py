"""An installation file that waits for its confirmation: read once, checked twice (CON-5)."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from concentrators.importing import UnreadableFile, check, check_again, check_and_pack, sifting, write
from concentrators.importing.columns import ADDRESS, SERIAL_NUMBER
from concentrators.models import Company, Concentrator
from profiles.models import SpontaneousProfile
from tests.factories import CompanyFactory, ConcentratorFactory, ConcentratorTypeFactory, SpontaneousProfileFactory

NOW = datetime(2020, 9, 24, 10, 18, 46, tzinfo=UTC)
LINES = (
    "serial_number,profile,management_ip,substation,customers,feeder",
    "A1,Ten,10.60.0.10,Ñuñoa,7,F1",
    "a2,,,,,",
    "A3,ten",
    "!,,10.60.300.1,,,",
    "A1,,,,,",
    "B1,,,,,",
    "A4,,,,,F1",
    "A5,,,,,F9,?",
    "A6,,,,,F9",
)


@pytest.fixture
def company(db: None) -> Company:
    """With A4 as the file has it and A6 with another feeder; B1 is another company's."""
    ConcentratorTypeFactory.create()
    SpontaneousProfileFactory.create(name="Ten")
    company: Company = CompanyFactory.create()
    for serial in ("A4", "A6"):
        ConcentratorFactory.create(serial_number=serial, company=company, feeder="F1")
    ConcentratorFactory.create(serial_number="B1")
    return company


def source(*lines: str) -> io.BytesIO:
    return io.BytesIO("\n".join(lines).encode())


def packed(company: Company, *lines: str) -> bytes:
    return check_and_pack(source(*lines), company)[1]


@pytest.mark.parametrize("chunk", [1, 4, 2_000])
def test_what_is_unpacked_gives_the_plan_that_the_file_gives(
    company: Company, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sifting, "CHUNK", chunk)
    plan = check(source(*LINES), company)
    tally, kept = check_and_pack(source(*LINES), company)
    assert (tally.counts, tally.errors, tally.error_count) == (plan.counts, plan.errors, plan.error_count)
    assert plan.counts == (3, 1, 1, 4, 2, 0, 0)
    assert check_again(kept, company) == plan


def test_the_second_check_sees_what_the_inventory_has_become(company: Company) -> None:
    kept = packed(company, *LINES)
    ConcentratorFactory.create(serial_number="A2", company=company)
    Concentrator.objects.filter(serial_number="A4").update(feeder="F2")
    assert check_again(kept, company).counts == (2, 2, 1, 4, 2, 0, 0)


def test_a_profile_that_was_renamed_meanwhile_is_the_one_that_was_shown(company: Company) -> None:
    ten = SpontaneousProfile.objects.get()
    kept = packed(company, "serial_number,profile", "A1,Ten")
    SpontaneousProfile.objects.update(name="Decem", name_folded="decem")
    write(check_again(kept, company), company=company, user=None, now=NOW)
    assert Concentrator.objects.get(serial_number="A1").profile == ten


def test_it_is_much_smaller_than_its_file(company: Company) -> None:
    lines = [LINES[0], *(f"A{number},Ten,10.60.0.10,Substation {number % 9},7,F1" for number in range(500))]
    assert len(packed(company, *lines)) < len(source(*lines).getvalue()) / 4


@pytest.mark.parametrize("content", [b"", b"serial_number\nA1\n", b"PK\x03\x04"])
def test_what_was_never_packed_is_refused(company: Company, content: bytes) -> None:
    with pytest.raises(UnreadableFile, match="did not come to its end; upload it again"):
        check_again(content, company)


@settings(derandomize=True)
@given(st.one_of(st.text("0123456789.", min_size=1, max_size=16), st.ip_addresses(v=4).map(str)))
@example("1.2.3.4\n")
@example("1.2.3.04")
@example("1.2.3.4.")
@example("1.2.3.٤")
def test_the_short_cut_for_addresses_takes_what_the_model_takes(text: str) -> None:
    assert bool(ADDRESS.fullmatch(text)) == _takes("management_ip", text)


@settings(derandomize=True)
@given(st.text("09AZaz ß\n", max_size=34))
@example("A" * 32)
@example("A" * 33)
def test_the_short_cut_for_serial_numbers_takes_what_the_model_takes(text: str) -> None:
    assert bool(SERIAL_NUMBER.fullmatch(text)) == _takes("serial_number", text)


def _takes(name: str, text: str) -> bool:
    try:
        field: Any = Concentrator._meta.get_field(name)
        return bool(field.clean(text, None) == text)
    except ValidationError:
        return False
